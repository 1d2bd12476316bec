//! A service that does what it is told: answers, fails, panics, hangs.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use countersign::clock::{ManualClock, UnixMillis};
use countersign::error::{ErrorCode, Rejection};
use countersign::middleware::{AppAuthLayer, Release};
use countersign::store::MemoryCredentials;
use countersign::verify::Verifier;
use http::{Request, StatusCode};
use tower::{Service, ServiceExt};

use crate::stores::{Place, TestStore};
use crate::support::{NOW, Wire, demo_apps};

/// What the handler does with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    Answer(u16),
    Refuse(ErrorCode),
    Fail,
    Panic,
    /// Never answers.
    Hang,
}

/// What goes wrong in the handler.
#[derive(Debug)]
pub(crate) struct Broken;

/// Does what it is told, request by request; then it answers 200. Clones share the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handler {
    steps: Arc<Mutex<VecDeque<Does>>>,
    started: Arc<Mutex<usize>>,
}

impl Handler {
    pub(crate) fn that(steps: impl IntoIterator<Item = Does>) -> Self {
        Self { steps: Arc::new(Mutex::new(steps.into_iter().collect())), ..Self::default() }
    }

    /// How many requests it got.
    pub(crate) fn started(&self) -> usize {
        *self.started.lock().unwrap()
    }
}

impl<B> Service<Request<B>> for Handler {
    type Response = Response;
    type Error = Broken;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Broken>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        *self.started.lock().unwrap() += 1;
        let does = self.steps.lock().unwrap().pop_front().unwrap_or(Does::Answer(200));
        Box::pin(async move {
            match does {
                Does::Answer(status) => Ok(StatusCode::from_u16(status).unwrap().into_response()),
                Does::Refuse(code) => Ok(Rejection::new(code).into_response()),
                Does::Fail => Err(Broken),
                Does::Panic => panic!("as it was told"),
                Does::Hang => std::future::pending().await,
            }
        })
    }
}

/// The verifier's side.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<TestStore>,
    pub(crate) verifier: Verifier<Arc<MemoryCredentials>, Arc<TestStore>>,
}

pub(crate) type TestLayer = AppAuthLayer<Arc<MemoryCredentials>, Arc<TestStore>>;

impl Bench {
    pub(crate) fn new(place: Place) -> Self {
        let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
        let store = TestStore::new(place, &clock);
        let apps = Arc::new(MemoryCredentials::new(demo_apps()).unwrap());
        let verifier = Verifier::new(apps, Arc::clone(&store)).with_clock(Arc::clone(&clock));
        Self { clock, store, verifier }
    }

    pub(crate) fn layer(&self) -> TestLayer {
        AppAuthLayer::new(self.verifier.clone())
    }

    pub(crate) fn releasing(&self, release: Release) -> TestLayer {
        self.layer().with_release(release)
    }
}

pub(crate) fn request(wire: &Wire) -> Request<Body> {
    let mut request = Request::new(Body::from(wire.body.clone()));
    *request.method_mut() = wire.method.clone();
    *request.uri_mut() = wire.target.clone();
    *request.headers_mut() = wire.headers.clone();
    request
}

/// The answer's code, or its status where the handler made it; `broken` if the service failed.
pub(crate) async fn send<S, B>(service: &S, wire: &Wire) -> String
where
    S: Service<Request<Body>, Response = http::Response<B>, Error = Broken> + Clone,
{
    let Ok(response) = service.clone().oneshot(request(wire)).await else {
        return "broken".to_owned();
    };
    match response.headers().get("x-ca-error-code") {
        Some(code) => code.to_str().unwrap().to_owned(),
        None => response.status().as_u16().to_string(),
    }
}

/// What comes of the same request, sent `times` times.
pub(crate) async fn send_again<S, B>(service: &S, wire: &Wire, times: usize) -> Vec<String>
where
    S: Service<Request<Body>, Response = http::Response<B>, Error = Broken> + Clone,
{
    let mut codes = Vec::new();
    for _ in 0..times {
        codes.push(send(service, wire).await);
    }
    codes
}
