//! The service behind the layer: it counts, and answers what it saw.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use countersign::clock::{ManualClock, UnixMillis};
use countersign::error::Rejection;
use countersign::middleware::BackendSignatureLayer;
use countersign::store::MemoryReplayStore;
use countersign::verify::backend::{BackendPairs, BackendPolicy, BackendVerifier, VerifiedGateway};
use http_body_util::BodyExt;

use crate::support::{
    BACKEND_KEY, BACKEND_SECRET, NOW, OTHER_BACKEND_KEY, OTHER_BACKEND_SECRET, backend_pair,
};

pub(crate) type TestLayer = BackendSignatureLayer<MemoryReplayStore>;

/// What a test holds on to.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) verifier: BackendVerifier<MemoryReplayStore>,
    pub(crate) clock: Arc<ManualClock>,
    started: Arc<AtomicUsize>,
}

impl Service {
    pub(crate) fn strict() -> Self {
        Self::new(BackendPolicy::strict())
    }

    pub(crate) fn new(policy: BackendPolicy) -> Self {
        let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
        let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
        let pairs = [
            backend_pair(BACKEND_KEY, BACKEND_SECRET),
            backend_pair(OTHER_BACKEND_KEY, OTHER_BACKEND_SECRET),
        ];
        let verifier = BackendVerifier::new(BackendPairs::new(pairs).unwrap(), replay)
            .with_policy(policy)
            .with_clock(Arc::clone(&clock));
        Self { verifier, clock, started: Arc::default() }
    }

    pub(crate) fn layer(&self) -> TestLayer {
        BackendSignatureLayer::new(self.verifier.clone())
    }

    /// A router without a layer, whose every path answers what it got.
    pub(crate) fn routes(&self) -> Router {
        Router::new().fallback(handle).with_state(self.clone())
    }

    pub(crate) fn app(&self) -> Router {
        self.routes().layer(self.layer())
    }

    /// How many requests reached the handler.
    pub(crate) fn started(&self) -> usize {
        self.started.load(Ordering::SeqCst)
    }
}

/// What the handler saw, as headers and the body itself.
async fn handle(State(service): State<Service>, request: Request) -> Response {
    service.started.fetch_add(1, Ordering::SeqCst);
    let gateway = request.extensions().get::<VerifiedGateway>().map(|v| v.key().to_string());
    let observed = request.extensions().get::<Rejection>().map(|r| r.code().to_string());
    let Ok(body) = request.into_body().collect().await else {
        return (http::StatusCode::IM_A_TEAPOT, "the body broke").into_response();
    };
    let trailers = body.trailers().map(|trailers| trailers.len()).unwrap_or_default();
    let mut response = body.to_bytes().into_response();
    let seen = response.headers_mut();
    seen.insert("seen-gateway", gateway.unwrap_or_default().parse().unwrap());
    seen.insert("seen-rejection", observed.unwrap_or_default().parse().unwrap());
    seen.insert("seen-trailers", trailers.into());
    response
}
