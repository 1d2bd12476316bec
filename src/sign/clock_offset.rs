//! How far a server's clock is from one's own.

use std::time::Duration;

use crate::clock::UnixMillis;

/// What is added to one's own time to get a server's. Arithmetic saturates.
///
/// ```
/// use countersign::{clock::UnixMillis, sign::ClockOffset};
/// use std::time::Duration;
///
/// let (own, server) = (UnixMillis::new(1_700_000_000_000), UnixMillis::new(1_699_999_990_000));
/// let offset = ClockOffset::between(own, server);
/// assert_eq!(offset, ClockOffset::behind(Duration::from_secs(10)));
/// assert_eq!(offset.applied_to(own), server);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockOffset(i64);

impl ClockOffset {
    /// The clocks agree. The default.
    pub const ZERO: Self = Self(0);

    /// The server's clock is ahead by `span`.
    #[must_use]
    pub fn ahead(span: Duration) -> Self {
        Self(millis(span))
    }

    /// The server's clock is behind by `span`.
    #[must_use]
    pub fn behind(span: Duration) -> Self {
        Self(-millis(span))
    }

    /// The offset that leads from `own` to `server`.
    #[must_use]
    pub fn between(own: UnixMillis, server: UnixMillis) -> Self {
        if server < own { Self::behind(own.since(server)) } else { Self::ahead(server.since(own)) }
    }

    /// The server's time when one's own is `own`.
    #[must_use]
    pub const fn applied_to(self, own: UnixMillis) -> UnixMillis {
        UnixMillis::new(own.get().saturating_add_signed(self.0))
    }

    /// How far apart the clocks are, either way.
    #[must_use]
    pub const fn magnitude(self) -> Duration {
        Duration::from_millis(self.0.unsigned_abs())
    }

    /// In milliseconds, negative if the server's clock is behind.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// From milliseconds, negative if the server's clock is behind.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
