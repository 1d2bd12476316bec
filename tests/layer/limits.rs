//! What a caller can make the service spend before it is known.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use countersign::middleware::AppAuthLayer;
use countersign::verify::{FormBudget, Limits, Policy};
use futures_util::StreamExt;
use http_body::Frame;
use http_body_util::StreamBody;

use crate::backend::{Backend, pieces, send, whole, with_body};
use crate::support::{APP_CODE, Call, Wire};

fn limited() -> Backend {
    let limits = Limits::default().with_max_body(100).with_max_form(50);
    Backend::new(Policy::strict().with_limits(limits))
}

/// A body that counts the pieces that are taken from it.
fn counted(size: usize) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let pieces = futures_util::stream::iter(0..size).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::convert::Infallible>(Frame::data(Bytes::from_static(b"x")))
    });
    (Body::new(StreamBody::new(pieces)), taken)
}

#[tokio::test]
async fn lesson_12_a_declared_length_over_the_limit_is_refused_before_a_byte_is_read() {
    let backend = limited();
    for call in [
        Call::post("/").digested("x".repeat(101)).sign(),
        Call::post("/").form("x".repeat(51)).sign(),
        Call::post("/").body("x".repeat(101)).with_app_code(APP_CODE),
    ] {
        let length = call.body.len();
        let call = call.with("content-length", length.to_string());
        let (body, taken) = counted(length);
        assert_eq!(send(&backend.app(), with_body(&call, body)).await.code(), "I413RL");
        assert_eq!(taken.load(Ordering::SeqCst), 0);
    }
    assert_eq!(backend.started(), 0);
}

#[tokio::test]
async fn lesson_12_a_lying_or_absent_length_stops_at_the_limit() {
    let backend = limited();
    let digested = || Call::post("/").digested("x".repeat(1000)).sign();
    let form = || Call::post("/").form("x".repeat(1000)).sign();
    let cases: [(Wire, usize); 4] = [
        (digested(), 101),
        (digested().with("content-length", "1"), 101),
        (form(), 51),
        (form().with("content-length", "1"), 51),
    ];
    for (call, most) in cases {
        let (body, taken) = counted(1000);
        assert_eq!(send(&backend.app(), with_body(&call, body)).await.code(), "I413RL");
        assert_eq!(taken.load(Ordering::SeqCst), most);
    }
    assert_eq!(backend.started(), 0);
}

#[tokio::test]
async fn lesson_12_a_streamed_body_over_the_limit_is_answered_i413rl_whatever_the_handler_says() {
    let backend = limited();
    let call = Call::post("/").body("x".repeat(1000)).with_app_code(APP_CODE);
    let (body, taken) = counted(1000);
    assert_eq!(send(&backend.app(), with_body(&call, body)).await.code(), "I413RL");
    assert_eq!(taken.load(Ordering::SeqCst), 101);
    assert_eq!(backend.finished(), 0);

    let call = Call::post("/").body("x".repeat(100)).with_app_code(APP_CODE);
    assert_eq!(send(&backend.app(), pieces(&call, 1)).await.code(), "200");
}

#[tokio::test]
async fn lesson_12_nothing_of_a_body_is_read_before_the_head_has_passed() {
    let backend = Backend::strict();
    let refused = [
        (Call::post("/").form("a=1").without("x-ca-nonce").sign(), "I400NC"),
        (Call::post("/").form("a=1").key("unknown", "secret").sign(), "A400IK"),
        (Call::post("/").form("a=1").timestamp(1).sign(), "S403TE"),
        (Call::post("/").json("{}").key("203710001", "wrong").sign(), "A403IS"),
        (Call::post("/").json("{}").key("203710003", "demo-app-secret").sign(), "A403PR"),
    ];
    for (call, code) in refused {
        let (body, taken) = counted(10);
        assert_eq!(send(&backend.app(), with_body(&call, body)).await.code(), code);
        assert_eq!(taken.load(Ordering::SeqCst), 0, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_12a_a_body_that_drips_for_ever_ends() {
    let backend = Backend::strict();
    for call in [Call::post("/").form("a=1").sign(), Call::post("/").json("{}").sign()] {
        let drip = futures_util::stream::repeat(()).then(|()| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, std::convert::Infallible>(Frame::data(Bytes::from_static(b"x")))
        });
        let body = Body::new(StreamBody::new(Box::pin(drip)));
        let answer = send(&backend.app(), with_body(&call, body)).await;
        assert_eq!(answer.code(), "I400BD");
        assert_eq!(answer.header("x-ca-error-message"), "Invalid Body: it did not arrive in time");
    }
    assert_eq!(backend.started(), 0);
}

#[tokio::test]
async fn lesson_12a_forms_of_unknown_callers_share_a_budget_that_returns() {
    let backend = Backend::strict();
    let budget = FormBudget::new(100);
    let verifier = backend.verifier.clone().with_form_budget(Arc::clone(&budget));
    let app = backend.routes().layer(AppAuthLayer::new(verifier));

    // One caller sends 60 bytes and stops.
    let call = Call::post("/").form("a".repeat(60)).sign();
    let first = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(Frame::data(
        Bytes::from(call.body.clone()),
    ))]);
    let stalled = Body::new(StreamBody::new(first.chain(futures_util::stream::pending())));
    let mut waiting = Box::pin(send(&app, with_body(&call, stalled)));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    assert_eq!(budget.held(), 60);

    // Another finds no room, and is told to come back.
    let other = Call::post("/").form("a".repeat(60)).sign();
    let answer = send(&app, whole(&other)).await;
    assert_eq!((answer.code().as_str(), answer.header("retry-after")), ("X503BZ", "1"));

    // The first goes away: its room returns.
    drop(waiting);
    assert_eq!(budget.held(), 0);
    assert_eq!(send(&app, whole(&other)).await.code(), "200");
    assert_eq!(budget.held(), 0);
}

#[tokio::test]
async fn lesson_17a_a_form_in_pieces_of_one_byte_is_kept_in_one_piece() {
    let backend = Backend::strict();
    let call = Call::post("/").form("a".repeat(1024 * 1024)).sign();
    let answer = send(&backend.app(), pieces(&call, 1)).await;
    assert_eq!(answer.code(), "200");
    assert_eq!(answer.body.len(), 1024 * 1024);
}

#[tokio::test]
async fn a_caller_that_goes_away_while_its_body_is_read_has_claimed_nothing() {
    let backend = Backend::strict();
    let call = Call::post("/").json("{}").sign();
    let stalled = Body::new(StreamBody::new(futures_util::stream::pending::<
        Result<Frame<Bytes>, std::convert::Infallible>,
    >()));
    {
        let app = backend.app();
        let mut waiting = pin!(send(&app, with_body(&call, stalled)));
        assert!(futures_util::poll!(&mut waiting).is_pending());
    }
    assert_eq!(send(&backend.app(), whole(&call)).await.code(), "200");
}
