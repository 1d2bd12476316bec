//! How a key set is kept fresh, knob by knob.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::{FetchKeySet, RemoteKeys};
use crate::jwt::JwtConfigError;

/// Configures and starts [`RemoteKeys`].
///
/// | knob | default | why |
/// |---|---|---|
/// | [`with_name`](Self::with_name) | `default` | tells several issuers apart in logs and metrics |
/// | [`with_refresh_interval`](Self::with_refresh_interval) | 10 minutes | how long a key that the issuer withdraws is still accepted |
/// | [`with_refetch_pause`](Self::with_refetch_pause) | 30 seconds | callers choose `kid`s: without a pause each could be made a request to the issuer |
/// | [`with_fetch_timeout`](Self::with_fetch_timeout) | 5 seconds | a request with an unknown `kid` waits that long at most |
/// | [`with_absent_kid_memory`](Self::with_absent_kid_memory) | the refetch pause | a longer one spares the issuer fetches, but lets whoever guesses a `kid` keep it out for so long |
/// | [`with_max_staleness`](Self::with_max_staleness) | no limit | an issuer's outage is not to become ours |
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use countersign::jwt::remote::{HttpsKeySet, RemoteKeys};
/// use std::time::Duration;
///
/// let endpoint = HttpsKeySet::builder("https://login.example.com/keys").build()?;
/// let keys = RemoteKeys::builder(endpoint)
///     .with_name("login")
///     .with_max_staleness(Duration::from_secs(24 * 60 * 60))
///     .start()?;
///
/// let refused = HttpsKeySet::builder("http://login.example.com/keys").build().unwrap_err();
/// assert_eq!(refused.to_string(), "url: the scheme is not https");
/// # let _ = keys;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is fetched before it is started"]
pub struct RemoteKeysBuilder<F> {
    fetcher: F,
    options: Options,
}

#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) name: Arc<str>,
    pub(super) interval: Duration,
    pub(super) pause: Duration,
    pub(super) timeout: Duration,
    absence: Option<Duration>,
    pub(super) max_staleness: Option<Duration>,
}

impl Options {
    /// How long a `kid` that was not found is not looked for.
    pub(super) fn absence(&self) -> Duration {
        self.absence.unwrap_or(self.pause)
    }
}

impl<F: FetchKeySet> RemoteKeysBuilder<F> {
    pub(super) fn new(fetcher: F) -> Self {
        let options = Options {
            name: "default".into(),
            interval: Duration::from_secs(10 * 60),
            pause: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            absence: None,
            max_staleness: None,
        };
        Self { fetcher, options }
    }

    /// What these keys are called in events, and in the label `name` of metrics. Default: `default`.
    pub fn with_name(mut self, name: impl AsRef<str>) -> Self {
        self.options.name = name.as_ref().into();
        self
    }

    /// How long after a successful fetch the next one begins; at least 1 s. What the endpoint's
    /// `Cache-Control` says is not looked at. Default: 10 minutes.
    pub fn with_refresh_interval(mut self, interval: Duration) -> Self {
        self.options.interval = interval.max(LEAST);
        self
    }

    /// How long after a fetch, successful or not, an unknown `kid` causes no other; at least 1 s.
    /// Failed fetches are tried again after 1 s, 2 s, 4 s and so on up to this. Default: 30 s.
    pub fn with_refetch_pause(mut self, pause: Duration) -> Self {
        self.options.pause = pause.max(LEAST);
        self
    }

    /// How long a fetch may take in all: connecting, headers, body. Default: 5 s.
    pub fn with_fetch_timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// How long a `kid` that was looked for and not found is refused without looking again, counted
    /// from the end of the fetch that did not bring it. At most 1,024 are remembered, and none when the
    /// key set changes.
    ///
    /// By default it is no longer than the refetch pause, during which nothing is looked for anyway. A
    /// longer one spares the issuer the fetches that a client with a wrong `kid` causes again and again.
    /// **Whoever guesses a `kid` before it is published then keeps it out for so long.**
    /// Default: the refetch pause.
    pub fn with_absent_kid_memory(mut self, life: Duration) -> Self {
        self.options.absence = Some(life);
        self
    }

    /// How long after the last successful fetch keys are used; after that every request is `X503BZ`.
    /// It bounds what someone gains who keeps us from the endpoint to hide that a key was withdrawn.
    /// Default: no limit, since whoever cannot reach the issuer can still tell its signatures, and
    /// tokens end by themselves.
    pub fn with_max_staleness(mut self, limit: Duration) -> Self {
        self.options.max_staleness = Some(limit);
        self
    }

    /// Starts fetching, on the tokio runtime that this is called on; it needs time enabled, and IO for
    /// [`HttpsKeySet`](super::HttpsKeySet). It goes on until the last clone of the keys is dropped.
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] outside of a tokio runtime, or if keys would be too stale before they are
    /// due to be fetched again.
    pub fn start(self) -> Result<RemoteKeys, JwtConfigError> {
        if self.options.max_staleness.is_some_and(|limit| limit < self.options.interval) {
            let problem = "it is shorter than the refresh interval";
            return Err(JwtConfigError::new("max_staleness", problem));
        }
        let runtime = Handle::try_current()
            .map_err(|_| JwtConfigError::new("", "there is no tokio runtime to fetch keys on"))?;
        Ok(RemoteKeys::start(self.fetcher, self.options, runtime))
    }
}

/// Nothing is fetched, and nothing tried again, more often.
const LEAST: Duration = Duration::from_secs(1);
