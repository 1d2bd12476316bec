//! What the signer towards a service behind a gateway adds, and what it refuses to sign.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::sync::Arc;

use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{BackendKey, BackendSecret};
use countersign::error::ErrorCode;
use countersign::protocol::{ContentMd5, SignedHeadersError};
use countersign::sign::{BackendBody, BackendSignError, BackendSigner, Stamps};
use countersign::verify::backend::{BackendPolicy, BodyCoverage, ReplayProtection};
use http::{HeaderMap, HeaderName};
use support::{BACKEND_KEY, BACKEND_SECRET, BehindGateway, Forwarded, NOW, Wire, md5_base64};

const ROLE: HeaderName = HeaderName::from_static("x-role");

fn signer() -> BackendSigner {
    let key = BackendKey::new(BACKEND_KEY).unwrap();
    let secret = BackendSecret::new(BACKEND_SECRET).unwrap();
    BackendSigner::new(key, secret).with_clock(Arc::new(ManualClock::at(UnixMillis::new(NOW))))
}

/// A request that nobody has signed.
fn plain(method: &str, target: &str) -> Wire {
    let mut wire = Forwarded::new(method, target).sign();
    wire.headers.clear();
    wire
}

fn signed_by(signer: &BackendSigner, mut wire: Wire) -> Wire {
    let signed = signer.sign(&wire.head(), BackendBody::Bytes(&wire.body)).unwrap();
    signed.apply_to(&mut wire.headers).unwrap();
    wire
}

fn refused(wire: &Wire, body: BackendBody<'_>) -> BackendSignError {
    signer().sign(&wire.head(), body).map(|_| ()).unwrap_err()
}

#[test]
fn a_request_is_signed_with_its_key_type_caller_and_stamps() {
    let wire = signed_by(
        &signer(),
        plain("POST", "/orders").with("content-type", "text/plain").with_body("a"),
    );
    assert_eq!(
        wire.header("x-ca-proxy-signature-headers"),
        b"x-ca-proxy-signature-secret-key,content-type,x-ca-key,x-ca-timestamp,x-ca-nonce"
    );
    assert_eq!(wire.header("x-ca-proxy-signature-secret-key"), BACKEND_KEY.as_bytes());
    assert_eq!(wire.header("x-ca-timestamp"), NOW.to_string().as_bytes());
    assert_eq!(wire.header("x-ca-nonce").len(), 36, "a UUID");
    assert_eq!(wire.header("content-md5"), md5_base64(b"a").as_bytes());
    let all = BackendPolicy::strict()
        .with_replay_protection(ReplayProtection::Required)
        .with_covered_header(http::header::CONTENT_TYPE);
    let service = BehindGateway::new(all);
    assert!(service.accepts(&wire).covers_body());
    for name in ["content-type", "x-ca-nonce", "x-ca-timestamp"] {
        let value = if name == "x-ca-timestamp" { "1700000000001" } else { "other" };
        service.refuses(&wire.clone().with(name, value), ErrorCode::A403IS);
    }
    // What was absent cannot be added.
    service.refuses(&wire.with("x-ca-key", "203710001"), ErrorCode::A403IS);
}

#[test]
fn each_time_a_request_is_signed_it_is_another_one() {
    let service = BehindGateway::strict();
    let wire = plain("GET", "/orders");
    for _ in 0..3 {
        service.accepts(&signed_by(&signer(), wire.clone()));
    }
    assert_eq!(service.replay.written(), 3);
}

#[test]
fn the_callers_own_stamps_are_replaced_or_signed_as_they_are() {
    let caller = plain("GET", "/").with("x-ca-timestamp", "1").with("x-ca-nonce", "callers");
    let fresh = signed_by(&signer(), caller.clone());
    assert_eq!(fresh.header("x-ca-timestamp"), NOW.to_string().as_bytes());
    assert_ne!(fresh.header("x-ca-nonce"), b"callers");

    let forwarding = signer().with_stamps(Stamps::AsForwarded);
    let forwarded = signed_by(&forwarding, caller);
    assert_eq!(forwarded.header("x-ca-nonce"), b"callers");
    BehindGateway::strict().refuses(&forwarded, ErrorCode::S403TE);
    let none = signed_by(&forwarding, plain("GET", "/"));
    assert!(!none.headers.contains_key("x-ca-timestamp"));
    assert!(!BehindGateway::strict().accepts(&none).is_claimed());
}

#[test]
fn a_signature_that_a_caller_has_sent_is_replaced() {
    let callers = plain("GET", "/")
        .and("x-ca-proxy-signature", "a")
        .and("x-ca-proxy-signature", "b")
        .with("x-ca-proxy-signature-headers", "x-evil")
        .with("x-ca-proxy-signature-secret-key", "CallersKey");
    let wire = signed_by(&signer(), callers);
    assert_eq!(wire.headers.get_all("x-ca-proxy-signature").iter().count(), 1);
    BehindGateway::strict().accepts(&wire);
}

#[test]
fn what_the_service_trusts_is_signed_also_that_it_is_absent() {
    let signer = signer().with_signed_header(ROLE).with_signed_header(ROLE);
    let service = BehindGateway::strict();
    let guest = signed_by(&signer, plain("GET", "/").with("x-role", "guest"));
    assert!(service.accepts(&guest).covers(&ROLE));
    service.refuses(&guest.with("x-role", "admin"), ErrorCode::A403IS);
    let nobody = signed_by(&signer, plain("GET", "/"));
    service.refuses(&nobody.clone().with("x-role", "admin"), ErrorCode::A403IS);
    service.accepts(&nobody);
}

