//! What the fetching task and the requests share, and whose turn it is.
//!
//! ```text
//!    ┌────────────► Fetching ───────► Pausing          task
//!    │                 ▲                 │
//!    │ interval is     │                 │ pause is over
//!    │ over            │                 ▼
//!    └─────────────────┼─────────────── Idle
//!                      │                 │             request with an unknown kid
//!                      └──── Wanted ◄────┘
//! ```
//!
//! Every transition is made under the channel's lock, so that of any number of requests one turns
//! `Idle` into `Wanted` and the others find that done. `Fetching` is entered by the one task only.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::FetchError;
use crate::jwt::keys::Held;
use crate::jwt::{KeySet, UnusableKey};

#[derive(Debug)]
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) published: Option<Published>,
    /// How many fetches have ended.
    pub(super) ended: u64,
    /// How many of them, the last ones, have failed in a row.
    pub(super) failures: u32,
    /// What became of the last one.
    pub(super) last_error: Option<FetchError>,
    /// When the next one is due; `None`: at no time that a clock shows.
    pub(super) due: Option<Instant>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// A fetch is under way.
    Fetching,
    /// None may begin yet.
    Pausing,
    /// One may begin.
    Idle,
    /// A request has asked for one.
    Wanted,
    /// The task is gone.
    Ended,
}

/// What the last successful fetch has brought.
#[derive(Clone, Debug)]
pub(super) struct Published {
    pub(super) held: Held,
    pub(super) left_out: Arc<[UnusableKey]>,
    pub(super) at: Instant,
}

/// A fetch that a request waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Joined {
    /// It is over when [`State::ended`] is more than this.
    pub(super) ended: u64,
    /// Whether it begins after the request has asked for it. If not, the issuer may have published
    /// since what it does not bring.
    pub(super) begins_later: bool,
}

impl State {
    /// Before the first fetch, which begins at once.
    pub(super) const fn new() -> Self {
        Self {
            phase: Phase::Fetching,
            published: None,
            ended: 0,
            failures: 0,
            last_error: None,
            due: None,
        }
    }

    /// Takes in a key set. One with the same content keeps the generation, and all that hangs on it.
    pub(super) fn succeed(&mut self, keys: KeySet, left_out: Vec<UnusableKey>, now: Instant) {
        let held = match self.published.take().map(|published| published.held) {
            Some(held) if held.keys.is_same_as(&keys) => held,
            earlier => Held {
                keys: Arc::new(keys),
                generation: earlier.map_or(1, |earlier| earlier.generation + 1),
            },
        };
        self.published = Some(Published { held, left_out: left_out.into(), at: now });
        (self.failures, self.last_error) = (0, None);
    }

    /// Notes a failure. The keys stay.
    pub(super) fn fail(&mut self, error: FetchError) {
        self.failures = self.failures.saturating_add(1);
        self.last_error = Some(error);
    }

    /// When the last fetch has ended, if it did not fail.
    pub(super) fn succeeded_last(&self) -> Option<Instant> {
        let published = self.published.as_ref().filter(|_| self.last_error.is_none())?;
        Some(published.at)
    }

    /// Ends a fetch.
    pub(super) fn pause(&mut self, wait: Duration, now: Instant) {
        self.phase = Phase::Pausing;
        self.ended += 1;
        self.due = now.checked_add(wait);
    }

    /// Asks for a fetch, or joins the one that is under way. `None`: none may begin now.
    pub(super) fn want(&mut self) -> Option<Joined> {
        let begins_later = match self.phase {
            Phase::Idle => {
                self.phase = Phase::Wanted;
                true
            }
            Phase::Wanted => true,
            Phase::Fetching => false,
            Phase::Pausing | Phase::Ended => return None,
        };
        Some(Joined { ended: self.ended, begins_later })
    }
}
