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
    pub(super) fn deadline(self, until: UnixMillis) -> Deadline {
        self.deadline_in(until.since(self.wall))
    }

    /// The monotonic time after `span`.
    pub(super) fn deadline_in(self, span: Duration) -> Deadline {
        Deadline::at(self.monotonic.saturating_add(span))
    }
}

/// A monotonic time in whole milliseconds: of many keys that come in one, only the first moves it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deadline(u64);

impl Deadline {
    /// Not before `at`.
    fn at(at: Duration) -> Self {
        let part = u64::from(at.subsec_nanos().div_ceil(1_000_000));
        Self(at.as_secs().saturating_mul(1_000).saturating_add(part))
    }

    pub(super) fn is_reached(self, now: Reading) -> bool {
        now.monotonic >= self.time()
    }

    /// How long until it is reached.
    pub(super) fn after(self, now: Reading) -> Duration {
        self.time().saturating_sub(now.monotonic)
    }

    fn time(self) -> Duration {
        Duration::from_millis(self.0)
    }
}