#[test]
fn a_body_that_is_streamed_is_signed_by_its_digest() {
    let wire = plain("PUT", "/").with_body("abc").chunked();
    let signed = |body, wire: &Wire| {
        let mut wire = wire.clone();
        signer().sign(&wire.head(), body).unwrap().apply_to(&mut wire.headers).unwrap();
        wire
    };
    let by_digest = signed(BackendBody::Digest(ContentMd5::of(b"abc")), &wire);
    assert!(BehindGateway::strict().accepts(&by_digest).covers_body());
    BehindGateway::strict().refuses(&by_digest.with_body("abd"), ErrorCode::I400I5);

    let uncovered = signed(BackendBody::DangerouslyUncovered, &wire);
    assert!(!uncovered.headers.contains_key("content-md5"));
    BehindGateway::strict().refuses(&uncovered, ErrorCode::I400MH);
    let as_sent = BackendPolicy::strict().with_body_coverage(BodyCoverage::AsSent);
    assert!(!BehindGateway::new(as_sent).accepts(&uncovered).covers_body());

    // The digest that its caller has sent is signed as it is.
    let digested = wire.with("content-md5", md5_base64(b"abc"));
    let forwarded = signed(BackendBody::DangerouslyUncovered, &digested);
    assert!(BehindGateway::strict().accepts(&forwarded).covers_body());
}

#[test]
fn a_form_is_signed_by_its_parameters_and_gets_no_digest() {
    let form = "application/x-www-form-urlencoded";
    let wire = plain("POST", "/pay?a=1").with("content-type", form).with_body("to=bob");
    let signed = signed_by(&signer(), wire.clone());
    assert!(!signed.headers.contains_key("content-md5"));
    BehindGateway::strict().accepts(&signed);
    BehindGateway::strict().refuses(&signed.with_body("to=eve"), ErrorCode::A403IS);
    for body in [BackendBody::DangerouslyUncovered, BackendBody::Digest(ContentMd5::of(b"to=bob"))]
    {
        assert_eq!(refused(&wire, body), BackendSignError::FormWithoutBytes);
    }
}

#[test]
fn what_could_be_read_as_another_request_is_signed_raw_or_not_at_all() {
    for target in ["/a%3Fb=1", "/%61", "/100%2525", "/a%0Ab"] {
        BehindGateway::strict().accepts(&signed_by(&signer(), plain("GET", target)));
    }
    let cases = [
        ("/?a=1&a=2", BackendSignError::RepeatedParameter("a".into())),
        ("/?a%26b=1", BackendSignError::AmbiguousParameter("a&b".into())),
        ("example.com:443", BackendSignError::NoPath),
    ];
    for (target, error) in cases {
        assert_eq!(refused(&plain("GET", target), BackendBody::Bytes(b"")), error);
    }
    let many = plain("GET", &format!("/?{}", "a&".repeat(1001)));
    let error = refused(&many, BackendBody::Bytes(b""));
    assert_eq!(error.to_string(), "the request covers more than 1000 parameters");
}

#[test]
fn headers_of_which_only_a_part_would_be_signed_are_refused() {
    let twice = plain("GET", "/").and("x-role", "guest").and("x-role", "admin");
    let error = signer().with_signed_header(ROLE).sign(&twice.head(), BackendBody::Bytes(b""));
    assert_eq!(error.map(|_| ()), Err(BackendSignError::RepeatedHeader(ROLE)));
    signed_by(&signer(), twice);

    let nonces = plain("GET", "/").and("x-ca-nonce", "1").and("x-ca-nonce", "1");
    let nonce = HeaderName::from_static("x-ca-nonce");
    let error = refused(&nonces, BackendBody::Bytes(b""));
    assert_eq!(error, BackendSignError::RepeatedHeader(nonce));

    let many = (0..64).map(|at| HeaderName::try_from(format!("x-{at}")).unwrap());
    let signer = many.fold(signer(), BackendSigner::with_signed_header);
    let error = signer.sign(&plain("GET", "/").head(), BackendBody::Bytes(b""));
    let too_many = BackendSignError::SignedHeaders(SignedHeadersError::TooMany);
    assert_eq!(error.map(|_| ()), Err(too_many));
}

#[test]
fn a_digest_of_another_body_is_refused() {
    for text in [md5_base64(b"other").as_str(), "no digest", ""] {
        let wire = plain("POST", "/").with("content-md5", text).with_body("a");
        assert_eq!(refused(&wire, BackendBody::Bytes(b"a")), BackendSignError::ContentMd5);
    }
}

#[test]
fn a_request_that_has_no_room_is_left_as_it_was() {
    let signed = signer().sign(&plain("GET", "/").head(), BackendBody::Bytes(b"")).unwrap();
    let mut full = HeaderMap::new();
    let mut count = 0;
    while full
        .try_insert(HeaderName::try_from(format!("x-{count}")).unwrap(), "1".parse().unwrap())
        .is_ok()
    {
        count += 1;
    }
    let before = full.clone();
    assert_eq!(signed.apply_to(&mut full), Err(BackendSignError::TooManyHeaders));
    assert_eq!(full, before);
    let mut empty = HeaderMap::new();
    signed.apply_to(&mut empty).unwrap();
    assert!(empty.values().all(http::HeaderValue::is_sensitive));
    assert_eq!(empty.len(), signed.iter().count());
}
