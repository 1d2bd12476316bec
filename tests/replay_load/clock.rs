//! This machine's clock, which may be wrong.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use countersign::clock::{Clock, SystemClock, UnixMillis};

/// The system's clock, so many milliseconds ahead. Redis reads the system's own: a shift of ours is
/// one of Redis's, the other way round.
#[derive(Debug, Default)]
pub(crate) struct Shifted(AtomicI64);

impl Shifted {
    pub(crate) fn by(&self, millis: i64) {
        self.0.store(millis, Ordering::SeqCst);
    }
}

impl Clock for Shifted {
    fn wall(&self) -> UnixMillis {
        let shift = self.0.load(Ordering::SeqCst);
        UnixMillis::new(SystemClock.wall().get().checked_add_signed(shift).unwrap())
    }

    fn monotonic(&self) -> Duration {
        SystemClock.monotonic()
    }
}
