//! Counters (`metrics` feature); without it this is empty.

/// How a look-up was answered.
#[derive(Clone, Copy)]
pub(super) enum LookUp {
    Hit,
    NegativeHit,
    Miss,
    Stale,
}

/// How the backing store answered.
#[derive(Clone, Copy)]
pub(super) enum Loaded {
    Found,
    Unknown,
    Failed,
    /// It was not asked: the strangers' budget is spent.
    Refused,
}

pub(super) fn looked_up(look_up: LookUp) {
    let outcome = match look_up {
        LookUp::Hit => "hit",
        LookUp::NegativeHit => "negative_hit",
        LookUp::Miss => "miss",
        LookUp::Stale => "stale",
    };
    #[cfg(feature = "metrics")]
    metrics::counter!("countersign_credential_lookups_total", "outcome" => outcome).increment(1);
    let _ = outcome;
}

pub(super) fn loaded(loaded: Loaded) {
    let outcome = match loaded {
        Loaded::Found => "found",
        Loaded::Unknown => "unknown",
        Loaded::Failed => "error",
        Loaded::Refused => "refused",
    };
    #[cfg(feature = "metrics")]
    metrics::counter!("countersign_credential_loads_total", "outcome" => outcome).increment(1);
    let _ = outcome;
}
