//! The one connection that all claims share, made when it is needed, by one attempt at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::connect::{Live, Target};
use super::fault::Fault;
use super::telemetry;
use crate::clock::Clock;

/// How long an attempt may take. A claim waits for its own deadline, which is shorter; the attempt
/// goes on for the next one. Enough for TCP, TLS, a log-in and the checks between continents.
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);

type Attempt = watch::Receiver<Option<Result<Arc<Live>, Fault>>>;

pub(super) struct Link {
    target: Target,
    check_interval: Duration,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

enum State {
    Down,
    Connecting(Attempt),
    Up(Arc<Live>),
}

impl Link {
    pub(super) fn new(target: Target, check_interval: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { target, check_interval, clock, state: Mutex::new(State::Down) }
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// The connection; if there is none, the outcome of the attempt to make it.
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
        match &*state {
            State::Up(live) => {
                let live = Arc::clone(live);
                if live.is_due(self.clock.monotonic(), self.check_interval) {
                    runtime.spawn(Arc::clone(self).recheck(Arc::clone(&live)));
                }
                return Ok(Ok(live));
            }
            // An attempt whose task is gone would be waited for without end.
            State::Connecting(attempt) if attempt.has_changed().is_ok() => {
                return Ok(Err(attempt.clone()));
            }
            State::Connecting(_) | State::Down => {}
        }
        let (outcome, attempt) = watch::channel(None);
        *state = State::Connecting(attempt.clone());
        // A task of its own: the claim that needs it first may be cancelled.
        runtime.spawn(Arc::clone(self).connect(outcome));
        Ok(Err(attempt))
    }

    async fn connect(self: Arc<Self>, report: watch::Sender<Option<Result<Arc<Live>, Fault>>>) {
        let connecting = self.target.connect(self.clock.monotonic());
        let outcome = match tokio::time::timeout(CONNECT_DEADLINE, connecting).await {
            Ok(outcome) => outcome.map(Arc::new),
            Err(_) => Err(Fault::ConnectDeadline(CONNECT_DEADLINE)),
        };
        telemetry::connected(&outcome);
        *self.state() = match &outcome {
            Ok(live) => State::Up(Arc::clone(live)),
            Err(_) => State::Down,
        };
        report.send_replace(Some(outcome));
    }

    async fn recheck(self: Arc<Self>, live: Arc<Live>) {
        let checking = live.recheck(&self.target);
        if !matches!(tokio::time::timeout(CONNECT_DEADLINE, checking).await, Ok(Ok(()))) {
            self.forget(|there_is| Arc::ptr_eq(there_is, &live));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
