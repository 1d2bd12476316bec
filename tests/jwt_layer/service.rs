//! The service behind the layers: it notes what it gets.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use countersign::clock::{ManualClock, UnixMillis};
use countersign::error::{ErrorCode, Rejection};
use countersign::jwt::{
    ClaimParameter, EmptyToken, JtiRule, JwtPolicy, JwtVerifier, KeySet, VerifiedToken,
};
use countersign::middleware::{JwtAppAuthLayer, JwtAuthLayer};
use countersign::protocol::BodyLength;
use countersign::verify::{Policy, Verified};
use http::{HeaderMap, HeaderName, Uri};
use http_body_util::BodyExt;

use crate::support::{NOW, Server, TestCredentials, TestReplayStore, Wire};
use crate::token::verifying_key;

pub(crate) type TestVerifier = JwtVerifier<Arc<TestReplayStore>>;
pub(crate) type TestLayer = JwtAuthLayer<Arc<TestReplayStore>>;
pub(crate) type TestBothLayer =
    JwtAppAuthLayer<Arc<TestReplayStore>, Arc<TestCredentials>, Arc<TestReplayStore>>;

/// A service that asks for tokens, and what a test holds on to.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) verifier: TestVerifier,
    pub(crate) replay: Arc<TestReplayStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) seen: SeenRequests,
}

/// A service that asks for tokens and for apps.
pub(crate) struct Both {
    pub(crate) tokens: Service,
    pub(crate) apps: Server,
}

/// The requests that reached the handler.
#[derive(Clone, Default)]
pub(crate) struct SeenRequests(Arc<Mutex<Vec<Seen>>>);

/// One request, as the handler got it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) target: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: HeaderMap,
    pub(crate) subject: Option<String>,
    pub(crate) app: Option<String>,
    pub(crate) rejection: Option<ErrorCode>,
}

impl Service {
    pub(crate) fn new(policy: JwtPolicy) -> Self {
        Self::with_keys(policy, verifying_key(None))
    }

    pub(crate) fn with_keys(policy: JwtPolicy, keys: impl Into<KeySet>) -> Self {
        let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
        let replay = Arc::new(TestReplayStore::new(Arc::clone(&clock) as _));
        let verifier = JwtVerifier::new(policy, keys.into(), Arc::clone(&replay)).unwrap();
        let verifier = verifier.with_clock(Arc::clone(&clock));
        Self { verifier, replay, clock, seen: SeenRequests::default() }
    }

    /// Tokens in `Authorization`, each once.
    pub(crate) fn single_use() -> Self {
        Self::new(single_use())
    }

    /// Forwards these claims.
    pub(crate) fn forwarding(claims: impl IntoIterator<Item = ClaimParameter>) -> Self {
        Self::new(single_use().with_claim_parameters(claims).unwrap())
    }

    pub(crate) fn layer(&self) -> TestLayer {
        JwtAuthLayer::new(self.verifier.clone())
    }

    /// A router without a layer, whose every path answers 200 and notes what it got.
    pub(crate) fn routes(&self) -> Router {
        Router::new().fallback(note).with_state(self.seen.clone())
    }

    pub(crate) fn app(&self) -> Router {
        self.routes().layer(self.layer())
    }
}

impl Both {
    pub(crate) fn new(tokens: JwtPolicy, apps: Policy) -> Self {
        Self { tokens: Service::new(tokens), apps: Server::new(apps) }
    }

    pub(crate) fn layer(&self) -> TestBothLayer {
        JwtAppAuthLayer::new(self.tokens.verifier.clone(), self.apps.verifier.clone())
    }

    pub(crate) fn routes(&self) -> Router {
        self.tokens.routes()
    }

    pub(crate) fn app(&self) -> Router {
        self.routes().layer(self.layer())
    }

    /// How many nonces and how many token ids are spent.
    pub(crate) fn spent(&self) -> (usize, usize) {
        (self.apps.replay.written(), self.tokens.replay.written())
    }
}

impl SeenRequests {
    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The latest request.
    pub(crate) fn last(&self) -> Seen {
        self.0.lock().unwrap().last().expect("no request reached the handler").clone()
    }
}

impl Seen {
    /// All values of a header.
    pub(crate) fn header(&self, name: &str) -> Vec<&[u8]> {
        self.headers.get_all(name).iter().map(|value| value.as_bytes()).collect()
    }
}

pub(crate) fn single_use() -> JwtPolicy {
    JwtPolicy::new().with_jti_rule(JtiRule::SingleUse)
}

pub(crate) fn bypassing() -> JwtPolicy {
    single_use().with_empty_token(EmptyToken::Bypass)
}

pub(crate) fn in_header(claim: &str, name: &'static str) -> ClaimParameter {
    ClaimParameter::header(claim, HeaderName::from_static(name))
}

pub(crate) fn in_query(claim: &str, name: &str) -> ClaimParameter {
    ClaimParameter::query(claim, name)
}

async fn note(State(requests): State<SeenRequests>, request: Request) -> Response {
    let extensions = request.extensions();
    let token = extensions.get::<VerifiedToken>();
    let mut seen = Seen {
        target: request.uri().clone(),
        headers: request.headers().clone(),
        body: Bytes::new(),
        trailers: HeaderMap::new(),
        subject: token.map(|token| token.subject().unwrap_or_default().to_owned()),
        app: extensions.get::<Verified>().map(|app| app.app_id().to_owned()),
        rejection: extensions.get::<Rejection>().map(Rejection::code),
    };
    match request.into_body().collect().await {
        Err(_) => return (http::StatusCode::IM_A_TEAPOT, "the body broke").into_response(),
        Ok(body) => {
            seen.trailers = body.trailers().cloned().unwrap_or_default();
            seen.body = body.to_bytes();
        }
    }
    requests.0.lock().unwrap().push(seen);
    Body::empty().into_response()
}

/// A request without any credential.
pub(crate) fn plain(method: &str, target: &str) -> Wire {
    Wire {
        method: method.parse().unwrap(),
        target: target.parse().unwrap(),
        headers: HeaderMap::new(),
        body: Vec::new(),
        length: BodyLength::Empty,
    }
}

/// A request with a token.
pub(crate) fn get(target: &str, token: &str) -> Wire {
    bearing(plain("GET", target), token)
}

/// The request with a token beside what it has.
pub(crate) fn bearing(wire: Wire, token: &str) -> Wire {
    wire.with("authorization", format!("Bearer {token}"))
}
