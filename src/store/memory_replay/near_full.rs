//! A warning before claims are refused: at 80 % of the store, or of an app's share of it.
//!
//! 1. Counting an app's keys costs a look-up per bucket, so a shard looks only every so many keys.
//! 2. A bound that was warned of is warned of again when it was below 60 % in between.
//! 3. An app that is alone may hold more than its share: nothing to warn of.
//! 4. At most 64 apps are told apart; it takes a share below 2 % for more to be near theirs.

use std::sync::PoisonError;

use super::fingerprint::Fingerprint;
use super::sync::{AtomicBool, Mutex, Ordering};
use crate::store::Claim;

const MOST_APPS: usize = 64;

/// How much of a bound is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    Low,
    Middle,
    High,
}

impl Fill {
    pub(super) fn of(used: usize, bound: usize) -> Self {
        // In two parts, so that no bound overflows.
        let percent = |percent| bound / 100 * percent + bound % 100 * percent / 100;
        // Bounds of fewer than ten keys are too small to warn of in time.
        match used {
            _ if bound < 10 => Self::Middle,
            used if used >= percent(80) => Self::High,
            used if used < percent(60) => Self::Low,
            _ => Self::Middle,
        }
    }
}

/// What a shard saw after it wrote a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels {
    pub(super) store: Fill,
    pub(super) app: Fill,
}

/// What was warned of.
#[derive(Default)]
pub(super) struct NearFull {
    store: AtomicBool,
    apps: Mutex<Vec<Fingerprint>>,
}

impl NearFull {
    pub(super) fn check(
        &self,
        levels: Levels,
        app: Fingerprint,
        claim: &Claim<'_>,
        is_alone: impl FnOnce() -> bool,
    ) {
        if self.store_is_news(levels.store) {
            tracing::warn!("the replay store is 80 % full");
        }
        if self.app_is_news(levels.app, app, is_alone) {
            let app_key = tracing::field::display(claim.app_key.escape_debug());
            let scope = tracing::field::display(claim.scope.escape_debug());
            tracing::warn!(app_key, scope, "an app's share of the replay store is 80 % used");
        }
    }

    fn store_is_news(&self, fill: Fill) -> bool {
        match fill {
            Fill::High => !self.store.swap(true, Ordering::Relaxed),
            Fill::Middle => false,
            Fill::Low => {
                self.store.store(false, Ordering::Relaxed);
                false
            }
        }
    }

    fn app_is_news(&self, fill: Fill, app: Fingerprint, is_alone: impl FnOnce() -> bool) -> bool {
        if fill == Fill::Middle || (fill == Fill::High && is_alone()) {
            return false;
        }
        let mut apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        match (fill, apps.iter().position(|known| *known == app)) {
            (Fill::High, None) if apps.len() < MOST_APPS => {
                apps.push(app);
                true
            }
            (Fill::Low, Some(at)) => {
                apps.swap_remove(at);
                false
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fill, MOST_APPS, NearFull};
    use crate::store::memory_replay::fingerprint::Fingerprint;

    #[test]
    fn a_bound_is_near_from_80_percent_and_far_below_60() {
        for (used, fill) in [
            (0, Fill::Low),
            (599, Fill::Low),
            (600, Fill::Middle),
            (799, Fill::Middle),
            (800, Fill::High),
            (1_000, Fill::High),
        ] {
            assert_eq!(Fill::of(used, 1_000), fill, "{used}");
        }
        assert_eq!(Fill::of(usize::MAX, usize::MAX), Fill::High);
        assert_eq!(Fill::of(1, 1), Fill::Middle);
    }

    #[test]
    fn a_store_is_news_once_until_it_was_low() {
        let near_full = NearFull::default();
        let news = |fill| near_full.store_is_news(fill);
        assert!(news(Fill::High));
        assert!(![Fill::High, Fill::Middle, Fill::High].into_iter().any(news));
        assert!(!news(Fill::Low));
        assert!(news(Fill::High));
    }

    #[test]
    fn an_app_is_news_once_unless_it_is_alone_and_their_number_is_bounded() {
        let near_full = NearFull::default();
        let news = |fill, app, alone| near_full.app_is_news(fill, Fingerprint::new(app), || alone);
        assert!(!news(Fill::High, 1, true));
        assert!(news(Fill::High, 1, false));
        assert!(!news(Fill::High, 1, false));
        assert!(news(Fill::High, 2, false));
        assert!(!news(Fill::Low, 1, false));
        assert!(news(Fill::High, 1, false));
        let many = (10..1_000).filter(|&app| news(Fill::High, app, false)).count();
        assert_eq!(many, MOST_APPS - 2);
    }
}
