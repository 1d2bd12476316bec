//! The one task that fetches: there is never a second fetch beside it.
//!
//! 1. fetch, in at most the timeout
//! 2. publish what came; what failed leaves the keys as they are
//! 3. pause, during which nobody can ask for a fetch
//! 4. wait until the interval is over or a request wants a fetch, whichever comes first
//!
//! A failure is tried again after 1 s, 2 s, 4 s and so on, up to the pause: by then requests may ask
//! anyway.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::builder::Options;
use super::state::{Phase, State};
use super::{FetchError, FetchKeySet, telemetry};
use crate::jwt::{KeySet, UnusableKey};

pub(super) struct Task<F> {
    pub(super) fetcher: Arc<F>,
    pub(super) options: Options,
    pub(super) state: watch::Sender<State>,
}

impl<F: FetchKeySet> Task<F> {
    /// Runs until it is aborted.
    pub(super) async fn run(self) {
        loop {
            self.state.send_modify(|state| state.phase = Phase::Fetching);
            let fetched = self.fetch().await;
            let wait = self.publish(fetched);
            self.rest(wait).await;
        }
    }

    async fn fetch(&self) -> Result<(KeySet, Vec<UnusableKey>), FetchError> {
        // A task of its own: a panic in a transport ends one fetch, not all of them. The set aborts
        // it when it is dropped.
        let mut fetch = JoinSet::new();
        let fetcher = Arc::clone(&self.fetcher);
        fetch.spawn(async move { fetcher.fetch().await });
        let document = match timeout(self.options.timeout, fetch.join_next()).await {
            Ok(Some(Ok(document))) => document?,
            Ok(Some(Err(_)) | None) => return Err(FetchError::Panicked),
            Err(_) => return Err(FetchError::Timeout(self.options.timeout)),
        };
        KeySet::from_published_jwks(&document).map_err(FetchError::Document)
    }

    /// Publishes a fetch's outcome, and returns how long to wait for the next.
    fn publish(&self, fetched: Result<(KeySet, Vec<UnusableKey>), FetchError>) -> Duration {
        let mut wait = self.options.interval;
        let before = self.state.borrow().published.clone();
        self.state.send_modify(|state| {
            let now = Instant::now();
            match fetched {
                Ok((keys, left_out)) => state.succeed(keys, left_out, now),
                Err(error) => {
                    state.fail(error);
                    wait = wait.min(self.backoff(state.failures));
                }
            }
            state.pause(wait, now);
        });
        telemetry::fetched(&self.options.name, before.as_ref(), &self.state.borrow());
        wait
    }

    fn backoff(&self, failures: u32) -> Duration {
        let doubled = 2_u64.saturating_pow(failures.saturating_sub(1));
        Duration::from_secs(doubled).min(self.options.pause)
    }

    async fn rest(&self, wait: Duration) {
        let pause = self.options.pause.min(wait);
        sleep(pause).await;
        if pause < wait {
            self.state.send_modify(|state| state.phase = Phase::Idle);
            let mut state = self.state.subscribe();
            let wanted = state.wait_for(|state| state.phase == Phase::Wanted);
            // Either way the next fetch is due.
            let _ = timeout(wait - pause, wanted).await;
        }
    }
}

/// However the task ends, nobody waits for it any more.
impl<F> Drop for Task<F> {
    fn drop(&mut self) {
        self.state.send_modify(|state| state.phase = Phase::Ended);
    }
}
