//! Events (`tracing` feature) and metrics (`metrics` feature) of fetches. Without a feature its part
//! is empty. No URL reaches either; labels are the operator's name for the keys, and outcomes.

use super::state::{Published, State};

/// Reports a fetch. `before`: what was published until then.
pub(super) fn fetched(name: &str, before: Option<&Published>, state: &State) {
    #[cfg(feature = "tracing")]
    match (&state.last_error, &state.published) {
        (Some(error), published) => {
            let failures = state.failures;
            let error = tracing::field::display(crate::error::Chain(error));
            let keys = published.as_ref().map_or(0, |published| published.held.keys.iter().count());
            tracing::warn!(name, failures, keys, error, "key set not fetched");
        }
        (None, Some(published)) => published_event(name, before, published),
        (None, None) => {}
    }
    #[cfg(feature = "metrics")]
    {
        let outcome = state.last_error.as_ref().map_or("ok", |error| error.outcome());
        metrics::counter!(
            "countersign_jwks_fetches_total", "name" => name.to_owned(), "outcome" => outcome
        )
        .increment(1);
        if let (None, Some(published)) = (&state.last_error, &state.published) {
            gauges(name, published);
        }
    }
    let _ = (name, before, state);
}

/// What changes is news; that nothing has is not.
#[cfg(feature = "tracing")]
fn published_event(name: &str, before: Option<&Published>, published: &Published) {
    let (keys, generation) = (published.held.keys.iter().count(), published.held.generation);
    let left_out = published.left_out.len();
    match before {
        Some(before) if before.held.generation == generation => {
            tracing::debug!(name, keys, left_out, generation, "key set fetched, unchanged");
        }
        _ => tracing::info!(name, keys, left_out, generation, "key set fetched"),
    }
    if before.is_some_and(|before| before.left_out == published.left_out) {
        return;
    }
    for unusable in published.left_out.iter().take(SHOWN_KEYS) {
        let index = unusable.index;
        // It may quote the document.
        let error: String = unusable.error.to_string().chars().take(SHOWN_CHARS).collect();
        let error = tracing::field::display(error.escape_debug());
        tracing::warn!(name, index, error, "key left out");
    }
}

#[cfg(feature = "tracing")]
const SHOWN_KEYS: usize = 8;
#[cfg(feature = "tracing")]
const SHOWN_CHARS: usize = 160;

#[cfg(feature = "metrics")]
fn gauges(name: &str, published: &Published) {
    use crate::clock::{Clock, SystemClock};

    #[allow(clippy::cast_precision_loss, reason = "neither comes near 2^52")]
    let (keys, now) =
        (published.held.keys.iter().count() as f64, SystemClock.wall().get() as f64 / 1000.0);
    metrics::gauge!("countersign_jwks_keys", "name" => name.to_owned()).set(keys);
    metrics::gauge!("countersign_jwks_last_success_seconds", "name" => name.to_owned()).set(now);
}
