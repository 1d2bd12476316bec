//! What a stranger can make the service spend.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use countersign::middleware::BackendSignatureLayer;
use countersign::verify::backend::{BackendPolicy, BodyCoverage};
use countersign::verify::{FormBudget, Limits};
use futures_util::StreamExt;
use http_body::Frame;
use http_body_util::StreamBody;

use crate::backend::{send, whole, with_body};
use crate::service::Service;
use crate::support::{BACKEND_KEY, Forwarded, NOW, WINDOW_MILLIS, Wire};

fn limited() -> BackendPolicy {
    BackendPolicy::strict().with_limits(Limits::default().with_max_body(100).with_max_form(50))
}

type Piece = Result<Frame<Bytes>, std::convert::Infallible>;

fn piece(text: &'static str) -> Piece {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

/// A body that counts the pieces that are taken from it.
fn counted(size: usize) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let pieces = futures_util::stream::iter(0..size).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        piece("x")
    });
    (Body::new(StreamBody::new(pieces)), taken)
}

#[tokio::test]
async fn a_declared_length_over_the_limit_is_refused_before_a_byte_is_read() {
    let service = Service::new(limited());
    for call in [
        Forwarded::post("/").digested("x".repeat(101)).sign(),
        Forwarded::post("/").form("x".repeat(51)).sign(),
    ] {
        let length = call.body.len();
        let (body, taken) = counted(length);
        let call = call.with("content-length", length.to_string());
        assert_eq!(send(&service.app(), with_body(&call, body)).await.code(), "I413RL");
        assert_eq!(taken.load(Ordering::SeqCst), 0);
    }
    // A body that is known to be too long to be held.
    let call = Forwarded::post("/").body("x".repeat(51)).digesting_gateway().sign();
    assert_eq!(send(&service.app(), whole(&call)).await.code(), "I413RL");
    assert_eq!(service.started(), 0);
}

#[tokio::test]
async fn a_lying_or_absent_length_stops_at_the_limit() {
    let service = Service::new(limited());
    let body = "x".repeat(1000);
    let cases: [(Wire, usize); 3] = [
        (Forwarded::post("/").digested(&body).sign(), 101),
        (Forwarded::post("/").body(&body).digesting_gateway().sign(), 51),
        (Forwarded::post("/").form(&body).sign(), 51),
    ];
    for (call, most) in cases {
        for call in [call.clone(), call.with("content-length", "1")] {
            let (body, taken) = counted(1000);
            assert_eq!(send(&service.app(), with_body(&call, body)).await.code(), "I413RL");
            assert_eq!(taken.load(Ordering::SeqCst), most);
        }
    }
    assert_eq!(service.started(), 0);
}

#[tokio::test]
async fn an_uncovered_body_is_streamed_and_stops_at_the_limit() {
    let service = Service::new(limited().with_body_coverage(BodyCoverage::AsSent));
    let call = Forwarded::post("/").body("x").sign();
    let (body, taken) = counted(1000);
    assert_eq!(send(&service.app(), with_body(&call, body)).await.code(), "I413RL");
    assert_eq!(taken.load(Ordering::SeqCst), 101);
    assert_eq!(service.started(), 1, "a body that is not read reaches the service");
}

#[tokio::test]
async fn nothing_of_a_body_is_read_before_the_head_has_passed() {
    let service = Service::strict();
    let stale = (NOW - WINDOW_MILLIS - 1).to_string();
    let refused = [
        (Forwarded::post("/").form("a=1").key("GatewayKey9", "secret").sign(), "A400IK"),
        (Forwarded::post("/").form("a=1").header("x-ca-timestamp", stale).sign(), "S403TE"),
        (Forwarded::post("/").digested("{}").key(BACKEND_KEY, "wrong").sign(), "A403IS"),
        (
            Forwarded::post("/").form("a=1").sign().and("x-ca-nonce", "").and("x-ca-nonce", ""),
            "I400HD",
        ),
        (Forwarded::post("/").form("a=1").sign().without("x-ca-proxy-signature"), "I400MH"),
    ];
    for (call, code) in refused {
        let (body, taken) = counted(10);
        assert_eq!(send(&service.app(), with_body(&call, body)).await.code(), code);
        assert_eq!(taken.load(Ordering::SeqCst), 0, "{code}");
    }
}

