//! How often a request makes the crate ask for memory: a figure that does not depend on the machine.
//! A change that moves one of these moves it here, in plain sight.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::cell::RefCell;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use countersign::clock::{ManualClock, UnixMillis};
use countersign::middleware::AppAuthLayer;
use countersign::store::{Claim, Claimed, MemoryCredentials, MemoryReplayStore, ReplayStore};
use countersign::verify::Verifier;
use http::{Request, Response};
use http_body_util::{Empty, Full};
use support::{Call, KEY, NOW, WINDOW_MILLIS, Wire, answered, demo_apps};
use tower::{Layer, Service, service_fn};

type Subject = Verifier<MemoryCredentials, MemoryReplayStore>;

/// A strict verifier with the stores that services use, its replay store's tables in use.
fn verifier() -> Subject {
    let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
    let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
    let until = UnixMillis::new(NOW + WINDOW_MILLIS);
    for nonce in (0..20_000_u32).map(u32::to_be_bytes) {
        let claim = Claim::new("default", KEY, &nonce, until).signed_at(UnixMillis::new(NOW));
        assert_eq!(answered(replay.claim(claim)).unwrap(), Claimed::Fresh);
    }
    Verifier::new(MemoryCredentials::new(demo_apps()).unwrap(), replay).with_clock(clock)
}

fn get() -> Wire {
    Call::get("/http2test/test?param1=test&username=xiaoming&c=3").sign()
}

/// What most calls allocate: a few make the replay store's tables grow.
fn usual<R, A>(request: impl Fn() -> R, call: impl Fn(&R) -> A, judge: impl Fn(A)) -> u64 {
    const CALLS: usize = 101;
    let count = |_| {
        let (request, mut answer) = (request(), None);
        let measured = allocation_counter::measure(|| answer = Some(call(&request)));
        judge(answer.unwrap());
        measured.count_total
    };
    let mut counts: Vec<_> = (0..CALLS).map(count).collect();
    counts.sort_unstable();
    counts[CALLS / 2]
}

/// What the verifier allocates for requests like these.
fn verifying(request: impl Fn() -> Wire, accepted: bool) -> u64 {
    let verifier = verifier();
    let verify = |wire: &Wire| answered(verifier.verify(wire.head(), &wire.body));
    usual(request, verify, |answer| assert_eq!(answer.is_ok(), accepted, "{answer:?}"))
}

/// What the layer allocates for requests like these around a service that allocates nothing.
fn serving(request: impl Fn() -> Wire, status: u16) -> u64 {
    async fn ok<B>(_: Request<B>) -> Result<Response<Empty<Bytes>>, Infallible> {
        Ok(Response::new(Empty::new()))
    }
    let service = RefCell::new(AppAuthLayer::new(verifier()).layer(service_fn(ok)));
    let http = || {
        let Wire { method, target, headers, body, .. } = request();
        let mut http = Request::new(Full::new(Bytes::from(body)));
        (*http.method_mut(), *http.uri_mut(), *http.headers_mut()) = (method, target, headers);
        RefCell::new(Some(http))
    };
    let serve = |http: &RefCell<Option<Request<Full<Bytes>>>>| {
        answered(service.borrow_mut().call(http.take().unwrap())).unwrap()
    };
    usual(http, serve, |answer| assert_eq!(answer.status(), status))
}

fn wrong() -> Wire {
    get().with("accept", "text/plain")
}

#[test]
fn verifying_an_accepted_get_allocates_twice() {
    // Its facts, and the identity that is handed on.
    assert_eq!(verifying(get, true), 2);
}

#[test]
fn verifying_a_wrong_signature_allocates_for_the_string_that_is_shown() {
    assert_eq!(verifying(wrong, false), 9);
}

#[test]
fn a_layer_allocates_for_the_request_id_the_extensions_and_the_answer() {
    // The map of extensions (2) and what is in it (2), the future, the answer's headers (4), and what the verifier needs.
    assert_eq!(serving(get, 200), 11);
    assert_eq!(serving(wrong, 403), 31);
}
