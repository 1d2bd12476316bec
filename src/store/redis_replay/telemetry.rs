//! Events (`tracing` feature) and figures (`metrics` feature) of the Redis store. Labels come from
//! fixed sets; no key, nonce or password reaches either.
//!
//! | metric | labels |
//! |---|---|
//! | `countersign_redis_claims_total` | `outcome`: `fresh`, `used`, `expired`, `error` |
//! | `countersign_redis_releases_total` | `outcome`: `released`, `kept`, `error` |
//! | `countersign_redis_errors_total` | `kind`: see `Fault::kind` |
//! | `countersign_redis_seconds` (histogram) | |
//! | `countersign_redis_breaker_open` (gauge) | 1 while the breaker is open |
//! | `countersign_redis_memories_begun_total` | |

use std::time::Duration;

use super::breaker::Change;
use super::fault::Fault;
use crate::store::{Claimed, Released};

/// What an answer is called in a label.
pub(super) trait Label {
    const METRIC: &'static str;

    fn label(&self) -> &'static str;
}

impl Label for Claimed {
    const METRIC: &'static str = "countersign_redis_claims_total";

    fn label(&self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Used => "used",
            Self::Expired => "expired",
        }
    }
}

impl Label for Released {
    const METRIC: &'static str = "countersign_redis_releases_total";

    fn label(&self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Kept => "kept",
        }
    }
}

pub(super) fn answered<T: Label>(answer: &Result<T, Fault>) {
    let outcome = answer.as_ref().map_or("error", Label::label);
    let kind = answer.as_ref().err().map(Fault::kind);
    #[cfg(feature = "metrics")]
    {
        metrics::counter!(T::METRIC, "outcome" => outcome).increment(1);
        if let Some(kind) = kind {
            metrics::counter!("countersign_redis_errors_total", "kind" => kind).increment(1);
        }
    }
    let _ = (T::METRIC, outcome, kind);
}

/// How long Redis was waited for.
pub(super) fn waited(span: Duration) {
    #[cfg(feature = "metrics")]
    metrics::histogram!("countersign_redis_seconds").record(span);
    let _ = span;
}

pub(super) fn breaker(change: Change, outcome: Option<&Fault>) {
    let open = match change {
        Change::None => return,
        Change::Opened => true,
        Change::Closed => false,
    };
    #[cfg(feature = "metrics")]
    metrics::gauge!("countersign_redis_breaker_open").set(if open { 1.0 } else { 0.0 });
    #[cfg(feature = "tracing")]
    match (open, outcome) {
        (true, Some(fault)) => {
            tracing::warn!(kind = fault.kind(), %fault, "Redis fails: it is not asked for a while");
        }
        (true, None) => tracing::warn!("Redis fails: it is not asked for a while"),
        // At the level of what it ends: whoever was told of the one is told of the other.
        (false, _) => tracing::warn!("Redis answers again"),
    }
    let _ = (open, outcome);
}

/// A memory that begins anew refuses what was signed before, where a policy says so.
pub(super) fn memory_begun() {
    #[cfg(feature = "metrics")]
    metrics::counter!("countersign_redis_memories_begun_total").increment(1);
    #[cfg(feature = "tracing")]
    tracing::warn!("the memory in Redis begins now: what was claimed before may be lost");
}

pub(super) fn connected<T>(outcome: &Result<T, Fault>) {
    #[cfg(feature = "tracing")]
    match outcome {
        Ok(_) => tracing::info!("connected to Redis, and checked it"),
        Err(fault) => tracing::debug!(kind = fault.kind(), %fault, "cannot use Redis"),
    }
    let _ = outcome;
}
