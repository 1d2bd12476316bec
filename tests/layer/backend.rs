//! The service behind the layer: it reads what it gets, counts, and answers what it saw.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use countersign::clock::{ManualClock, UnixMillis};
use countersign::error::Rejection;
use countersign::middleware::AppAuthLayer;
use countersign::store::{MemoryCredentials, MemoryReplayStore};
use countersign::verify::{Policy, Verified, Verifier};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tower::ServiceExt;

use crate::support::{NOW, Wire, demo_apps};

pub(crate) type TestVerifier = Verifier<MemoryCredentials, MemoryReplayStore>;
pub(crate) type TestLayer = AppAuthLayer<MemoryCredentials, MemoryReplayStore>;

/// What a test holds on to.
#[derive(Clone)]
pub(crate) struct Backend {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) verifier: TestVerifier,
    started: Arc<AtomicUsize>,
    finished: Arc<AtomicUsize>,
}

impl Backend {
    pub(crate) fn new(policy: Policy) -> Self {
        let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
        let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
        Self::with_replay(policy, clock, replay)
    }

    pub(crate) fn with_replay(
        policy: Policy,
        clock: Arc<ManualClock>,
        replay: MemoryReplayStore,
    ) -> Self {
        let verifier = Verifier::new(MemoryCredentials::new(demo_apps()).unwrap(), replay)
            .with_policy(policy)
            .with_clock(Arc::clone(&clock));
        Self { clock, verifier, started: Arc::default(), finished: Arc::default() }
    }

    pub(crate) fn strict() -> Self {
        Self::new(Policy::strict())
    }

    pub(crate) fn layer(&self) -> TestLayer {
        AppAuthLayer::new(self.verifier.clone())
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

    /// How many of them had a body that could be read to its end.
    pub(crate) fn finished(&self) -> usize {
        self.finished.load(Ordering::SeqCst)
    }
}

/// What the handler saw, as headers and the body itself.
async fn handle(State(backend): State<Backend>, request: Request) -> Response {
    backend.started.fetch_add(1, Ordering::SeqCst);
    let app = request.extensions().get::<Verified>().map(|v| v.app_id().to_owned());
    let observed = request.extensions().get::<Rejection>().map(|r| r.code().to_string());
    let headers = request.headers().clone();
    let Ok(body) = request.into_body().collect().await else {
        return (http::StatusCode::IM_A_TEAPOT, "the body broke").into_response();
    };
    backend.finished.fetch_add(1, Ordering::SeqCst);
    let trailers = body.trailers().map(|trailers| trailers.len()).unwrap_or_default();
    let mut response = body.to_bytes().into_response();
    let seen = response.headers_mut();
    seen.insert("seen-app", app.unwrap_or_default().parse().unwrap());
    seen.insert("seen-rejection", observed.unwrap_or_default().parse().unwrap());
    seen.insert("seen-trailers", trailers.into());
    for (name, value) in &headers {
        if name.as_str().starts_with("x-authenticated") || name.as_str().starts_with("x_auth") {
            seen.append(name, value.clone());
        }
    }
    response
}

/// An answer with its whole body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: http::response::Parts,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.head.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code, or the status of an answer that the handler made.
    pub(crate) fn code(&self) -> String {
        match self.header("x-ca-error-code") {
            "" => self.head.status.as_u16().to_string(),
            code => code.to_owned(),
        }
    }
}

/// Sends a request to a router in process.
pub(crate) async fn send(app: &Router, request: http::Request<Body>) -> Answer {
    let (head, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    Answer { head, body: body.collect().await.unwrap().to_bytes() }
}

/// The request with its body in one piece.
pub(crate) fn whole(wire: &Wire) -> http::Request<Body> {
    with_body(wire, Body::from(wire.body.clone()))
}

/// The request with its body in pieces, and nothing said about its length.
pub(crate) fn pieces(wire: &Wire, size: usize) -> http::Request<Body> {
    let pieces: Vec<Vec<u8>> = wire.body.chunks(size).map(<[u8]>::to_vec).collect();
    with_body(wire, frames(pieces.into_iter().map(|piece| Frame::data(Bytes::from(piece)))))
}

/// A body of these frames.
pub(crate) fn frames(
    frames: impl IntoIterator<Item = Frame<Bytes>, IntoIter: Send + 'static>,
) -> Body {
    let frames = frames.into_iter().map(Ok::<_, std::convert::Infallible>);
    Body::new(StreamBody::new(tokio_stream_iter(frames)))
}

pub(crate) fn with_body(wire: &Wire, body: Body) -> http::Request<Body> {
    let mut request = http::Request::new(body);
    *request.method_mut() = wire.method.clone();
    *request.uri_mut() = wire.target.clone();
    *request.headers_mut() = wire.headers.clone();
    request
}

fn tokio_stream_iter<I: Iterator>(items: I) -> futures_util::stream::Iter<I> {
    futures_util::stream::iter(items)
}
