//! Lesson 36: what only claims may say, a caller does not.

use axum::body::Body;
use bytes::Bytes;
use countersign::jwt::AppAuthRule;
use countersign::middleware::Enforcement;
use countersign::middleware::app_auth::IdentityHeaders;
use http::{HeaderMap, HeaderValue};
use http_body::Frame;

use crate::backend::{frames, send, whole, with_body};
use crate::service::{
    Both, Service, bearing, bypassing, get, in_header, in_query, plain, single_use,
};
use crate::support::{APP_CODE, Call, KEY, Wire};
use crate::token::Token;

/// Everything that a caller may say for itself beside `x-other`, `other` and a checksum.
fn spoofing(wire: Wire) -> Wire {
    let query =
        "?a=1&user=root&USER=root&us%65r=root&User&%55ser=&b=2&username=x&other=user%3Droot";
    wire.to(&format!("/a{query}"))
        .with("x-user", "root")
        .and("x-user", "root")
        .with("x_user", "root")
        .with("x-user-name", "root")
        .with("x_user-name", "root")
        .with("x-user_name", "root")
        .with("x-other", "mine")
        .with("connection", "close, X-User")
        .and("connection", "x_user_name, keep-alive, X-Other")
}

/// The request with a body whose trailers say it once more.
fn request(wire: &Wire) -> http::Request<Body> {
    let mut trailers = HeaderMap::new();
    for name in ["x-user", "x_user", "x-user-name", "x-checksum"] {
        trailers.insert(name, HeaderValue::from_static("root"));
    }
    let data = Frame::data(Bytes::from("hello"));
    with_body(wire, frames([data, Frame::trailers(trailers)]))
}

fn service(policy: countersign::jwt::JwtPolicy) -> Service {
    Service::new(policy.with_claim_parameters(claims()).unwrap())
}

fn claims() -> [countersign::jwt::ClaimParameter; 3] {
    [in_header("sub", "x-user"), in_header("name", "x-user-name"), in_query("sub", "user")]
}

/// The caller's own words are gone, all others are there.
fn assert_clean(seen: &crate::service::Seen, user: Option<&str>) {
    let users: Vec<_> = user.iter().map(|user| user.as_bytes()).collect();
    assert_eq!(seen.header("x-user"), users);
    for name in ["x_user", "x-user-name", "x_user-name", "x-user_name", "x_user_name"] {
        assert!(seen.header(name).is_empty(), "{name}");
    }
    assert_eq!(seen.header("x-other"), [b"mine"]);
    assert_eq!(seen.header("connection"), [b"close, keep-alive, X-Other"]);
    let kept = "a=1&b=2&username=x&other=user%3Droot";
    let query = user.map_or(kept.to_owned(), |user| format!("{kept}&user={user}"));
    assert_eq!(seen.target.query(), Some(query.as_str()));
    assert_eq!(seen.trailers.keys().collect::<Vec<_>>(), ["x-checksum"]);
    assert_eq!(seen.body, "hello");
}

#[tokio::test]
async fn lesson_36_a_claim_is_not_spoofed_beside_a_token() {
    let service = service(single_use());
    let wire = spoofing(get("/", &Token::new().sign()));
    assert_eq!(send(&service.app(), request(&wire)).await.code(), "200");
    assert_clean(&service.seen.last(), Some("alice"));
}

#[tokio::test]
async fn lesson_36_a_claim_is_not_spoofed_by_a_stranger() {
    let service = service(bypassing());
    let wire = spoofing(plain("GET", "/"));
    assert_eq!(send(&service.app(), request(&wire)).await.code(), "200");
    assert_clean(&service.seen.last(), None);
}

#[tokio::test]
async fn lesson_36_a_claim_is_not_spoofed_where_refusals_are_only_observed() {
    let service = service(single_use());
    let app = service.routes().layer(service.layer().with_enforcement(Enforcement::Observe));
    for token in [String::new(), "nonsense".to_owned(), Token::new().expired().sign()] {
        let wire = spoofing(get("/", &token));
        assert_eq!(send(&app, request(&wire)).await.code(), "200");
        assert_clean(&service.seen.last(), None);
    }
}

