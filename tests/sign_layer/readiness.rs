//! The Tower contract.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use axum::body::Body;
use bytes::Bytes;
use countersign::middleware::sign::{CallError, NotSent, Sign, SignedBody};
use countersign::sign::{ClockLearning, SignError};
use http::{Request, Response};
use http_body_util::Full;
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_test::mock;

use crate::bodies::{Announced, never};
use crate::caller::layer;

type Inner = mock::Mock<Request<SignedBody<Body>>, Response<Full<Bytes>>>;
type Handle = mock::Handle<Request<SignedBody<Body>>, Response<Full<Bytes>>>;

fn pair() -> (Sign<Inner>, Handle) {
    let (inner, handle) = mock::pair();
    (layer().layer(inner), handle)
}

fn get(target: &str) -> Request<Body> {
    Request::get(target).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn the_layer_is_ready_when_the_inner_service_is() {
    let (mut service, mut handle) = pair();
    let mut poll_ready = || {
        let mut cx = Context::from_waker(Waker::noop());
        Service::<Request<Body>>::poll_ready(&mut service, &mut cx)
    };
    handle.allow(0);
    assert!(poll_ready().is_pending());
    handle.allow(1);
    assert!(poll_ready().is_ready());
    handle.send_error("the connection is gone");
    let Poll::Ready(Err(CallError::Inner(error))) = poll_ready() else { panic!("it failed") };
    assert_eq!(error.to_string(), "the connection is gone");
}

#[tokio::test]
async fn what_is_not_signed_never_reaches_the_inner_service() {
    let (service, mut handle) = pair();
    handle.allow(1);
    let refused = service.clone().oneshot(get("/?a=1&a=2")).await.unwrap_err();
    let CallError::NotSent(NotSent::Unsigned(error)) = refused else { panic!("{refused}") };
    assert_eq!(error, SignError::RepeatedParameter("a".into()));

    handle.allow(1);
    let sent = tokio::spawn(service.oneshot(get("/b")));
    let (request, answer) = handle.next_request().await.unwrap();
    assert_eq!(request.uri(), "/b", "the other request never arrived");
    assert!(request.headers().contains_key("x-ca-signature"));
    answer.send_response(Response::new(Full::default()));
    assert_eq!(sent.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn an_error_of_the_inner_service_is_handed_on() {
    let (service, mut handle) = pair();
    handle.allow(1);
    let sent = tokio::spawn(service.oneshot(get("/")));
    let (_, answer) = handle.next_request().await.unwrap();
    answer.send_error("the connection broke");
    let error = sent.await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Inner(_)));
    assert_eq!(error.to_string(), "the connection broke");
}

#[tokio::test]
async fn version_and_extensions_reach_the_inner_service() {
    let (service, mut handle) = pair();
    handle.allow(1);
    let mut request = get("/");
    request.extensions_mut().insert(7_u8);
    *request.version_mut() = http::Version::HTTP_2;
    let sent = tokio::spawn(service.oneshot(request));
    let (request, answer) = handle.next_request().await.unwrap();
    assert_eq!(request.extensions().get::<u8>(), Some(&7));
    assert_eq!(request.version(), http::Version::HTTP_2);
    answer.send_response(Response::new(Full::default()));
    assert!(sent.await.unwrap().is_ok());
}

/// A service that panics when it is called without having been polled ready, and whose clones were
/// not. It answers that the timestamp is expired.
#[derive(Debug, Default)]
struct Touchy {
    ready: bool,
    calls: Arc<AtomicUsize>,
}

impl Clone for Touchy {
    fn clone(&self) -> Self {
        Self { ready: false, calls: Arc::clone(&self.calls) }
    }
}

impl<B> Service<Request<B>> for Touchy {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        assert!(std::mem::take(&mut self.ready), "called without being polled ready");
        self.calls.fetch_add(1, Ordering::SeqCst);
        let answer = Response::builder()
            .header("x-ca-error-code", "S403TE")
            .header("date", "Tue, 14 Nov 2023 23:13:20 GMT");
        std::future::ready(Ok(answer.body(Full::default()).unwrap()))
    }
}

#[tokio::test]
async fn lesson_35_the_service_that_was_ready_is_the_one_that_is_called() {
    let touchy = Touchy::default();
    let calls = Arc::clone(&touchy.calls);
    let learning = ClockLearning::Within(std::time::Duration::from_secs(7200));
    let mut service = layer().with_clock_learning(learning).layer(touchy);
    for call in 1..=3 {
        let ready = ServiceExt::<Request<Body>>::ready(&mut service).await.unwrap();
        ready.call(get("/")).await.unwrap();
        // Each was sent once more, which needed another readiness.
        assert_eq!(calls.load(Ordering::SeqCst), 2 * call);
    }
}

#[tokio::test]
async fn a_dropped_future_sends_nothing_and_gives_back_the_slot_it_held() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let service = ServiceBuilder::new()
        .layer(layer())
        .layer(ConcurrencyLimitLayer::new(1))
        .service(service_fn(move |_: Request<SignedBody<Body>>| {
            counted.fetch_add(1, Ordering::SeqCst);
            async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) }
        }));
    let never = Body::new(Announced(10, never()));
    let request = Request::post("/").body(never).unwrap();
    let mut waiting = Box::pin(service.clone().oneshot(request));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    let mut other = Box::pin(service.clone().oneshot(get("/")));
    assert!(futures_util::poll!(&mut other).is_pending(), "the slot is taken");
    drop(waiting);
    assert_eq!(other.await.unwrap().status(), 200);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn nothing_prints_a_secret_or_a_signature() {
    let (mut service, mut handle) = pair();
    handle.allow(1);
    let ready = ServiceExt::<Request<Body>>::ready(&mut service).await.unwrap();
    let future = ready.call(get("/?token=s3cret"));
    let printed = format!("{:?} {service:?} {future:?}", layer());
    let sent = tokio::spawn(future);
    let (request, answer) = handle.next_request().await.unwrap();
    let signature = request.headers()["x-ca-signature"].to_str().unwrap().to_owned();
    let (head, body) = request.into_parts();
    let printed = format!("{printed} {:?} {body:?}", head.headers);
    answer.send_response(Response::new(Full::default()));
    sent.await.unwrap().unwrap();
    for hidden in [crate::support::SECRET, "s3cret", &signature] {
        assert!(!printed.contains(hidden), "{hidden} in {printed}");
    }
}
