//! How long an app is served from memory. The age of an entry counts from the moment its load
//! *began*: what was revoked later is not in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::UnixMillis;
use crate::credential::App;

/// How long to leave the store alone after a look-up that failed, and between two refreshes.
const PAUSE: Duration = Duration::from_secs(1);

/// How old a found app may become.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetimes {
    pub(super) ttl: Duration,
    pub(super) stale_if_error: Duration,
}

pub(super) struct Entry {
    pub(super) app: Arc<App>,
    refresh_from: Duration,
    fresh_until: Duration,
    stale_until: Duration,
    /// Milliseconds of the monotonic clock.
    next_attempt: AtomicU64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    Fresh,
    /// It is served, and may be refreshed meanwhile.
    Due,
    Expired,
}

impl Entry {
    /// `chance` spreads the refreshes of apps that were loaded together.
    pub(super) fn new(app: Arc<App>, began: Duration, lifetimes: Lifetimes, chance: u64) -> Self {
        const PARTS: u32 = 1 << 10;
        let Lifetimes { ttl, stale_if_error } = lifetimes;
        // Between 70 % and 90 % of the time to live. It cannot overflow: divided first.
        let part = u32::try_from(chance % u64::from(PARTS)).unwrap_or_default();
        let early = (ttl / 10 * 7).saturating_add(ttl / 5 / PARTS * part);
        let fresh_until = began.saturating_add(ttl);
        Self {
            app,
            refresh_from: began.saturating_add(early),
            fresh_until,
            stale_until: fresh_until.saturating_add(stale_if_error),
            next_attempt: AtomicU64::new(0),
        }
    }

    pub(super) fn age(&self, now: Duration) -> Age {
        match now {
            now if now < self.refresh_from => Age::Fresh,
            now if now < self.fresh_until => Age::Due,
            _ => Age::Expired,
        }
    }

    /// Whether it may still be served if the store cannot be asked. Not past the app's own end: there
    /// the store might know of a longer one, but nobody else does.
    pub(super) fn serves_errors(&self, now: Duration, wall: UnixMillis) -> bool {
        now < self.stale_until && !self.app.is_expired(wall)
    }

    /// Whether the store was asked in vain just now.
    pub(super) fn is_pausing(&self, now: Duration) -> bool {
        millis(now) < self.next_attempt.load(Ordering::Relaxed)
    }

    /// Takes the next attempt, unless somebody has it.
    pub(super) fn take_attempt(&self, now: Duration) -> bool {
        let (now, next) = (millis(now), millis(now.saturating_add(PAUSE)));
        let due = |at: u64| (at <= now).then_some(next);
        self.next_attempt.fetch_update(Ordering::Relaxed, Ordering::Relaxed, due).is_ok()
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
