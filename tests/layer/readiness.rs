//! The Tower contract.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use axum::body::Body;
use bytes::Bytes;
use countersign::middleware::RequestBody;
use http::{Request, Response};
use http_body_util::Full;
use tower::buffer::BufferLayer;
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_test::mock;

use crate::backend::{Backend, whole};
use crate::support::Call;

type Inner = mock::Mock<Request<RequestBody<Body>>, Response<Full<Bytes>>>;

fn poll_ready<S: Service<Request<Body>>>(service: &mut S) -> Poll<Result<(), S::Error>> {
    service.poll_ready(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn the_layer_is_ready_when_the_inner_service_is() {
    let backend = Backend::strict();
    let (inner, mut handle): (Inner, _) = mock::pair();
    let mut service = backend.layer().layer(inner);
    handle.allow(0);
    assert!(poll_ready(&mut service).is_pending());
    handle.allow(1);
    assert!(poll_ready(&mut service).is_ready());
}

#[tokio::test]
async fn only_an_authentic_request_reaches_the_inner_service() {
    let backend = Backend::strict();
    let (inner, mut handle): (Inner, _) = mock::pair();
    let service = backend.layer().layer(inner);

    handle.allow(1);
    let forged = whole(&Call::get("/").sign().to("/other"));
    let refused = service.clone().oneshot(forged).await.unwrap();
    assert_eq!(refused.headers()["x-ca-error-code"], "A403IS");

    handle.allow(1);
    let sent = tokio::spawn(service.oneshot(whole(&Call::get("/a").sign())));
    let (request, answer) = handle.next_request().await.unwrap();
    assert_eq!(request.uri(), "/a", "the forged request never arrived");
    answer.send_response(Response::new(Full::default()));
    assert_eq!(sent.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn an_error_of_the_inner_service_is_handed_on() {
    let backend = Backend::strict();
    let (inner, mut handle): (Inner, _) = mock::pair();
    let service = backend.layer().layer(inner);
    handle.allow(1);
    let sent = tokio::spawn(service.oneshot(whole(&Call::get("/").sign())));
    let (_, answer) = handle.next_request().await.unwrap();
    answer.send_error("the backend broke");
    assert_eq!(sent.await.unwrap().unwrap_err().to_string(), "the backend broke");
}

/// A service that panics when it is called without having been polled ready, as the contract
/// allows.
#[derive(Debug)]
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
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        assert!(std::mem::take(&mut self.ready), "called without being polled ready");
        self.calls.fetch_add(1, Ordering::SeqCst);
        std::future::ready(Ok(Response::new(Full::default())))
    }
}

#[tokio::test]
async fn lesson_35_the_service_that_was_ready_is_the_one_that_is_called() {
    let backend = Backend::strict();
    let calls = Arc::new(AtomicUsize::new(0));
    let touchy = Touchy { ready: false, calls: Arc::clone(&calls) };
    let mut service = backend.layer().layer(touchy);
    for _ in 0..3 {
        let ready = ServiceExt::<Request<Body>>::ready(&mut service).await.unwrap();
        let response = ready.call(whole(&Call::get("/").sign())).await;
        assert_eq!(response.unwrap().status(), 200);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn lesson_35_limits_and_buffers_inside_the_layer_are_respected() {
    let backend = Backend::strict();
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (Arc::clone(&running), Arc::clone(&most));
    let slow = service_fn(move |_: Request<RequestBody<Body>>| {
        let (now, peak) = (Arc::clone(&now), Arc::clone(&peak));
        async move {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, std::convert::Infallible>(Response::new(Full::<Bytes>::default()))
        }
    });
    let service = ServiceBuilder::new()
        .layer(backend.layer())
        .layer(BufferLayer::new(4))
        .layer(ConcurrencyLimitLayer::new(2))
        .service(slow);
    let sends = (0..16).map(|_| {
        let service = service.clone();
        tokio::spawn(async move {
            service.oneshot(whole(&Call::get("/").sign())).await.unwrap().status()
        })
    });
    for sent in sends.collect::<Vec<_>>() {
        assert_eq!(sent.await.unwrap(), 200);
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
    assert_eq!(running.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_dropped_future_gives_back_the_slot_it_held() {
    let backend = Backend::strict();
    let service = ServiceBuilder::new()
        .layer(backend.layer())
        .layer(ConcurrencyLimitLayer::new(1))
        .service(service_fn(async |_: Request<RequestBody<Body>>| {
            Ok::<_, std::convert::Infallible>(Response::new(Full::<Bytes>::default()))
        }));
    let stalled = Body::new(http_body_util::StreamBody::new(futures_util::stream::pending::<
        Result<http_body::Frame<Bytes>, std::convert::Infallible>,
    >()));
    let call = Call::post("/").json("{}").sign();
    let mut waiting = Box::pin(service.clone().oneshot(crate::backend::with_body(&call, stalled)));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    drop(waiting);
    let response = service.oneshot(whole(&Call::get("/").sign())).await.unwrap();
    assert_eq!(response.status(), 200);
}
