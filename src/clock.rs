//! Time, injected: nothing else in the crate reads a clock.
//!
//! Two clocks are needed. Freshness is judged by the *wall* clock, because a timestamp in a request
//! is wall time. Forgetting a nonce additionally needs the *monotonic* clock, because a wall clock
//! can be stepped, and a step must neither reopen a window nor lock callers out.
//!
//! A test that moves the time gives the verifier and the replay store the same [`ManualClock`]:
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use countersign::clock::{ManualClock, UnixMillis};
//! use countersign::store::{MemoryCredentials, MemoryReplayStore};
//! use countersign::verify::Verifier;
//!
//! let clock = Arc::new(ManualClock::at(UnixMillis::new(1_700_000_000_000)));
//! let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
//! let verifier = Verifier::new(MemoryCredentials::default(), replay).with_clock(Arc::clone(&clock));
//! // … send a request stamped 1700000000000: it is fresh, and again it is a replay. Then:
//! clock.advance(Duration::from_secs(901));
//! // … and it is stale.
//! # let _ = verifier;
//! ```

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

/// A point in wall time: milliseconds since the Unix epoch, the unit of `X-Ca-Timestamp`.
///
/// Arithmetic saturates, so a window of decades or a hostile timestamp cannot overflow.
///
/// ```
/// use countersign::clock::UnixMillis;
/// use std::time::Duration;
///
/// let signed = UnixMillis::new(1_646_365_291_734);
/// assert_eq!(signed.saturating_add(Duration::from_secs(900)).get(), 1_646_366_191_734);
/// assert_eq!(UnixMillis::MAX.saturating_add(Duration::MAX), UnixMillis::MAX);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(u64);

impl UnixMillis {
    /// The epoch itself.
    pub const ZERO: Self = Self(0);
    /// The latest representable instant.
    pub const MAX: Self = Self(u64::MAX);

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn new(millis: u64) -> Self {
        Self(millis)
    }

    /// The number of milliseconds since the Unix epoch.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// This instant plus `span`, or [`UnixMillis::MAX`].
    #[must_use]
    pub fn saturating_add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }

    /// This instant minus `span`, or the epoch.
    #[must_use]
    pub fn saturating_sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }

    /// How long after `earlier` this instant is; zero if it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// An instant before 1970 is the epoch.
impl From<SystemTime> for UnixMillis {
    fn from(time: SystemTime) -> Self {
        Self(time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, millis))
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

fn millis(span: Duration) -> u64 {
    span.as_secs().saturating_mul(1_000).saturating_add(span.subsec_millis().into())
}

/// A source of wall and monotonic time.
///
/// [`SystemClock`] is the default everywhere; tests use [`ManualClock`].
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The wall time as it reads now. It may jump in either direction.
    fn wall(&self) -> UnixMillis;

    /// Time that has run since some fixed start. It never goes back.
    fn monotonic(&self) -> Duration;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn wall(&self) -> UnixMillis {
        (**self).wall()
    }

    fn monotonic(&self) -> Duration {
        (**self).monotonic()
    }
}

/// The operating system's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[allow(clippy::disallowed_methods, reason = "the one place that reads the system's clocks")]
impl Clock for SystemClock {
    fn wall(&self) -> UnixMillis {
        // A clock set before 1970 reads as the epoch: every timestamp is then far in the future.
        SystemTime::now().into()
    }

    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }
}

/// A clock that moves only when told to, for tests.
///
/// ```
/// use countersign::clock::{Clock, ManualClock, UnixMillis};
/// use std::time::Duration;
///
/// let clock = ManualClock::at(UnixMillis::new(1_000));
/// clock.advance(Duration::from_millis(500));
/// assert_eq!(clock.wall(), UnixMillis::new(1_500));
///
/// // A step of the wall clock leaves the monotonic clock alone.
/// clock.step_wall_to(UnixMillis::new(0));
/// assert_eq!(clock.wall(), UnixMillis::ZERO);
/// assert_eq!(clock.monotonic(), Duration::from_millis(500));
/// ```
#[derive(Debug, Default)]
pub struct ManualClock {
    wall: AtomicU64,
    monotonic: AtomicU64,
}

impl ManualClock {
    /// A clock whose wall time is `wall` and whose monotonic time is zero.
    #[must_use]
    pub fn at(wall: UnixMillis) -> Self {
        Self { wall: AtomicU64::new(wall.0), monotonic: AtomicU64::new(0) }
    }

    /// Lets `span` pass on both clocks.
    pub fn advance(&self, span: Duration) {
        self.monotonic.fetch_add(millis(span), Ordering::SeqCst);
        self.step_wall_to(self.wall().saturating_add(span));
    }

    /// Sets the wall clock, as an administrator or a time daemon would.
    pub fn step_wall_to(&self, wall: UnixMillis) {
        self.wall.store(wall.0, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> UnixMillis {
        UnixMillis(self.wall.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.monotonic.load(Ordering::SeqCst))
    }
}
