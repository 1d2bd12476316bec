//! One look at both clocks.

use std::time::Duration;

use crate::clock::{Clock, UnixMillis};

/// What both clocks showed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) wall: UnixMillis,
    pub(super) monotonic: Duration,
}

impl Reading {
    /// Reads the wall clock first: if the thread is paused in between, deadlines come out later,
    /// never earlier.
    pub(super) fn take(clock: &dyn Clock) -> Self {
        let wall = clock.wall();
        let monotonic = clock.monotonic();
        Self { wall, monotonic }
    }

    /// The wall time that had just passed.
    pub(super) fn before(self) -> Option<UnixMillis> {
        self.wall.get().checked_sub(1).map(UnixMillis::new)
    }

    /// The monotonic time at which `until` is reached, if the wall clock is right.
    pub(super) fn deadline(self, until: UnixMillis) -> Duration {
        self.monotonic.saturating_add(until.since(self.wall))
    }
}
