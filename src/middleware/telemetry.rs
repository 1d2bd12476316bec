//! Events (`tracing` feature) and counters (`metrics` feature). Without a feature its part is
//! empty. No credential, string to sign or body reaches either; labels come from fixed sets.

use super::RejectionContext;
use crate::error::{Catalogue, Rejection, StoreError};
use crate::sign::ClockOffset;
use crate::store::Released;
use crate::verify::{Mechanism, StrictFindings};

/// Reports an accepted request, with what its mechanism knows of the caller.
pub(super) fn accepted(mechanism: Mechanism, app_id: Option<&str>, secret_version: Option<&str>) {
    #[cfg(feature = "tracing")]
    {
        let mechanism = mechanism.as_str();
        tracing::debug!(app_id, mechanism, secret_version, "request accepted");
    }
    #[cfg(feature = "metrics")]
    count_accepted(mechanism);
    let _ = (mechanism, app_id, secret_version);
}

/// Counts the rows of the strict policy that an accepted request would have failed.
pub(super) fn strict_findings(findings: StrictFindings) {
    #[cfg(feature = "metrics")]
    for row in findings.iter() {
        metrics::counter!("countersign_strict_findings_total", "row" => row.as_str()).increment(1);
    }
    let _ = findings;
}

/// Counts a request that presented nothing where nothing is required.
pub(super) fn anonymous() {
    #[cfg(feature = "tracing")]
    tracing::debug!("request passed without a credential");
    #[cfg(feature = "metrics")]
    count("anonymous", "", "none");
}

/// Reports a rejection: below the level of an error, because anyone can cause one; a store that
/// cannot answer is a warning.
pub(super) fn rejected<C: Catalogue>(rejection: &Rejection<C>, context: &RejectionContext<'_>) {
    #[cfg(feature = "tracing")]
    {
        let code = rejection.code().label();
        let app_key = context.app_key.map(str::escape_debug).map(tracing::field::display);
        let request_id = tracing::field::display(context.request_id);
        let enforcement = context.enforcement.as_str();
        if let Some(error) = rejection.store_error() {
            let error = tracing::field::display(crate::error::Chain(error));
            tracing::warn!(code, app_key, request_id, enforcement, error, "request refused");
        } else {
            let detail = rejection.detail();
            tracing::info!(code, app_key, request_id, enforcement, detail, "request refused");
        }
    }
    #[cfg(feature = "metrics")]
    {
        let outcome = match context.enforcement {
            super::Enforcement::Enforce => "rejected",
            super::Enforcement::Observe => "observed",
        };
        let mechanism = context.mechanism.map_or("none", |mechanism| mechanism.as_str());
        count(outcome, rejection.code().label(), mechanism);
    }
    let _ = (rejection, context);
}

/// Reports what became of a claim that was taken back.
pub(super) fn released(released: &Result<Released, StoreError>) {
    #[cfg(feature = "tracing")]
    match released {
        Ok(Released::Released) => tracing::debug!("claim released"),
        Ok(Released::Kept) => tracing::debug!("claim kept: it was released before, or is over"),
        Err(error) => {
            let error = tracing::field::display(crate::error::Chain(error));
            tracing::warn!(error, "claim not released");
        }
    }
    let _ = released;
}

/// Reports that a server's clock is another one.
pub(super) fn clock_learned(offset: ClockOffset) {
    #[cfg(feature = "tracing")]
    tracing::warn!(offset_millis = offset.as_millis(), "the server's clock is off, or this one is");
    let _ = offset;
}

/// Nearly every request: for labels that are literals nothing is allocated.
#[cfg(feature = "metrics")]
fn count_accepted(mechanism: Mechanism) {
    macro_rules! counter {
        ($mechanism:literal) => {
            metrics::counter!(
                "countersign_requests_total",
                "outcome" => "accepted", "code" => "", "mechanism" => $mechanism
            )
        };
    }
    let counter = match mechanism {
        Mechanism::Signature => counter!("signature"),
        Mechanism::AppCode => counter!("app_code"),
        Mechanism::Jwt => counter!("jwt"),
        Mechanism::BackendSignature => counter!("backend_signature"),
        Mechanism::Rpc => counter!("rpc"),
        Mechanism::Roa => counter!("roa"),
        Mechanism::V3 => counter!("v3"),
    };
    counter.increment(1);
}

#[cfg(feature = "metrics")]
fn count(outcome: &'static str, code: &'static str, mechanism: &'static str) {
    metrics::counter!(
        "countersign_requests_total",
        "outcome" => outcome, "code" => code, "mechanism" => mechanism
    )
    .increment(1);
}
