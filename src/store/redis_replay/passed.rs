//! What has passed for good, by both clocks of this machine.
//!
//! Redis drops a key when its wall clock says so. If that is set back, and this machine's with it (they
//! may be the same), a request that has ended would be alive again, and its key is gone. So the latest
//! time that *both* clocks of this machine have reached is kept: a wall clock that is ahead for a
//! moment does not move it, and one that is set back does not take it back. Only what Redis's clock
//! agreed with counts.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::{Clock, UnixMillis};

#[derive(Debug, Default)]
pub(super) struct Passed {
    first: OnceLock<(UnixMillis, Duration)>,
    latest: AtomicU64,
}

impl Passed {
    /// The time as it reads now, but not before what has passed.
    pub(super) fn now(&self, clock: &dyn Clock) -> UnixMillis {
        clock.wall().max(UnixMillis::new(self.latest.load(Ordering::Relaxed)))
    }

    /// Takes note of the time: Redis agrees.
    pub(super) fn note(&self, clock: &dyn Clock) {
        let (wall, monotonic) = (clock.wall(), clock.monotonic());
        let (first, started) = self.first.get_or_init(|| (wall, monotonic));
        let run = monotonic.saturating_sub(*started);
        let both = wall.min(first.saturating_add(run));
        self.latest.fetch_max(both.get(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Passed;
    use crate::clock::{Clock, ManualClock, UnixMillis};

    const START: UnixMillis = UnixMillis::new(1_646_365_291_734);
    const HOUR: Duration = Duration::from_secs(3_600);

    /// A clock that Redis agreed with when it showed `START`, and an hour later.
    fn an_hour_later() -> (ManualClock, Passed) {
        let (clock, passed) = (ManualClock::at(START), Passed::default());
        passed.note(&clock);
        clock.advance(HOUR);
        passed.note(&clock);
        (clock, passed)
    }

    #[test]
    fn what_both_clocks_have_reached_has_passed_though_the_wall_clock_is_set_back() {
        let (clock, passed) = an_hour_later();
        clock.step_wall_to(START);
        for _ in 0..3 {
            passed.note(&clock);
            assert_eq!(passed.now(&clock), START.saturating_add(HOUR));
            clock.advance(HOUR / 3);
        }
        clock.advance(HOUR);
        assert_eq!(passed.now(&clock), clock.wall());
    }

    #[test]
    fn a_wall_clock_that_is_ahead_for_a_moment_makes_nothing_pass() {
        let (clock, passed) = an_hour_later();
        clock.step_wall_to(UnixMillis::MAX);
        passed.note(&clock);
        assert_eq!(passed.now(&clock), UnixMillis::MAX, "as it reads now");
        clock.step_wall_to(START.saturating_add(HOUR));
        assert_eq!(passed.now(&clock), clock.wall());
    }

    #[test]
    fn nothing_has_passed_by_a_clock_that_redis_has_not_agreed_with() {
        let (clock, passed) = (ManualClock::at(UnixMillis::MAX), Passed::default());
        assert_eq!(passed.now(&clock), UnixMillis::MAX);
        clock.step_wall_to(START);
        assert_eq!(passed.now(&clock), START);
    }
}
