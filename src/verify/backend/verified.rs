//! What a request has proven when every check has passed.

use std::fmt;
use std::sync::Arc;

use http::HeaderName;

use super::Intact;
use crate::clock::UnixMillis;
use crate::credential::{BackendKey, BackendPair};
use crate::few::Few;
use crate::verify::StrictFindings;
use crate::verify::pipeline::{ClaimRecord, Proven};

/// A request that the gateway has sent. The layer puts it into the request's extensions; with the
/// `axum` feature it is an extractor.
///
/// It says that a gateway with this pair has sent the request, not who has called the gateway. That
/// is told in headers or parameters, if the API is defined so; parameters are covered, and of headers
/// [`covers`](Self::covers) tells.
#[derive(Clone)]
pub struct VerifiedGateway(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    pair: Arc<BackendPair>,
    secret_version: String,
    covered: Vec<Box<str>>,
    covers_body: bool,
    /// A UUID, mostly.
    nonce: Option<Few<u8, 40>>,
    timestamp: Option<UnixMillis>,
    record: ClaimRecord,
    findings: StrictFindings,
}

impl VerifiedGateway {
    pub(super) fn new(intact: Intact<'_>, record: ClaimRecord) -> Self {
        let Intact { authentic, covers_body } = intact;
        let facts = authentic.facts;
        let covered = facts.headers.iter().map(|header| header.name().to_ascii_lowercase());
        Self(Arc::new(Inner {
            pair: authentic.pair,
            secret_version: (authentic.secret + 1).to_string(),
            covered: covered.map(Into::into).collect(),
            covers_body,
            nonce: facts.nonce.map(Few::from),
            timestamp: facts.timestamp,
            record,
            findings: facts.findings,
        }))
    }

    /// The key of the pair that signed.
    #[must_use]
    pub fn key(&self) -> &BackendKey {
        self.0.pair.key()
    }

    /// Which of the pair's secrets signed: its place, `"1"`, `"2"`, …
    #[must_use]
    pub fn secret_version(&self) -> &str {
        &self.0.secret_version
    }

    /// Whether the signature covers this header: its first value, or that it is absent. What a header
    /// says that is not covered, anyone on the way may have written.
    #[must_use]
    pub fn covers(&self, name: &HeaderName) -> bool {
        self.0.covered.iter().any(|covered| **covered == *name.as_str())
    }

    /// Whether the signature covers the body: its digest, a form's parameters, or that there is none.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        self.0.covers_body
    }

    /// Whether the request was claimed, so that it passes once.
    #[must_use]
    pub fn is_claimed(&self) -> bool {
        self.0.record.is_made()
    }

    /// The nonce of the gateway's caller, as it was on the wire, covered or not.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        self.0.nonce.as_deref()
    }

    /// The timestamp of the gateway's caller, covered or not.
    #[must_use]
    pub fn timestamp(&self) -> Option<UnixMillis> {
        self.0.timestamp
    }

    /// What the strict policy would have refused.
    #[must_use]
    pub fn strict_findings(&self) -> StrictFindings {
        self.0.findings
    }
}

impl Proven for VerifiedGateway {
    fn signing_key(&self) -> &str {
        self.key().as_str()
    }

    fn record(&self) -> &ClaimRecord {
        &self.0.record
    }
}

/// Without the nonce.
impl fmt::Debug for VerifiedGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedGateway")
            .field("key", &self.key().as_str())
            .field("secret_version", &self.secret_version())
            .field("timestamp", &self.timestamp())
            .field("covered", &self.0.covered)
            .field("covers_body", &self.covers_body())
            .field("is_claimed", &self.is_claimed())
            .finish_non_exhaustive()
    }
}
