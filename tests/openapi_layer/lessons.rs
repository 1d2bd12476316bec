//! Lessons of other projects: what a caller can make the service spend before it is known.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use http_body::Frame;
use http_body_util::StreamBody;

use countersign::verify::openapi::OpenApiPolicy;
use countersign::verify::{FormBudget, Limits};

use super::*;

const FORM: &str = "application/x-www-form-urlencoded";

type Pieces = Pin<Box<dyn Stream<Item = Result<Frame<Bytes>, io::Error>> + Send>>;

/// A handler that counts its calls, behind the layer.
fn counted(bench: &Bench) -> (Router, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let handler = move |body: Bytes| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move { body.len().to_string() }
    };
    let layer = OpenApiLayer::new(bench.verifier.clone());
    (Router::new().fallback(handler).layer(layer), calls)
}

/// The code that is answered; empty if the handler was.
async fn code(service: &Router, sent: &Sent, body: Body) -> String {
    let mut request = Request::new(body);
    *request.method_mut() = sent.method.clone();
    *request.uri_mut() = sent.target.clone();
    *request.headers_mut() = sent.headers.clone();
    let response = service.clone().oneshot(request).await.unwrap();
    let refusal = response.extensions().get::<OpenApiRejection>();
    let code = refusal.map(|refusal| refusal.code_text().into_owned());
    assert_eq!(code.is_none(), response.status() == 200);
    code.unwrap_or_default()
}

fn in_pieces(pieces: impl Stream<Item = Result<Frame<Bytes>, io::Error>> + Send + 'static) -> Body {
    let pieces: Pieces = Box::pin(pieces);
    Body::new(StreamBody::new(pieces))
}

/// As many bytes as are asked for, one at a time; and how many were.
fn endless() -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let pieces = stream::repeat_with(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(Frame::data(Bytes::from_static(b"x")))
    });
    (in_pieces(pieces), taken)
}

fn first_bytes(body: &[u8]) -> Frame<Bytes> {
    Frame::data(Bytes::copy_from_slice(body))
}

#[tokio::test]
async fn lesson_10_no_kind_of_empty_body_goes_around_the_signature() {
    let (service, calls) = counted(&Bench::strict());
    for method in ["GET", "HEAD", "POST", "DELETE"] {
        for length in [None, Some("0")] {
            let mut forged = rpc(method, RPC).header("content-type", FORM);
            forged.target =
                forged.target.to_string().replace("DescribeApis", "Delete").parse().unwrap();
            if let Some(length) = length {
                forged = forged.header("content-length", length);
            }
            for body in [Body::empty(), in_pieces(stream::empty())] {
                assert_eq!(code(&service, &forged, body).await, "SignatureDoesNotMatch");
            }
            let unsigned = Sent::new(method, "/").header("content-type", FORM);
            for body in [Body::empty(), in_pieces(stream::empty())] {
                assert_eq!(code(&service, &unsigned, body).await, "MissingAccessKeyId");
            }
        }
    }
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn lesson_12_a_length_over_the_limit_is_refused_before_a_byte_is_read() {
    let limits = Limits::default().with_max_body(1_000).with_max_form(500);
    let (service, calls) = counted(&Bench::with(OpenApiPolicy::strict().with_limits(limits)));
    let form = Sent::new("POST", "/").header("content-type", FORM);
    for sent in [v3("PUT", "/", b"{}").v3(), roa("PUT", "/", b"{}").signed_by_roa(), form] {
        let (body, taken) = endless();
        let sent = sent.header("content-length", "1001");
        assert_eq!(code(&service, &sent, body).await, "InvalidBody.LengthLimit");
        assert_eq!(taken.load(Ordering::SeqCst), 0);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn lesson_12_an_absent_length_stops_at_the_limit() {
    let limits = Limits::default().with_max_body(1_000).with_max_form(500);
    let (service, calls) = counted(&Bench::with(OpenApiPolicy::strict().with_limits(limits)));
    let form = Sent::new("POST", "/").header("content-type", FORM);
    for (sent, most) in [
        (v3("PUT", "/", b"{}").v3(), 1_001),
        (roa("PUT", "/", b"{}").signed_by_roa(), 1_001),
        (form, 501),
    ] {
        let (body, taken) = endless();
        assert_eq!(code(&service, &sent, body).await, "InvalidBody.LengthLimit");
        assert_eq!(taken.load(Ordering::SeqCst), most);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn lesson_12_nothing_of_a_body_is_read_before_the_head_is_verified() {
    let (service, _) = counted(&Bench::strict());
    let forged = v3("PUT", "/", b"{}").v3().header("x-acs-action", "Delete");
    let unknown = roa("PUT", "/", b"{}").header("authorization", "acs nobody:AAAA");
    for (sent, refusal) in
        [(forged, "SignatureDoesNotMatch"), (unknown, "InvalidAccessKeyId.NotFound")]
    {
        let (body, taken) = endless();
        assert_eq!(code(&service, &sent, body).await, refusal);
        assert_eq!(taken.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn lesson_12a_forms_of_unknown_callers_share_a_budget_that_returns() {
    let sent = rpc_form("", RPC);
    let length = sent.body.len();
    let budget = FormBudget::new(length + 10);
    let bench = Bench::strict();
    let verifier = bench.verifier.clone().with_form_budget(Arc::clone(&budget));
    let (service, _) = counted(&Bench { clock: bench.clock, verifier });

    // One caller sends all but the end, and stops.
    let first = stream::iter([Ok(first_bytes(&sent.body))]).chain(stream::pending());
    let mut waiting = Box::pin(code(&service, &sent, in_pieces(first)));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    assert_eq!(budget.held(), length);
    // Another finds no room.
    let body = || Body::from(sent.body.clone());
    assert_eq!(code(&service, &sent, body()).await, "ServiceUnavailable");
    // A request that is signed by its head needs none.
    assert_eq!(code(&service, &v3("PUT", "/", b"{}").v3(), Body::from("{}")).await, "");
    // The first goes away: its room returns.
    drop(waiting);
    assert_eq!(budget.held(), 0);
    assert_eq!(code(&service, &sent, body()).await, "");
    assert_eq!(budget.held(), 0);
}

#[tokio::test(start_paused = true)]
async fn lesson_12a_a_form_that_drips_ends() {
    let limits = Limits::default().with_body_read_timeout(Duration::from_secs(5));
    let (service, calls) = counted(&Bench::with(OpenApiPolicy::strict().with_limits(limits)));
    let drip = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((Ok(Frame::data(Bytes::from_static(b"x"))), ()))
    });
    let form = Sent::new("POST", "/").header("content-type", FORM);
    assert_eq!(code(&service, &form, in_pieces(drip)).await, "InvalidBody");
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn lesson_13_a_body_that_breaks_off_spends_no_nonce() {
    let (service, calls) = counted(&Bench::strict());
    for (sent, half) in [
        (rpc_form("", RPC), "Action="),
        (roa("PUT", "/", b"{}").signed_by_roa(), "{"),
        (v3("PUT", "/", b"{}").v3(), "{"),
    ] {
        let broken = stream::iter([
            Ok(first_bytes(half.as_bytes())),
            Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        ]);
        assert_eq!(code(&service, &sent, in_pieces(broken)).await, "InvalidBody");
        // The caller goes away in the middle.
        let stalled = stream::iter([Ok(first_bytes(half.as_bytes()))]).chain(stream::pending());
        let mut waiting = Box::pin(code(&service, &sent, in_pieces(stalled)));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(waiting);
        assert_eq!(code(&service, &sent, Body::from(sent.body.clone())).await, "");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}
