//! What a request has proven when every check has passed.

use std::fmt;
use std::sync::Arc;

use super::Intact;
use super::pipeline::{ClaimRecord, Proven};
use super::policy::StrictFindings;
use super::presented::Credential;
use crate::clock::UnixMillis;
use crate::credential::{App, AppKey, OpenApiScheme};
use crate::few::Few;
use crate::protocol::{CaHeaders, app_code_in_header};

/// Which kind of credential a request was authenticated by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mechanism {
    /// AppKey and signature.
    Signature,
    /// AppCode: a bearer credential. Such a request may be a replay.
    AppCode,
    /// A JSON Web Token: a bearer credential, too.
    Jwt,
    /// A back-end signature: the gateway's own.
    BackendSignature,
    /// OpenAPI: RPC 1.0.
    Rpc,
    /// OpenAPI: ROA 1.0.
    Roa,
    /// OpenAPI: V3.
    V3,
}

impl Mechanism {
    /// What a request presents, right or wrong; an AppCode in the query is not looked for.
    #[must_use]
    pub fn presented(ca: &CaHeaders<'_>) -> Option<Self> {
        let app_code = ca.authorization.and_then(app_code_in_header);
        match (ca.signature, app_code, ca.key) {
            (Some(_), _, _) | (None, None, Some(_)) => Some(Self::Signature),
            (None, Some(_), _) => Some(Self::AppCode),
            (None, None, None) => None,
        }
    }

    /// A signature of an OpenAPI client.
    #[must_use]
    pub const fn openapi(scheme: OpenApiScheme) -> Self {
        match scheme {
            OpenApiScheme::Rpc => Self::Rpc,
            OpenApiScheme::Roa => Self::Roa,
            OpenApiScheme::V3 => Self::V3,
        }
    }

    /// A name fit for a metric's label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::AppCode => "app_code",
            Self::Jwt => "jwt",
            Self::BackendSignature => "backend_signature",
            Self::Rpc => "rpc",
            Self::Roa => "roa",
            Self::V3 => "v3",
        }
    }
}

/// A verified identity. The layers put it into the request's extensions; with the `axum` feature it
/// is an extractor.
#[derive(Clone)]
pub struct Verified(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    app: Arc<App>,
    mechanism: Mechanism,
    /// Which of the app's secrets signed.
    secret: Option<usize>,
    /// A UUID, mostly.
    nonce: Option<Few<u8, 40>>,
    timestamp: Option<UnixMillis>,
    record: ClaimRecord,
    findings: StrictFindings,
}

impl Verified {
    pub(super) fn new(intact: Intact<'_>, record: ClaimRecord) -> Self {
        let Intact { authentic } = intact;
        let (mechanism, nonce, timestamp) = match &authentic.presented.facts.credential {
            Credential::AppCode(_) => (Mechanism::AppCode, None, None),
            Credential::Signature(request) => {
                (Mechanism::Signature, request.nonce.map(Few::from), request.timestamp)
            }
        };
        Self(Arc::new(Inner {
            app: authentic.app,
            mechanism,
            secret: authentic.secret,
            nonce,
            timestamp,
            record,
            findings: authentic.presented.facts.findings,
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
        self.0.app.id()
    }

    /// The app's AppKey, also if it presented an AppCode.
    #[must_use]
    pub fn app_key(&self) -> &AppKey {
        self.0.app.key()
    }

    /// Which kind of credential was presented.
    #[must_use]
    pub fn mechanism(&self) -> Mechanism {
        self.0.mechanism
    }

    /// The version of the secret that signed; `None` for an AppCode.
    #[must_use]
    pub fn secret_version(&self) -> Option<&str> {
        let secret = self.0.secret.and_then(|index| self.0.app.secrets().get(index));
        secret.map(|secret| &**secret.version())
    }

    /// The nonce, as it was on the wire.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        self.0.nonce.as_deref()
    }

    /// The timestamp that was sent with the signature.
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

impl Proven for Verified {
    fn signing_key(&self) -> &str {
        self.app_key().as_str()
    }

    fn record(&self) -> &ClaimRecord {
        &self.0.record
    }
}

/// Without the nonce and the credentials.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("app_id", &self.app_id())
            .field("app_key", &self.app_key().as_str())
            .field("mechanism", &self.mechanism())
            .field("secret_version", &self.secret_version())
            .field("timestamp", &self.timestamp())
            .finish_non_exhaustive()
    }
}
