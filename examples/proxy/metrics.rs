//! What is counted, beside what the layer counts; and how it is told, as Prometheus text.
//!
//! | name | counts |
//! |---|---|
//! | `reverse_proxy_answers_total{status}` | every answer |
//! | `reverse_proxy_refusals_total{code}` | answers of the proxy itself, but for those of the layer |
//! | `reverse_proxy_requests_in_flight` | requests at the service |
//! | `reverse_proxy_answer_seconds` | from a verified request to the head of its answer |
//! | `reverse_proxy_broken_answers_total` | answers that ended before their end |

use std::time::Duration;

use countersign::clock::{Clock, SystemClock};
use countersign::error::ErrorCode;
use http::StatusCode;
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

use crate::common::Problem;

const SECONDS: [f64; 11] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Begins to count. What was counted before is lost.
pub(crate) fn install() -> Result<PrometheusHandle, Problem> {
    let problem = |error: &dyn std::fmt::Display| Problem(format!("cannot count: {error}"));
    let recorder = PrometheusBuilder::new()
        .set_buckets(&SECONDS)
        .map_err(|error: BuildError| problem(&error))?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|error| problem(&error))?;
    Ok(handle)
}

pub(crate) fn answered(status: StatusCode) {
    counter!("reverse_proxy_answers_total", "status" => status.as_str().to_owned()).increment(1);
}

pub(crate) fn refused(code: ErrorCode) {
    counter!("reverse_proxy_refusals_total", "code" => code.as_str()).increment(1);
}

pub(crate) fn answer_broke_off() {
    counter!("reverse_proxy_broken_answers_total").increment(1);
}

/// A request that is at the service until this is dropped.
#[derive(Debug)]
pub(crate) struct InFlight {
    since: Duration,
}

impl InFlight {
    pub(crate) fn begin() -> Self {
        gauge!("reverse_proxy_requests_in_flight").increment(1);
        Self { since: SystemClock.monotonic() }
    }

    /// The head of the answer is there.
    pub(crate) fn answered(&self) {
        let took = SystemClock.monotonic().saturating_sub(self.since);
        histogram!("reverse_proxy_answer_seconds").record(took);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!("reverse_proxy_requests_in_flight").decrement(1);
    }
}
