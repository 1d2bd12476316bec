//! What a request has proven when every check has passed.

use std::fmt;
use std::sync::Arc;

use super::Intact;
use super::credentials::BodyRule;
use crate::clock::UnixMillis;
use crate::credential::{App, OpenApiScheme};
use crate::few::Few;
use crate::verify::StrictFindings;
use crate::verify::pipeline::{ClaimRecord, Proven};

/// A verified OpenAPI request. The layer puts it into the request's extensions; with the `axum`
/// feature it is an extractor.
///
/// Route and authorize by [`action`](Self::action) and [`version`](Self::version): they are signed,
/// which the headers and the path of an RPC request are not.
#[derive(Clone)]
pub struct VerifiedOpenApi(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    app: Arc<App>,
    access_key_id: Box<str>,
    scheme: OpenApiScheme,
    action: Option<Box<str>>,
    version: Option<Box<str>>,
    nonce: Option<Few<u8, 40>>,
    timestamp: UnixMillis,
    covers_body: bool,
    record: ClaimRecord,
    findings: StrictFindings,
}

impl VerifiedOpenApi {
    pub(super) fn new(intact: Intact<'_>, record: ClaimRecord) -> Self {
        let Intact { authentic } = intact;
        let facts = *authentic.presented.facts;
        let credentials = facts.credentials;
        Self(Arc::new(Inner {
            scheme: credentials.scheme(),
            covers_body: covers_body(&credentials.body, facts.head.form.is_some()),
            app: authentic.caller.app,
            access_key_id: credentials.access_key_id,
            action: credentials.action,
            version: credentials.version,
            nonce: credentials.nonce,
            timestamp: credentials.timestamp,
            record,
            findings: facts.head.findings,
        }))
    }

    /// The app that calls.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// The app's name in the service.
    #[must_use]
    pub fn app_id(&self) -> &str {
        self.app().id()
    }

    /// The AccessKey that signed.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// By which scheme.
    #[must_use]
    pub fn scheme(&self) -> OpenApiScheme {
        self.0.scheme
    }

    /// The signed action: always there for RPC, and for the others if the caller has signed
    /// one.
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        self.0.action.as_deref()
    }

    /// The signed version of the API.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.0.version.as_deref()
    }

    /// The nonce, decoded; a ROA request may have none.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        self.0.nonce.as_deref()
    }

    /// When the request was signed.
    #[must_use]
    pub fn timestamp(&self) -> UnixMillis {
        self.0.timestamp
    }

    /// Whether the signature covers the body: its digest, a form's parameters, or that there is none.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        self.0.covers_body
    }

    /// What the strict policy would have refused.
    #[must_use]
    pub fn strict_findings(&self) -> StrictFindings {
        self.0.findings
    }
}

/// The `Content-MD5` of an RPC form is not signed, but its parameters are.
const fn covers_body(body: &BodyRule, is_signed_form: bool) -> bool {
    is_signed_form || !matches!(body, BodyRule::Uncovered)
}

impl Proven for VerifiedOpenApi {
    fn signing_key(&self) -> &str {
        self.access_key_id()
    }

    fn record(&self) -> &ClaimRecord {
        &self.0.record
    }
}

/// Without the nonce and the credentials.
impl fmt::Debug for VerifiedOpenApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedOpenApi")
            .field("app_id", &self.app_id())
            .field("access_key_id", &self.access_key_id())
            .field("scheme", &self.scheme())
            .field("action", &self.action())
            .field("version", &self.version())
            .field("timestamp", &self.timestamp())
            .field("covers_body", &self.covers_body())
            .finish_non_exhaustive()
    }
}
