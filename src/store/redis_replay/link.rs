//! The one connection that all claims share, made when it is needed, by one attempt at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::connect::{Live, Target};
use super::fault::Fault;
use super::telemetry;

/// How long an attempt may take. A claim waits for its own deadline, which is shorter; the attempt
/// goes on for the next one. Enough for TCP, TLS, a log-in and the checks between continents.
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);

/// How long a connection that stands may take to be checked again before another is made.
const CHECK_DEADLINE: Duration = Duration::from_secs(1);

type Attempt = watch::Receiver<Option<Result<Arc<Live>, Fault>>>;

pub(super) struct Link {
    target: Target,
    check_interval: Duration,
    state: Mutex<State>,
}

enum State {
    Down,
    Connecting(Attempt),
    Up(Arc<Live>),
}

impl Link {
    pub(super) fn new(target: Target, check_interval: Duration) -> Self {
        Self { target, check_interval, state: Mutex::new(State::Down) }
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// The connection; if there is none, or none that was checked lately, the outcome of the attempt
    /// to get one.
    pub(super) async fn live(self: &Arc<Self>) -> Result<Arc<Live>, Fault> {
        let mut attempt = match self.up_or_attempt()? {
            Ok(live) => return Ok(live),
            Err(attempt) => attempt,
        };
        let outcome = attempt.wait_for(Option::is_some).await;
        match outcome.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            Ok(None) | Err(_) => Err(Fault::Aborted),
        }
    }

    /// Forgets a connection if `fault` puts its server in doubt. What was sent through it is not sent
    /// again.
    pub(super) fn blame(&self, live: &Arc<Live>, fault: &Fault) {
        if fault.doubts_the_server() {
            self.forget(|there_is| Arc::ptr_eq(there_is, live));
        }
    }

    /// Forgets the connection that there is: it may lead nowhere.
    pub(super) fn reset(&self) {
        self.forget(|_| true);
    }

    fn forget(&self, is_it: impl FnOnce(&Arc<Live>) -> bool) {
        let mut state = self.state();
        if matches!(&*state, State::Up(live) if is_it(live)) {
            *state = State::Down;
        }
    }

    fn up_or_attempt(self: &Arc<Self>) -> Result<Result<Arc<Live>, Attempt>, Fault> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| Fault::NoRuntime)?;
        let mut state = self.state();
        let stands = match &*state {
            State::Up(live) if live.is_due(self.target.clock.monotonic(), self.check_interval) => {
                Some(Arc::clone(live))
            }
            State::Up(live) => return Ok(Ok(Arc::clone(live))),
            // An attempt whose task is gone would be waited for without end.
            State::Connecting(attempt) if attempt.has_changed().is_ok() => {
                return Ok(Err(attempt.clone()));
            }
            State::Connecting(_) | State::Down => None,
        };
        let (report, attempt) = watch::channel(None);
        *state = State::Connecting(attempt.clone());
        // A task of its own: the claim that needs it first may be cancelled.
        runtime.spawn(Arc::clone(self).attempt(stands, report));
        Ok(Err(attempt))
    }

    async fn attempt(
        self: Arc<Self>,
        stands: Option<Arc<Live>>,
        report: watch::Sender<Option<Result<Arc<Live>, Fault>>>,
    ) {
        let outcome = match self.check_again(stands).await {
            Some(live) => Ok(live),
            None => self.connect().await,
        };
        *self.state() = match &outcome {
            Ok(live) => State::Up(Arc::clone(live)),
            Err(_) => State::Down,
        };
        report.send_replace(Some(outcome));
    }

    async fn check_again(&self, stands: Option<Arc<Live>>) -> Option<Arc<Live>> {
        let live = stands?;
        let checking = live.is_still_sound(&self.target);
        let is_sound = tokio::time::timeout(CHECK_DEADLINE, checking).await.unwrap_or(false);
        is_sound.then_some(live)
    }

    async fn connect(&self) -> Result<Arc<Live>, Fault> {
        let connecting = tokio::time::timeout(CONNECT_DEADLINE, self.target.connect());
        let outcome = connecting.await.unwrap_or(Err(Fault::ConnectDeadline(CONNECT_DEADLINE)));
        telemetry::connected(&outcome);
        outcome.map(Arc::new)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
