//! Counters and gauges (`metrics` feature), and a warning before the store is full (`tracing`
//! feature). Without a feature its part is empty. Labels come from fixed sets; no nonce reaches
//! either, and an AppKey only the warning, escaped.
//!
//! | name | what |
//! |---|---|
//! | `countersign_replay_claims_total` | claims, by `outcome`: `fresh`, `used`, `expired`, `full_store`, `full_app`, `unavailable` |
//! | `countersign_replay_keys` | keys held, those that are over but not yet forgotten included |
//! | `countersign_replay_capacity` | how many may be |
//!
//! The gauges are those of the store that wrote a key last.

use std::time::Duration;

#[cfg(feature = "metrics")]
use super::held::Held;
#[cfg(feature = "tracing")]
use super::near_full::NearFull;
use super::shard::Shard;
use super::shards::Shards;
use super::state::StartedFrom;
use crate::store::{Claimed, StoreError};

/// What one store reports.
#[derive(Default)]
pub(super) struct Telemetry {
    #[cfg(feature = "metrics")]
    pub(super) held: Held,
    #[cfg(feature = "tracing")]
    pub(super) near_full: NearFull,
}

impl Telemetry {
    /// Reports what a store began with, and for how long it refuses even what is signed now.
    pub(super) fn opened(from: StartedFrom, held: usize, refused: Duration) -> Self {
        let telemetry = Self::default();
        #[cfg(feature = "tracing")]
        match from {
            StartedFrom::Unusable(reason) => {
                let reason = tracing::field::display(reason);
                tracing::warn!(reason, "the replay store's state is not believed");
            }
            StartedFrom::Nothing => {}
            StartedFrom::Snapshot => tracing::info!(held, "the replay store goes on"),
            StartedFrom::Mark => tracing::warn!("the replay store was not closed"),
        }
        #[cfg(feature = "tracing")]
        if !refused.is_zero() {
            let seconds = refused.as_millis().div_ceil(1_000);
            tracing::warn!(seconds, "the replay store refuses what is signed before its mark");
        }
        let _ = (from, held, refused);
        telemetry
    }

    /// Notes how many keys a claim has left in its shard. For who has the lock.
    pub(super) fn note(&self, shard: &mut Shard) {
        #[cfg(feature = "metrics")]
        self.held.follow(shard);
        let _ = shard;
    }

    /// Reports how many keys there are. For who has no lock.
    pub(super) fn gauge(&self, shards: &Shards, capacity: usize) {
        #[cfg(feature = "metrics")]
        {
            metrics::gauge!("countersign_replay_keys").set(Keys { held: &self.held, shards });
            if self.held.is_asked_for() {
                metrics::gauge!("countersign_replay_capacity").set(as_f64(capacity));
            }
        }
        let _ = (shards, capacity);
    }

    /// Counts a claim.
    pub(super) fn answered(answer: &Result<Claimed, StoreError>) {
        #[cfg(feature = "metrics")]
        {
            use crate::store::FullScope;

            // For a label that is a literal nothing is allocated.
            macro_rules! claims {
                ($outcome:literal) => {
                    metrics::counter!("countersign_replay_claims_total", "outcome" => $outcome)
                };
            }
            let counter = match answer {
                Ok(Claimed::Fresh) => claims!("fresh"),
                Ok(Claimed::Used) => claims!("used"),
                Ok(Claimed::Expired) => claims!("expired"),
                Err(StoreError::Full { scope: FullScope::Store, .. }) => claims!("full_store"),
                Err(StoreError::Full { scope: FullScope::App, .. }) => claims!("full_app"),
                Err(
                    StoreError::Unavailable(_)
                    | StoreError::Misconfigured(_)
                    | StoreError::Busy { .. },
                ) => claims!("unavailable"),
            };
            counter.increment(1);
        }
        let _ = answer;
    }
}

/// Looked up when there is a recorder to tell it to, and else not at all.
#[cfg(feature = "metrics")]
struct Keys<'a> {
    held: &'a Held,
    shards: &'a Shards,
}

#[cfg(feature = "metrics")]
impl metrics::IntoF64 for Keys<'_> {
    fn into_f64(self) -> f64 {
        as_f64(self.held.in_all(self.shards))
    }
}

#[cfg(feature = "metrics")]
#[allow(clippy::cast_precision_loss, reason = "a gauge is for the eye")]
fn as_f64(number: usize) -> f64 {
    number as f64
}
