//! What can be set before the first look-up.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::CachedCredentials;
use super::entry::Lifetimes;
use crate::clock::{Clock, SystemClock};
use crate::store::CredentialStore;

/// Configures a [`CachedCredentials`].
///
/// ```
/// use std::time::Duration;
/// use countersign::store::{CachedCredentials, MemoryCredentials};
///
/// let database = MemoryCredentials::default(); // in a service, a slow one
/// let credentials = CachedCredentials::builder(database)
///     .with_ttl(Duration::from_secs(15))
///     .with_stale_if_error(Duration::from_secs(300))
///     .build();
/// # let _ = credentials;
/// ```
#[derive(Clone)]
#[must_use = "call `build` to get a store"]
pub struct CachedCredentialsBuilder<S> {
    pub(super) store: S,
    pub(super) lifetimes: Lifetimes,
    pub(super) negative_ttl: Duration,
    pub(super) capacity: u64,
    pub(super) negative_capacity: u64,
    pub(super) load_timeout: Duration,
    pub(super) max_loads: usize,
    pub(super) max_unknown_per_second: u32,
    pub(super) clock: Arc<dyn Clock>,
}

impl<S: CredentialStore> CachedCredentialsBuilder<S> {
    pub(super) fn new(store: S) -> Self {
        let ttl = Duration::from_secs(60);
        Self {
            store,
            lifetimes: Lifetimes { ttl, stale_if_error: Duration::ZERO },
            negative_ttl: Duration::from_secs(5),
            capacity: 10_000,
            negative_capacity: 10_000,
            load_timeout: Duration::from_secs(5),
            max_loads: 256,
            max_unknown_per_second: 200,
            clock: Arc::new(SystemClock),
        }
    }

    /// How long an app is served from memory, from the moment its load began; 60 seconds by default.
    /// So long a revoked app may go on, unless it is
    /// [invalidated](CachedCredentials::invalidate_key).
    pub fn with_ttl(mut self, ttl: Duration) -> Self {
        self.lifetimes.ttl = ttl;
        self
    }

    /// How long a credential that the store does not know is taken to be unknown; 5 seconds by
    /// default, which is how long a new app may have to wait for its first call.
    pub fn with_negative_ttl(mut self, ttl: Duration) -> Self {
        self.negative_ttl = ttl;
        self
    }

    /// How long an app that has become too old is served while the store cannot be asked; zero by
    /// default, because a revoked app would go on as long. An app's own
    /// [expiry](crate::credential::App::expires_at) always ends it.
    pub fn with_stale_if_error(mut self, span: Duration) -> Self {
        self.lifetimes.stale_if_error = span;
        self
    }

    /// How many apps are held; 10,000 by default, at about 1 KiB each. Those that are asked for most
    /// stay.
    pub fn with_capacity(mut self, apps: u64) -> Self {
        self.capacity = apps;
        self
    }

    /// How many unknown credentials are held, in a place of their own; 10,000 by default, ten times
    /// what [the rate](Self::with_max_unknown_per_second) lets in within their 5 seconds.
    pub fn with_negative_capacity(mut self, credentials: u64) -> Self {
        self.negative_capacity = credentials;
        self
    }

    /// How long a look-up in the backing store may take before it counts as failed; 5 seconds by
    /// default. All that wait for it wait no longer.
    pub fn with_load_timeout(mut self, timeout: Duration) -> Self {
        self.load_timeout = timeout;
        self
    }

    /// How many credentials of which the cache holds no app are looked up at a time; 256 by default,
    /// some times a usual pool of connections. More are refused with
    /// [`StoreError::Busy`](crate::store::StoreError::Busy). Refreshes do not count.
    pub fn with_max_loads(mut self, concurrent: usize) -> Self {
        self.max_loads = concurrent;
        self
    }

    /// How many look-ups a second may come to nothing; 200 by default, which a database hardly feels,
    /// and at least 1. Beyond that, credentials of which the cache holds no app are refused with
    /// [`StoreError::Busy`](crate::store::StoreError::Busy) for a moment, good ones among them.
    pub fn with_max_unknown_per_second(mut self, look_ups: u32) -> Self {
        self.max_unknown_per_second = look_ups;
        self
    }

    /// The clocks that decide what is served; [`SystemClock`] by default.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// An empty cache in front of the store.
    #[must_use]
    pub fn build(self) -> CachedCredentials<S> {
        CachedCredentials::with(self)
    }
}

/// The settings: what a store shows of itself is its own.
impl<S> fmt::Debug for CachedCredentialsBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedCredentialsBuilder")
            .field("lifetimes", &self.lifetimes)
            .field("negative_ttl", &self.negative_ttl)
            .field("capacity", &self.capacity)
            .field("negative_capacity", &self.negative_capacity)
            .field("load_timeout", &self.load_timeout)
            .field("max_loads", &self.max_loads)
            .field("max_unknown_per_second", &self.max_unknown_per_second)
            .finish_non_exhaustive()
    }
}
