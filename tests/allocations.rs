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
use countersign::error::ErrorCode;
#[cfg(feature = "jwt-cache")]
use countersign::jwt::{JwtPolicy, TokenCache};
use countersign::middleware::AppAuthLayer;
use countersign::store::{Claim, Claimed, MemoryCredentials, MemoryReplayStore, ReplayStore};
use countersign::verify::Verifier;
use http::{HeaderValue, Request, Response};
use http_body_util::{Empty, Full};
#[cfg(feature = "jwt-cache")]
use serde_json::json;
use support::{APP_CODE, Call, KEY, NOW, WINDOW_MILLIS, Wire, answered, demo_apps};
#[cfg(feature = "jwt-cache")]
use support::{TestJwtVerifier, TokenKey, TokenServer, bearer, claims};
use tower::util::MapRequest;
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
fn verifying(request: impl Fn() -> Wire, expected: Result<(), ErrorCode>) -> u64 {
    let verifier = verifier();
    usual(request, |wire| outcome(&verifier, wire), |answer| assert_eq!(answer, expected))
}

fn outcome(verifier: &Subject, wire: &Wire) -> Result<(), ErrorCode> {
    let answer = answered(verifier.verify(wire.head(), &wire.body));
    answer.map(drop).map_err(|rejection| rejection.code())
}

/// What the layer allocates for requests like these around a service that allocates nothing, with
/// nothing around it.
fn serving(request: impl Fn() -> Wire, status: u16) -> u64 {
    async fn ok<B>(_: Request<B>) -> Result<Response<Empty<Bytes>>, Infallible> {
        Ok(Response::new(Empty::new()))
    }
    let service = AppAuthLayer::new(verifier()).layer(service_fn(ok));
    calling(service, request, status)
}

/// What a service allocates for requests like these.
fn calling<S, A>(service: S, request: impl Fn() -> Wire, status: u16) -> u64
where
    S: Service<Request<Full<Bytes>>, Response = Response<A>, Error = Infallible>,
{
    let service = RefCell::new(service);
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
    assert_eq!(verifying(get, Ok(())), 2);
}

#[test]
fn verifying_a_body_or_an_app_code_allocates_no_more() {
    let json = || Call::post("/http2test/test").json(&"x".repeat(1 << 10)).sign();
    let app_code = || Call::get("/http2test/test").with_app_code(APP_CODE);
    assert_eq!(verifying(json, Ok(())), 2);
    assert_eq!(verifying(app_code, Ok(())), 2);
}

#[test]
fn verifying_parameters_allocates_for_what_is_escaped() {
    let escaped = || {
        let params = (0..20).map(|n| format!("name%20{n}=%E4%BD%A0+{n}%26"));
        Call::get(&format!("/http2test/test?{}", params.collect::<Vec<_>>().join("&"))).sign()
    };
    let form = || {
        let fields = (0..8).map(|n| format!("field{n}=some+value+{n}"));
        Call::post("/http2test/test").form(fields.collect::<Vec<_>>().join("&")).sign()
    };
    assert_eq!(verifying(escaped, Ok(())), 10);
    assert_eq!(verifying(form, Ok(())), 7);
}

#[test]
fn verifying_a_wrong_signature_allocates_for_the_string_that_is_shown() {
    assert_eq!(verifying(wrong, Err(ErrorCode::A403IS)), 6);
}

#[test]
fn verifying_a_request_that_is_refused_early_allocates_little() {
    let unknown = || get().with("x-ca-key", "nobody");
    let stale = || get().with("x-ca-timestamp", "1500000000000");
    let missing = || get().without("x-ca-nonce");
    let garbage = || get().with("x-ca-signature-headers", "/x, \u{1f4a9},,");
    let long = format!("/{}", "x".repeat(9_000));
    assert_eq!(verifying(unknown, Err(ErrorCode::A400IK)), 2);
    assert_eq!(verifying(stale, Err(ErrorCode::S403TE)), 3);
    assert_eq!(verifying(missing, Err(ErrorCode::I400NC)), 2);
    assert_eq!(verifying(garbage, Err(ErrorCode::I400HD)), 5);
    assert_eq!(verifying(|| get().to(&long), Err(ErrorCode::I413UL)), 1);
}

#[test]
fn verifying_a_replay_allocates_like_an_accepted_request() {
    let verifier = verifier();
    let again = || Call::get("/http2test/test?c=3").nonce("again").sign();
    assert_eq!(outcome(&verifier, &again()), Ok(()));
    let judge = |answer| assert_eq!(answer, Err(ErrorCode::S403NU));
    assert_eq!(usual(again, |wire| outcome(&verifier, wire), judge), 2);
}

#[test]
fn a_layer_allocates_for_the_request_id_the_extensions_and_the_answer() {
    // The map of extensions (2) and what is in it (2), the future, the answer's headers (3), and what
    // the verifier needs (2).
    assert_eq!(serving(get, 200), 10);
    assert_eq!(serving(wrong, 403), 28);
}

#[test]
fn a_layer_in_company_allocates_four_times_beyond_the_verifier() {
    // The request's id and the identity among the extensions, the future, the id on the answer. Behind a
    // router the map of extensions is there, and a handler's answer has headers.
    async fn hello<B>(_: Request<B>) -> Result<Response<Empty<Bytes>>, Infallible> {
        let mut answer = Response::new(Empty::new());
        answer.headers_mut().insert("content-type", HeaderValue::from_static("text/plain"));
        Ok(answer)
    }
    fn routed(mut request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
        request.extensions_mut().insert("a route");
        request
    }
    let layered = AppAuthLayer::new(verifier()).layer(service_fn(hello));
    let without = calling(MapRequest::new(service_fn(hello), routed), get, 200);
    let with = calling(MapRequest::new(layered, routed), get, 200);
    assert_eq!(with - without, 4 + 2);
}

#[cfg(feature = "jwt-cache")]
#[test]
fn verifying_a_token_from_the_cache_allocates_once() {
    // Its header and its claims as JSON, otherwise.
    assert_eq!(verifying_token(|verifier| verifier), 13);
    assert_eq!(verifying_token(|verifier| verifier.with_cache(TokenCache::new())), 1);
}

/// What the token verifier allocates for a token that it has seen before.
#[cfg(feature = "jwt-cache")]
fn verifying_token(change: fn(TestJwtVerifier) -> TestJwtVerifier) -> u64 {
    let server = TokenServer::with_key_of("HS256", JwtPolicy::default());
    let verifier = change(server.verifier);
    let token = TokenKey::of("HS256").token("HS256", &claims(json!({})));
    let verify = |wire: &Wire| answered(verifier.verify(wire.head()));
    usual(|| bearer(&token), verify, |answer| assert!(answer.is_ok(), "{answer:?}"))
}
