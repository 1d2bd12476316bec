//! The caller goes away.

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use axum::body::Body;
use countersign::middleware::{JwtAppAuthLayer, Release};
use futures_util::poll;
use http::Request;
use tower::{Layer, Service, ServiceExt};

use crate::service::{Bench, Broken, Does, Handler, request, send, send_again};
use crate::stores::{Place, TestStore};
use crate::support::{Call, Wire};
use crate::tokens::{token, tokens};

/// Sends a request, and gives up when the handler hangs or a store does.
async fn give_up<S, B>(service: &S, wire: &Wire)
where
    S: Service<Request<Body>, Response = http::Response<B>, Error = Broken> + Clone,
{
    let mut sent = Box::pin(service.clone().oneshot(request(wire)));
    for _ in 0..20 {
        assert!(poll!(&mut sent).is_pending(), "nobody answers");
    }
    drop(sent);
    // What was left to the runtime is done before the next request.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn lesson_27_a_caller_who_goes_away_while_the_handler_runs_has_spent_the_nonce() {
    for place in [Place::Here, Place::There] {
        for release in [Release::Never, Release::OnServerError] {
            let handler = Handler::that([Does::Hang]);
            let service = Bench::new(place).releasing(release).layer(handler.clone());
            let call = Call::get("/").sign();
            give_up(&service, &call).await;
            assert_eq!(handler.started(), 1);
            assert_eq!(send_again(&service, &call, 2).await, ["S403NU", "S403NU"]);
        }
    }
}

#[tokio::test]
async fn lesson_27_unless_the_service_dangerously_says_otherwise() {
    for place in [Place::Here, Place::There] {
        let handler = Handler::that([Does::Hang, Does::Hang]);
        let service =
            Bench::new(place).releasing(Release::DangerouslyOnCancellation).layer(handler.clone());
        let call = Call::get("/").sign();
        give_up(&service, &call).await;
        give_up(&service, &call).await;
        assert_eq!(handler.started(), 2);
        assert_eq!(send(&service, &call).await, "S403NU", "once in a nonce's life");
    }
}

#[tokio::test]
async fn lesson_27_a_caller_who_goes_away_before_the_handler_is_called_has_spent_nothing() {
    for place in [Place::Here, Place::There] {
        for release in [Release::OnServerError, Release::DangerouslyOnCancellation] {
            let bench = Bench::new(place);
            let jtis = TestStore::new(place, &bench.clock);
            let layer = JwtAppAuthLayer::new(tokens(&bench, &jtis), bench.verifier.clone());
            let handler = Handler::default();
            let service = layer.with_release(release).layer(handler.clone());
            let call = Call::get("/").header("x-token", token("1")).sign();
            // The nonce is claimed, and then nothing is heard of the token.
            jtis.stalls.store(true, Ordering::SeqCst);
            give_up(&service, &call).await;
            jtis.stalls.store(false, Ordering::SeqCst);
            assert_eq!(handler.started(), 0);
            assert_eq!(bench.store.releases(), 1);
            assert_eq!(send_again(&service, &call, 2).await, ["200", "S403NU"]);
        }
    }
}

#[tokio::test]
async fn lesson_27_a_caller_who_goes_away_while_a_claim_is_taken_back_changes_nothing() {
    let bench = Bench::new(Place::There);
    let service = bench.releasing(Release::OnServerError).layer(Handler::that([Does::Answer(500)]));
    let call = Call::get("/").sign();
    let mut sent = Box::pin(service.clone().oneshot(request(&call)));
    while bench.store.releases() == 0 {
        assert!(poll!(&mut sent).is_pending(), "the store has not answered");
        tokio::task::yield_now().await;
    }
    drop(sent);
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(send_again(&service, &call, 2).await, ["200", "S403NU"]);
}

#[tokio::test]
async fn lesson_27_what_is_refused_after_its_claim_has_it_back_before_the_answer() {
    let bench = Bench::new(Place::There);
    let jtis = TestStore::new(Place::There, &bench.clock);
    let layer = JwtAppAuthLayer::new(tokens(&bench, &jtis), bench.verifier.clone());
    let service = layer.with_release(Release::OnServerError).layer(Handler::default());
    let [first, second] = ["1", "1"].map(|jti| Call::get("/").header("x-token", token(jti)).sign());
    assert_eq!(send(&service, &first).await, "200");
    assert_eq!(send(&service, &second).await, "A403SV");
    assert_eq!(bench.store.releases(), 1, "the second nonce, whose token was used");
}

#[tokio::test]
async fn lesson_27_a_claim_whose_answer_is_lost_counts_as_used() {
    let bench = Bench::new(Place::There);
    let handler = Handler::default();
    let service = bench.releasing(Release::DangerouslyOnCancellation).layer(handler.clone());
    let call = Call::get("/").sign();
    // The store has acted, and its answer is on the way.
    let mut sent = Box::pin(service.clone().oneshot(request(&call)));
    assert!(poll!(&mut sent).is_pending());
    assert!(poll!(&mut sent).is_pending());
    drop(sent);
    tokio::task::yield_now().await;
    assert_eq!(send(&service, &call).await, "S403NU");
    assert_eq!((handler.started(), bench.store.releases()), (0, 0));
}

fn poll_once<F: Future>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn lesson_27_a_store_in_memory_needs_no_runtime_to_take_a_claim_back() {
    let bench = Bench::new(Place::Here);
    let layer = bench.releasing(Release::DangerouslyOnCancellation);
    let service = layer.layer(Handler::that([Does::Hang]));
    let call = Call::get("/").sign();
    let mut sent = Box::pin(service.clone().oneshot(request(&call)));
    assert!(poll_once(&mut sent).is_pending());
    drop(sent);
    let mut again = Box::pin(send_again(&service, &call, 2));
    assert_eq!(poll_once(&mut again), Poll::Ready(vec!["200".to_owned(), "S403NU".to_owned()]));
}

#[test]
fn lesson_27_without_a_runtime_a_remote_claim_counts_as_used() {
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bench = Bench::new(Place::There);
    let layer = bench.releasing(Release::DangerouslyOnCancellation);
    let service = layer.layer(Handler::that([Does::Hang]));
    let call = Call::get("/").sign();
    let mut sent = Box::pin(service.clone().oneshot(request(&call)));
    runtime().block_on(async {
        for _ in 0..20 {
            assert!(poll!(&mut sent).is_pending());
        }
    });
    drop(sent);
    assert_eq!(runtime().block_on(send(&service, &call)), "S403NU");
}
