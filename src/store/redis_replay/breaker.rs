//! When not to ask Redis at all: after repeated failures, so that an outage costs a request
//! microseconds and not its deadline.
//!
//! Closed: everyone asks. After so many failures in a row it opens: nobody asks. After a pause one
//! request asks for all (half-open): if it is answered, the breaker closes, otherwise it opens again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// See the module.
#[derive(Debug)]
pub(super) struct Breaker {
    state: Mutex<State>,
    /// How many failures in a row open it.
    threshold: u32,
    /// How long it stays open.
    pause: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Duration },
    HalfOpen,
}

/// What became of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Answered,
    Failed,
}

/// What an outcome changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    None,
    Opened,
    Closed,
}

/// The leave to ask once. Whoever drops it without telling the outcome was cancelled.
#[derive(Debug)]
#[must_use]
pub(super) struct Permit<'b> {
    breaker: &'b Breaker,
    role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Ordinary,
    Probe,
    Settled,
}

impl Breaker {
    pub(super) fn new(threshold: u32, pause: Duration) -> Self {
        Self { state: Mutex::new(State::Closed { failures: 0 }), threshold, pause }
    }

    /// Leave to ask, or for how long there is none. `now` is monotonic.
    pub(super) fn admit(&self, now: Duration) -> Result<Permit<'_>, Duration> {
        self.change(|state| match *state {
            State::Closed { .. } => Ok(Permit { breaker: self, role: Role::Ordinary }),
            State::Open { until } if until <= now => {
                *state = State::HalfOpen;
                Ok(Permit { breaker: self, role: Role::Probe })
            }
            State::Open { until } => Err(until.saturating_sub(now)),
            State::HalfOpen => Err(self.pause),
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn settle(&self, role: Role, outcome: Outcome, now: Duration) -> Change {
        self.change(|state| {
            let (next, change) = match (*state, role, outcome) {
                (State::HalfOpen, Role::Probe, Outcome::Answered) => {
                    (State::Closed { failures: 0 }, Change::Closed)
                }
                (State::HalfOpen, Role::Probe, Outcome::Failed) => (self.open(now), Change::None),
                (State::Closed { .. }, _, Outcome::Answered) => {
                    (State::Closed { failures: 0 }, Change::None)
                }
                (State::Closed { failures }, _, Outcome::Failed) => {
                    let failures = failures.saturating_add(1);
                    match failures < self.threshold {
                        true => (State::Closed { failures }, Change::None),
                        false => (self.open(now), Change::Opened),
                    }
                }
                // Who asked before it opened has nothing to say about what is there now.
                (state, ..) => (state, Change::None),
            };
            *state = next;
            change
        })
    }

    fn open(&self, now: Duration) -> State {
        State::Open { until: now.saturating_add(self.pause) }
    }
}

impl Permit<'_> {
    pub(super) fn settle(mut self, outcome: Outcome, now: Duration) -> Change {
        let role = std::mem::replace(&mut self.role, Role::Settled);
        self.breaker.settle(role, outcome, now)
    }
}

/// A probe that was cancelled leaves its place to the next request.
impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.role == Role::Probe {
            self.breaker.change(|state| *state = State::Open { until: Duration::ZERO });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, Change, Outcome};
    use std::time::Duration;

    const PAUSE: Duration = Duration::from_secs(1);
    const START: Duration = Duration::from_secs(100);

    fn ask(breaker: &Breaker, outcome: Outcome, now: Duration) -> Change {
        breaker.admit(now).unwrap().settle(outcome, now)
    }

    fn open() -> Breaker {
        let breaker = Breaker::new(3, PAUSE);
        assert_eq!(ask(&breaker, Outcome::Failed, START), Change::None);
        assert_eq!(ask(&breaker, Outcome::Failed, START), Change::None);
        assert_eq!(ask(&breaker, Outcome::Failed, START), Change::Opened);
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_says_for_how_long() {
        let breaker = open();
        let half = PAUSE / 2;
        assert_eq!(breaker.admit(START + half).unwrap_err(), half);
    }

    #[test]
    fn an_answer_in_between_starts_the_count_again() {
        let breaker = Breaker::new(2, PAUSE);
        for _ in 0..10 {
            assert_eq!(ask(&breaker, Outcome::Failed, START), Change::None);
            assert_eq!(ask(&breaker, Outcome::Answered, START), Change::None);
        }
    }

    #[test]
    fn after_the_pause_one_asks_for_all() {
        let breaker = open();
        let later = START + PAUSE;
        let probe = breaker.admit(later).unwrap();
        assert_eq!(breaker.admit(later).unwrap_err(), PAUSE);
        assert_eq!(probe.settle(Outcome::Answered, later), Change::Closed);
        assert_eq!(ask(&breaker, Outcome::Failed, later), Change::None);
    }

    #[test]
    fn a_probe_that_fails_opens_it_again() {
        let breaker = open();
        assert_eq!(ask(&breaker, Outcome::Failed, START + PAUSE), Change::None);
        assert_eq!(breaker.admit(START + PAUSE).unwrap_err(), PAUSE);
        assert_eq!(ask(&breaker, Outcome::Answered, START + 2 * PAUSE), Change::Closed);
    }

    #[test]
    fn a_probe_that_is_cancelled_leaves_its_place_to_the_next() {
        let breaker = open();
        drop(breaker.admit(START + PAUSE).unwrap());
        assert_eq!(ask(&breaker, Outcome::Answered, START + PAUSE), Change::Closed);
    }

    #[test]
    fn who_asked_before_it_opened_changes_nothing() {
        let breaker = Breaker::new(1, PAUSE);
        let early = [START; 2].map(|now| breaker.admit(now).unwrap());
        let [first, second] = early;
        assert_eq!(ask(&breaker, Outcome::Failed, START), Change::Opened);
        assert_eq!(first.settle(Outcome::Answered, START), Change::None);
        assert_eq!(second.settle(Outcome::Failed, START + PAUSE), Change::None);
        assert!(breaker.admit(START).is_err());
        assert!(breaker.admit(START + PAUSE).is_ok());
    }
}
