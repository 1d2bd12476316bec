//! The knobs of the Redis store.

use std::sync::Arc;
use std::time::Duration;

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisResult};

use super::RedisReplayStore;
use super::breaker::Breaker;
use super::connect::{Soundness, Target};
use super::keys::Keys;
use super::link::Link;
use super::passed::Passed;
use crate::clock::{Clock, SystemClock};

/// How much longer than its `until` a key is kept. By so much may Redis's clock be put back before a
/// key is missed, and as far may a replica's clock be ahead when it is promoted.
pub(super) const MARGIN: Duration = Duration::from_secs(60);

/// A configuration of a [`RedisReplayStore`] that could not work, or would not protect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedisConfigError {
    /// The URL is none of Redis, or asks for what is not there. It is not shown: it may have a
    /// password.
    #[error("the Redis URL cannot be used: {0}")]
    Url(String),
    /// A prefix that is empty or has a brace: it could not be a cluster's hash tag.
    #[error("the prefix is empty or has a brace")]
    Prefix,
    /// A deadline of nothing.
    #[error("the deadline is zero")]
    Deadline,
    /// A clock tolerance outside its bounds: less than the deadline, and a slow answer would look
    /// like a wrong clock; more than a minute, and keys could expire too early.
    #[error("the clock tolerance is not between the deadline and 60 s")]
    ClockTolerance,
}

/// Configures a [`RedisReplayStore`]; see the [module](super) for the knobs.
#[derive(Clone, Debug)]
#[must_use = "call `build` to get a store"]
pub struct RedisReplayStoreBuilder {
    info: RedisResult<ConnectionInfo>,
    prefix: String,
    deadline: Duration,
    clock_tolerance: Duration,
    longest_window: Duration,
    breaker_threshold: u32,
    breaker_pause: Duration,
    check_interval: Duration,
    replicas: u32,
    soundness: Soundness,
    clock: Arc<dyn Clock>,
}

impl RedisReplayStoreBuilder {
    pub(super) fn new(server: impl IntoConnectionInfo) -> Self {
        Self {
            info: server.into_connection_info(),
            prefix: "countersign".to_owned(),
            deadline: Duration::from_millis(250),
            clock_tolerance: Duration::from_secs(2),
            longest_window: Duration::ZERO,
            breaker_threshold: 5,
            breaker_pause: Duration::from_secs(1),
            check_interval: Duration::from_secs(5),
            replicas: 0,
            soundness: Soundness::Checked,
            clock: Arc::new(SystemClock),
        }
    }

    /// What the keys' names begin with, in braces: stores that share it share nonces. Default:
    /// `countersign`.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long a claim may take, connecting included. Default: 250 ms, a hundred times what Redis
    /// needs in a data centre, and what a caller hardly notices.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How far Redis's clock may be from this machine's before claims are refused. Default: 2 s,
    /// more than synchronised clocks and a slow network differ by, and far less than the minute that
    /// keys outlive their `until`. At least the deadline, at most a minute.
    pub fn with_clock_tolerance(mut self, tolerance: Duration) -> Self {
        self.clock_tolerance = tolerance;
        self
    }

    /// Keeps a key at least this long after its request was signed. Default: zero, a key is kept for
    /// the window that its own verifier judges by. If services of one name have different windows, or
    /// a window is being made longer, this must be the longest on every node: otherwise a request
    /// that a short window let go is fresh for a long one.
    pub fn with_longest_window(mut self, window: Duration) -> Self {
        self.longest_window = window;
        self
    }

    /// How many failures in a row make the store stop asking, for how long. Default: 5 and 1 s: one
    /// lost connection does not open it, and an outage costs each node one attempt in a second.
    pub fn with_breaker(mut self, failures: u32, pause: Duration) -> Self {
        (self.breaker_threshold, self.breaker_pause) = (failures, pause);
        self
    }

    /// How long a connection is trusted before it is checked again. Default: 5 s, which is how long an
    /// eviction policy that somebody sets may go unnoticed. The next claims wait for the check: one
    /// `INFO` and a script.
    pub fn with_check_interval(mut self, interval: Duration) -> Self {
        self.check_interval = interval;
        self
    }

    /// How many replicas must have acknowledged a claim before it is fresh (`WAIT`). Default: 0,
    /// because all claims of a node then wait for a replica in turn. If too few do within half of the
    /// deadline, the request is refused and its nonce is used.
    pub fn with_acknowledging_replicas(mut self, replicas: u32) -> Self {
        self.replicas = replicas;
        self
    }

    /// This machine's clock. Default: the system's.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Does not check that the server is a master, never evicts, and is the one that it was, for a
    /// user who may not call `INFO`. Default: it is checked. If the server is not as you say, or
    /// restarts with an old snapshot, requests are accepted twice.
    pub fn dangerously_assume_server_is_sound(mut self) -> Self {
        self.soundness = Soundness::Assumed;
        self
    }

    /// The store. It connects with the first claim, or with [`RedisReplayStore::ready`].
    ///
    /// # Errors
    ///
    /// [`RedisConfigError`].
    pub fn build(self) -> Result<RedisReplayStore, RedisConfigError> {
        let info = self.info.map_err(|error| RedisConfigError::Url(error.to_string()))?;
        if matches!(info.addr(), ConnectionAddr::TcpTls { insecure: true, .. }) {
            let problem = "a certificate that is not verified protects nothing";
            return Err(RedisConfigError::Url(problem.to_owned()));
        }
        if self.prefix.is_empty() || self.prefix.contains(['{', '}']) {
            return Err(RedisConfigError::Prefix);
        }
        if self.deadline.is_zero() {
            return Err(RedisConfigError::Deadline);
        }
        if !(self.deadline..=MARGIN).contains(&self.clock_tolerance) {
            return Err(RedisConfigError::ClockTolerance);
        }
        #[cfg(feature = "redis-tls")]
        if matches!(info.addr(), ConnectionAddr::TcpTls { .. }) {
            super::tls::choose_provider();
        }
        let keys = Keys::new(&self.prefix);
        let target = Target {
            info,
            keys: keys.clone(),
            soundness: self.soundness,
            clock_tolerance: self.clock_tolerance,
            clock: Arc::clone(&self.clock),
        };
        let link = Link::new(target, self.check_interval);
        Ok(RedisReplayStore {
            link: Arc::new(link),
            breaker: Breaker::new(self.breaker_threshold, self.breaker_pause),
            keys,
            deadline: self.deadline,
            clock_tolerance: self.clock_tolerance,
            longest_window: self.longest_window,
            replicas: self.replicas,
            passed: Passed::default(),
            clock: self.clock,
        })
    }
}