#[tokio::test]
async fn lesson_36_a_claim_is_not_spoofed_by_an_app_that_needs_no_token() {
    for rule in [AppAuthRule::Besides, AppAuthRule::Instead] {
        let policy = bypassing().with_app_auth_rule(rule).with_claim_parameters(claims()).unwrap();
        let policy =
            policy.with_carrier(countersign::jwt::TokenCarrier::header("x-token").unwrap());
        let both = Both::new(policy, Default::default());
        let wire = spoofing(Call::get("/").with_app_code(APP_CODE));
        assert_eq!(send(&both.app(), request(&wire)).await.code(), "200");
        assert_clean(&both.tokens.seen.last(), None);
        assert_eq!(both.tokens.seen.last().app.as_deref(), Some("demo"));
    }
}

#[tokio::test]
async fn lesson_36_identity_and_claims_are_both_written_and_neither_is_spoofed() {
    let headers =
        ["x-authenticated-app-id", "x-authenticated-app-key", "x-authenticated-mechanism"];
    let spoofed = |wire: Wire| {
        let wire =
            headers.iter().fold(wire.with("x-user", "root"), |wire, name| wire.with(name, "root"));
        wire.with("x_authenticated_app_id", "root").with("x_user", "root")
    };
    for (rule, wire, expected) in [
        (
            AppAuthRule::Besides,
            bearing(Call::get("/").sign(), &Token::new().sign()),
            [Some("alice"), Some("demo"), Some(KEY), Some("signature")],
        ),
        (AppAuthRule::Instead, get("/", &Token::new().sign()), [Some("alice"), None, None, None]),
        (
            AppAuthRule::Instead,
            Call::get("/").with_app_code(APP_CODE),
            [None, Some("demo"), Some(KEY), Some("app_code")],
        ),
        (AppAuthRule::Instead, plain("GET", "/"), [None; 4]),
    ] {
        let policy = bypassing().with_app_auth_rule(rule);
        let policy = policy.with_claim_parameters([in_header("sub", "x-user")]).unwrap();
        let both = Both::new(policy, Default::default());
        let layer = both.layer().with_identity_headers(IdentityHeaders::default()).unwrap();
        let app = both.routes().layer(layer);
        assert_eq!(send(&app, whole(&spoofed(wire))).await.code(), "200");
        let seen = both.tokens.seen.last();
        for (name, value) in ["x-user"].iter().chain(&headers).zip(expected) {
            let values: Vec<_> = value.iter().map(|value| value.as_bytes()).collect();
            assert_eq!(seen.header(name), values, "{rule:?} {name}");
        }
        assert!(seen.header("x_authenticated_app_id").is_empty());
        assert!(seen.header("x_user").is_empty());
    }
}

#[tokio::test]
async fn lesson_36_a_claim_is_not_forwarded_where_an_apps_identity_stands() {
    for name in ["x-authenticated-app-id", "x_authenticated_app_key", "x-authenticated_mechanism"] {
        let policy = single_use().with_claim_parameters([in_header("sub", name)]).unwrap();
        let both = Both::new(policy, Default::default());
        let refused = both.layer().with_identity_headers(IdentityHeaders::default()).unwrap_err();
        assert_eq!(refused.path(), "claimParameters", "{name}");
    }
}

#[tokio::test]
async fn lesson_36_a_header_that_the_app_signed_is_verified_before_a_claim_takes_its_place() {
    let policy = single_use().with_claim_parameters(claims()).unwrap();
    let both = Both::new(policy, Default::default());
    let call = Call::get("/a?user=root").signed_header("x-user", "root").sign();
    let request = bearing(call.clone(), &Token::new().sign());
    assert_eq!(send(&both.app(), whole(&request)).await.code(), "200");
    let seen = both.tokens.seen.last();
    assert_eq!(
        (seen.header("x-user"), seen.target.to_string()),
        (vec![&b"alice"[..]], "/a?user=alice".into())
    );
    let changed = bearing(call.with("x-user", "alice"), &Token::new().sign());
    assert_eq!(send(&both.app(), whole(&changed)).await.code(), "A403IS");
}
