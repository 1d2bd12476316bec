//! The Tower contract, and what a request that goes away leaves behind.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use axum::body::Body;
use bytes::Bytes;
use countersign::jwt::JwtVerifier;
use countersign::middleware::{JwtAppAuthLayer, JwtAuthLayer, RequestBody};
use countersign::store::{Claim, Claimed, ReplayStore, StoreError};
use futures_util::poll;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{Full, StreamBody};
use tokio::sync::Semaphore;
use tower::buffer::BufferLayer;
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, Service as _, ServiceBuilder, ServiceExt, service_fn};
use tower_test::mock;

use crate::backend::{send, whole, with_body};
use crate::service::{Both, Service, bearing, get, plain, single_use};
use crate::support::{Call, TestReplayStore, Wire};
use crate::token::{Token, verifying_key};

type Inner = mock::Mock<Request<RequestBody<Body>>, Response<Full<Bytes>>>;

/// A request that is accepted.
fn accepted() -> Request<Body> {
    whole(&get("/", &Token::new().sign()))
}

fn poll_ready<S: tower::Service<Request<Body>>>(service: &mut S) -> Poll<Result<(), S::Error>> {
    service.poll_ready(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn the_layer_is_ready_when_the_inner_service_is() {
    let service = Service::single_use();
    let (inner, mut handle): (Inner, _) = mock::pair();
    let mut guarded = service.layer().layer(inner);
    handle.allow(0);
    assert!(poll_ready(&mut guarded).is_pending());
    handle.allow(1);
    assert!(poll_ready(&mut guarded).is_ready());
}

#[tokio::test]
async fn only_a_request_with_a_valid_token_reaches_the_inner_service() {
    let service = Service::single_use();
    let (inner, mut handle): (Inner, _) = mock::pair();
    let guarded = service.layer().layer(inner);
    handle.allow(1);
    let refused = guarded.clone().oneshot(whole(&plain("GET", "/"))).await.unwrap();
    assert_eq!(refused.headers()["x-ca-error-code"], "I400JR");
    handle.allow(1);
    let sent = tokio::spawn(guarded.oneshot(whole(&get("/a", &Token::new().sign()))));
    let (request, answer) = handle.next_request().await.unwrap();
    assert_eq!(request.uri(), "/a", "the refused request never arrived");
    answer.send_response(Response::new(Full::default()));
    assert_eq!(sent.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn an_error_of_the_inner_service_is_handed_on() {
    let service = Service::single_use();
    let (inner, mut handle): (Inner, _) = mock::pair();
    handle.allow(1);
    let sent = tokio::spawn(service.layer().layer(inner).oneshot(accepted()));
    let (_, answer) = handle.next_request().await.unwrap();
    answer.send_error("the backend broke");
    assert_eq!(sent.await.unwrap().unwrap_err().to_string(), "the backend broke");
}

#[tokio::test]
async fn a_token_is_not_spent_while_its_request_waits_for_the_inner_service() {
    let service = Service::single_use();
    let (inner, mut handle): (Inner, _) = mock::pair();
    let guarded = service.layer().layer(inner);
    handle.allow(0);
    let request = get("/", &Token::new().sign());
    {
        let mut waiting = Box::pin(guarded.oneshot(whole(&request)));
        assert!(poll!(&mut waiting).is_pending());
    }
    assert_eq!(service.replay.claims(), 0);
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "200");
}

/// A service that panics when it is called without having been polled ready, as the contract allows.
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

impl<B> tower::Service<Request<B>> for Touchy {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
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
    let both = Both::new(single_use(), Default::default());
    let touchy = Touchy::default();
    let calls = Arc::clone(&touchy.calls);
    let mut guarded = both.tokens.layer().layer(both.layer().layer(touchy));
    for _ in 0..3 {
        let request = bearing(Call::get("/").sign(), &Token::new().sign());
        let ready = ServiceExt::<Request<Body>>::ready(&mut guarded).await.unwrap();
        assert_eq!(ready.call(whole(&request)).await.unwrap().status(), 200);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn lesson_35_limits_and_buffers_inside_the_layer_are_respected() {
    let service = Service::single_use();
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (Arc::clone(&running), Arc::clone(&most));
    let slow = service_fn(move |_: Request<RequestBody<Body>>| {
        let (now, peak) = (Arc::clone(&now), Arc::clone(&peak));
        async move {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }
    });
    let guarded = ServiceBuilder::new()
        .layer(service.layer())
        .layer(BufferLayer::new(4))
        .layer(ConcurrencyLimitLayer::new(2))
        .service(slow);
    let sends = (0..16).map(|_| tokio::spawn(guarded.clone().oneshot(accepted())));
    for sent in sends.collect::<Vec<_>>() {
        assert_eq!(sent.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!((most.load(Ordering::SeqCst), running.load(Ordering::SeqCst)), (2, 0));
}

/// A replay store that is far away: it answers when it is let.
#[derive(Clone)]
struct FarAway {
    store: Arc<TestReplayStore>,
    answers: Arc<Semaphore>,
}

impl FarAway {
    fn of(service: &Service) -> Self {
        Self { store: Arc::clone(&service.replay), answers: Arc::new(Semaphore::new(0)) }
    }

    fn verifier(&self, service: &Service) -> JwtVerifier<Self> {
        let verifier = JwtVerifier::new(
            single_use(),
            countersign::jwt::KeySet::from(verifying_key(None)),
            self.clone(),
        );
        verifier.unwrap().with_clock(Arc::clone(&service.clock))
    }
}

impl ReplayStore for FarAway {
    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        self.answers.acquire().await.unwrap().forget();
        self.store.claim(claim).await
    }
}

/// A body of which the first piece never comes.
fn stalled() -> Body {
    Body::new(StreamBody::new(
        futures_util::stream::pending::<Result<Frame<Bytes>, std::io::Error>>(),
    ))
}

#[tokio::test]
async fn a_request_that_goes_away_before_its_claim_leaves_the_jti_unspent() {
    let service = Service::single_use();
    let far = FarAway::of(&service);
    let app = service.routes().layer(JwtAuthLayer::new(far.verifier(&service)));
    let request = get("/", &Token::new().sign());
    drop(app.clone().oneshot(whole(&request)));
    {
        let mut waiting = Box::pin(send(&app, whole(&request)));
        assert!(poll!(&mut waiting).is_pending());
        assert!(poll!(&mut waiting).is_pending());
    }
    assert_eq!((service.replay.written(), service.seen.count()), (0, 0));
    far.answers.add_permits(2);
    assert_eq!(send(&app, whole(&request)).await.code(), "200");
    assert_eq!(send(&app, whole(&request)).await.code(), "A403SV");
}

#[tokio::test]
async fn a_request_that_goes_away_after_its_claim_has_spent_it() {
    let service = Service::single_use();
    let (inner, mut handle): (Inner, _) = mock::pair();
    handle.allow(1);
    let request = get("/", &Token::new().sign());
    {
        let mut waiting = Box::pin(service.layer().layer(inner).oneshot(whole(&request)));
        assert!(poll!(&mut waiting).is_pending());
        assert!(handle.next_request().await.is_some());
    }
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "A403SV");
}

#[tokio::test]
async fn a_body_that_never_comes_spends_neither_nonce_nor_jti() {
    let both = Both::new(single_use(), Default::default());
    let app = both.app();
    let request: Wire = bearing(Call::post("/").json("{}").sign(), &Token::new().sign());
    {
        let mut waiting = Box::pin(send(&app, with_body(&request, stalled())));
        assert!(poll!(&mut waiting).is_pending());
    }
    assert_eq!(both.spent(), (0, 0));
    assert_eq!(send(&app, whole(&request)).await.code(), "200");
    assert_eq!(both.spent(), (1, 1));
}

#[tokio::test]
async fn a_request_that_goes_away_between_the_two_claims_has_spent_its_nonce_alone() {
    let both = Both::new(single_use(), Default::default());
    let far = FarAway::of(&both.tokens);
    let layer = JwtAppAuthLayer::new(far.verifier(&both.tokens), both.apps.verifier.clone());
    let app = both.routes().layer(layer);
    let token = Token::new().sign();
    {
        let request = bearing(Call::get("/").sign(), &token);
        let mut waiting = Box::pin(send(&app, whole(&request)));
        assert!(poll!(&mut waiting).is_pending());
    }
    assert_eq!(both.spent(), (1, 0));
    far.answers.add_permits(1);
    let request = bearing(Call::get("/").sign(), &token);
    assert_eq!(send(&app, whole(&request)).await.code(), "200");
}

#[tokio::test]
async fn a_dropped_future_gives_back_the_slot_it_held() {
    let both = Both::new(single_use(), Default::default());
    let guarded = ServiceBuilder::new()
        .layer(both.layer())
        .layer(ConcurrencyLimitLayer::new(1))
        .service(service_fn(async |_: Request<RequestBody<Body>>| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }));
    let request = || bearing(Call::post("/").json("{}").sign(), &Token::new().sign());
    let mut waiting = Box::pin(guarded.clone().oneshot(with_body(&request(), stalled())));
    assert!(poll!(&mut waiting).is_pending());
    drop(waiting);
    let response = guarded.oneshot(whole(&request())).await.unwrap();
    assert_eq!(response.status(), 200);
}
