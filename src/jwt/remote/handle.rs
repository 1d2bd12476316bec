//! Which keys a request is judged by.
//!
//! 1. there are none yet, or they are too stale → those of the fetch that is under way or that this
//!    causes; if that brings none, or none may begin: `X503BZ`
//! 2. the token names no `kid`, or a key has it → those that are there, without waiting
//! 3. the `kid` was looked for in vain a short while ago, is too long to be looked for, or no fetch may
//!    begin → those that are there; the key without `kid` is used, or it is `A403JK`
//! 4. otherwise → those of the fetch that is under way or that this causes
//!
//! The `kid` was looked for in vain if a fetch that began after the request does not bring it. One that
//! was under way may have missed what the issuer has published meanwhile.
//!
//! A request never fetches. It waits for the task, which bounds its fetches; nobody reads a clock
//! meanwhile.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use super::absent::AbsentKids;
use super::builder::Options;
use super::state::{Joined, Phase, State};
use super::task::Task;
use super::{FetchError, FetchKeySet, HttpsKeySet, RemoteKeysBuilder, RemoteKeysStatus};
use crate::error::{Rejection, StoreError};
use crate::jwt::keys::Held;
use crate::jwt::{Algorithm, JwtConfigError};

/// The keys that an issuer publishes, kept fresh by a task.
///
/// Clones are cheap and the same keys. The task ends when the last one is dropped.
///
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use countersign::jwt::{JwtPolicy, JwtVerifier, RemoteKeys};
/// use countersign::store::MemoryReplayStore;
/// use std::time::Duration;
///
/// let keys = RemoteKeys::from_url("https://login.example.com/.well-known/jwks.json")?;
/// keys.ready(Duration::from_secs(10)).await?; // or let the readiness probe ask `is_ready`
/// let policy = JwtPolicy::new().with_issuers(["https://login.example.com"]);
/// let verifier = JwtVerifier::new(policy, keys.clone(), MemoryReplayStore::new())?;
/// # let _ = verifier;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RemoteKeys(Arc<Inner>);

struct Inner {
    state: watch::Sender<State>,
    absent: AbsentKids,
    options: Options,
    runtime: Runtime,
    task: AbortHandle,
}

impl RemoteKeys {
    /// The keys at an `https` URL, with every default. To be called on a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] for another scheme, or outside of a tokio runtime.
    pub fn from_url(url: &str) -> Result<Self, JwtConfigError> {
        Self::builder(HttpsKeySet::builder(url).build()?).start()
    }

    /// The keys that `fetcher` gets.
    pub fn builder<F: FetchKeySet>(fetcher: F) -> RemoteKeysBuilder<F> {
        RemoteKeysBuilder::new(fetcher)
    }

    pub(super) fn start(fetcher: impl FetchKeySet, options: Options, runtime: Runtime) -> Self {
        let state = watch::Sender::new(State::new());
        let fetcher = Arc::new(fetcher);
        let task = Task { fetcher, options: options.clone(), state: state.clone() };
        let task = runtime.spawn(task.run()).abort_handle();
        Self(Arc::new(Inner { state, absent: AbsentKids::default(), options, runtime, task }))
    }

    /// Waits until there are keys, at most `within`.
    ///
    /// # Errors
    ///
    /// What became of the last fetch, if there are none by then.
    pub async fn ready(&self, within: Duration) -> Result<(), FetchError> {
        let mut state = self.0.state.subscribe();
        let is_over = |state: &State| self.usable(state).is_some() || state.phase == Phase::Ended;
        let waiting = {
            // The caller may be on a runtime without a timer, or on none.
            let _on_the_tasks_runtime = self.0.runtime.enter();
            timeout(within, state.wait_for(is_over))
        };
        // What counts is what there is now.
        drop(waiting.await);
        match self.is_ready() {
            true => Ok(()),
            false => Err(self.status().last_error.unwrap_or(FetchError::Timeout(within))),
        }
    }

    /// Whether there are keys that may be used: for a readiness probe.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.current().is_some()
    }

    /// How the keys and the fetching are: for a health check.
    #[must_use]
    pub fn status(&self) -> RemoteKeysStatus {
        RemoteKeysStatus::of(&self.0.state.borrow())
    }

    /// The keys, unless there are none that may be used.
    pub(in crate::jwt) fn current(&self) -> Option<Held> {
        self.usable(&self.0.state.borrow()).cloned()
    }

    fn usable<'s>(&self, state: &'s State) -> Option<&'s Held> {
        let published = state.published.as_ref()?;
        match self.0.options.max_staleness {
            Some(limit) if published.at.elapsed() > limit => None,
            _ => Some(&published.held),
        }
    }

    /// The keys for a token that names this `kid` and algorithm.
    pub(in crate::jwt) async fn holding(
        &self,
        kid: Option<&str>,
        algorithm: Option<Algorithm>,
    ) -> Result<Held, Rejection> {
        let Some(held) = self.current() else {
            self.fetched().await;
            return self.current().ok_or_else(|| self.unavailable());
        };
        let is_there = |held: &Held, kid: &str| held.keys.named(kid, algorithm).is_some();
        let Some(kid) = kid.filter(|kid| !is_there(&held, kid)) else {
            return Ok(held);
        };
        let (absent, life) = (&self.0.absent, self.0.options.absence());
        if absent.contains(kid, held.generation, life) {
            return Ok(held);
        }
        let Some(fetch) = self.fetched().await else {
            return Ok(held);
        };
        let held = self.current().ok_or_else(|| self.unavailable())?;
        if fetch.begins_later && !is_there(&held, kid) {
            // After a failure nothing is known of the `kid`.
            if let Some(at) = self.0.state.borrow().succeeded_last() {
                absent.insert(kid, held.generation, at, life);
            }
        }
        Ok(held)
    }

    /// Waits for the fetch that is under way or that this causes. `None`: none may begin now.
    async fn fetched(&self) -> Option<Joined> {
        let mut joined = None;
        self.0.state.send_if_modified(|state| {
            let before = state.phase;
            joined = state.want();
            state.phase != before
        });
        let fetch = joined?;
        let is_over = |state: &State| state.ended > fetch.ended || state.phase == Phase::Ended;
        self.0.state.subscribe().wait_for(is_over).await.ok().map(|_| fetch)
    }

    /// `X503BZ`: that there are no keys is no fault of the caller's.
    fn unavailable(&self) -> Rejection {
        let state = self.0.state.borrow();
        let cause = match (&state.last_error, state.phase) {
            (Some(error), _) => error.clone(),
            (None, Phase::Ended) => FetchError::Ended,
            (None, _) => FetchError::Timeout(self.0.options.timeout),
        };
        let wait = state.due.map(|due| due.saturating_duration_since(Instant::now()));
        let rejection: Rejection = StoreError::unavailable(cause).into();
        match wait {
            Some(wait) if !wait.is_zero() => rejection.with_retry_after(wait),
            _ => rejection,
        }
    }
}

/// The last clone takes the task with it.
impl Drop for Inner {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKeys")
            .field("name", &self.0.options.name)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