#[tokio::test]
async fn of_a_body_that_is_known_to_be_uncovered_nothing_is_read() {
    let service = Service::strict();
    let call = Forwarded::post("/").body("xxxxxxxxxx").sign();
    assert_eq!(send(&service.app(), whole(&call)).await.code(), "I400MH");
    let (body, taken) = counted(10);
    assert_eq!(send(&service.app(), with_body(&call, body)).await.code(), "I400MH");
    assert_eq!(taken.load(Ordering::SeqCst), 1, "one piece shows that there is a body");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_drips_for_ever_ends() {
    let service = Service::strict();
    for call in [
        Forwarded::post("/").form("a=1").sign(),
        Forwarded::post("/").body("x").digesting_gateway().sign(),
        Forwarded::post("/").digested("x").sign(),
    ] {
        let drip = futures_util::stream::repeat(()).then(|()| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            piece("x")
        });
        let body = Body::new(StreamBody::new(Box::pin(drip)));
        let answer = send(&service.app(), with_body(&call, body)).await;
        assert_eq!(answer.code(), "I400BD");
        assert_eq!(answer.header("x-ca-error-message"), "Invalid Body: it did not arrive in time");
    }
    assert_eq!(service.started(), 0);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused_and_burns_no_nonce() {
    let service = Service::strict();
    let broken = || {
        let frames = [Ok(Frame::data(Bytes::from("{"))), Err(std::io::Error::other("reset"))];
        Body::new(StreamBody::new(futures_util::stream::iter(frames)))
    };
    for call in [
        Forwarded::post("/").stamped("1").digested("{}").sign(),
        Forwarded::post("/").stamped("2").body("{}").digesting_gateway().sign(),
        Forwarded::post("/").stamped("3").form("a=1").sign(),
    ] {
        let answer = send(&service.app(), with_body(&call, broken())).await;
        assert_eq!(answer.header("x-ca-error-message"), "Invalid Body: it ended early");
        assert_eq!(answer.code(), "I400BD");
        assert_eq!(send(&service.app(), whole(&call)).await.code(), "200");
    }
}

#[tokio::test]
async fn bodies_of_unknown_senders_share_a_budget_that_returns() {
    let service = Service::strict();
    let budget = FormBudget::new(100);
    let verifier = service.verifier.clone().with_form_budget(Arc::clone(&budget));
    let app = service.routes().layer(BackendSignatureLayer::new(verifier));

    // One sends 60 bytes of a form and stops.
    let form = Forwarded::post("/").form("a".repeat(60)).sign();
    let first = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(Frame::data(
        Bytes::from(form.body.clone()),
    ))]);
    let stalled = Body::new(StreamBody::new(first.chain(futures_util::stream::pending())));
    let mut waiting = Box::pin(send(&app, with_body(&form, stalled)));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    assert_eq!(budget.held(), 60);

    // A body whose digest the gateway has made counts against the same budget.
    let other = Forwarded::post("/").body("a".repeat(60)).digesting_gateway().sign();
    let answer = send(&app, whole(&other)).await;
    assert_eq!((answer.code().as_str(), answer.header("retry-after")), ("X503BZ", "1"));
    // One with a digest of its caller's does not: its head is proven first.
    let digested = Forwarded::post("/").digested("a".repeat(60)).sign();
    assert_eq!(send(&app, whole(&digested)).await.code(), "200");

    drop(waiting);
    assert_eq!(budget.held(), 0);
    assert_eq!(send(&app, whole(&other)).await.code(), "200");
    assert_eq!(budget.held(), 0);
}

#[tokio::test]
async fn a_body_dripped_past_the_window_is_expired_and_never_handled() {
    let service = Service::strict();
    let clock = service.clock.clone();
    let call = Forwarded::post("/").stamped("n").digested("{}").sign();
    let body = futures_util::stream::iter(0..2).map(move |at| {
        // The head arrives at the window's last instant, the end of the body after it.
        clock.advance(Duration::from_millis(if at == 0 { WINDOW_MILLIS } else { 1 }));
        piece(["{", "}"][at])
    });
    let body = Body::new(StreamBody::new(body));
    assert_eq!(send(&service.app(), with_body(&call, body)).await.code(), "S403TE");
    assert_eq!(service.started(), 0);
}
