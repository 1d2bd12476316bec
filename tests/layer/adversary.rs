//! What an attacker tried that once worked: each stays closed.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::any;
use bytes::Bytes;
use countersign::clock::{ManualClock, UnixMillis};
use countersign::error::{Dialect, ErrorCode, JsonBody, Rejection};
use countersign::middleware::app_auth::{Authentication, IdentityHeaders};
use countersign::middleware::{AppAuthLayer, Enforcement, RequestBody};
use countersign::protocol::ContentMd5;
use countersign::store::{MemoryCredentials, MemoryReplayStore};
use countersign::verify::{
    AppCodeCarriers, ContentMd5Rule, Policy, Presence, RepeatedParameters, ReplayIdentity, Window,
};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::BodyExt;
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};

use crate::backend::{Backend, frames, send, whole, with_body};
use crate::client::{Client, Version, serve};
use crate::support::{APP_CODE, Call, NOW, demo_apps};

fn minute() -> Policy {
    Policy::strict().with_window(Window::symmetric(Duration::from_secs(60)))
}

/// The same service a minute later, after a restart that lost its memory.
fn restarted(policy: Policy) -> Backend {
    let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW + 60_000)));
    let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
    Backend::with_replay(policy, clock, replay)
}

#[tokio::test]
async fn a_strict_layer_inside_a_compatible_one_keeps_the_restart_rule() {
    let nested = |backend: &Backend| {
        let strict = backend.verifier.clone().with_policy(Policy::strict());
        backend.routes().layer(AppAuthLayer::new(strict)).layer(backend.layer())
    };
    let call = Call::get("/a").sign();
    let before = Backend::new(Policy::gateway_compatible());
    assert_eq!(send(&nested(&before), whole(&call)).await.code(), "200");
    let after = restarted(Policy::gateway_compatible());
    assert_eq!(send(&nested(&after), whole(&call)).await.code(), "S403TE");
}

#[tokio::test]
async fn a_nonce_that_is_added_makes_no_second_request_of_one_known_by_its_signature() {
    let by_signature = |policy: Policy| {
        let policy = policy.with_nonce(Presence::Optional);
        Backend::new(policy.with_replay_identity(ReplayIdentity::NonceOrSignature))
    };
    for backend in [by_signature(Policy::gateway_compatible()), by_signature(Policy::strict())] {
        let call = Call::get("/a").without("x-ca-nonce").sign();
        assert_eq!(send(&backend.app(), whole(&call)).await.code(), "200");
        let added = |nonce| call.clone().with("x-ca-nonce", nonce);
        for again in [call.clone(), added("x"), added("y")] {
            assert_ne!(send(&backend.app(), whole(&again)).await.code(), "200");
        }
    }
}

#[tokio::test]
async fn a_longer_window_accepts_nothing_that_a_shorter_one_has_let_go() {
    let backend = Backend::new(minute());
    let long = AppAuthLayer::new(backend.verifier.clone().with_policy(Policy::strict()));
    let call = Call::get("/a").sign();
    assert_eq!(send(&backend.app(), whole(&call)).await.code(), "200");
    backend.clock.advance(Duration::from_secs(300));
    // The first claim at the later time makes the store forget.
    let app = backend.routes().layer(long);
    assert_ne!(send(&app, whole(&call)).await.code(), "200");
    assert_ne!(send(&app, whole(&call)).await.code(), "200");
}

#[tokio::test]
async fn a_longer_window_inside_a_shorter_one_refuses_nobody() {
    let backend = Backend::new(minute());
    let long = AppAuthLayer::new(backend.verifier.clone().with_policy(Policy::strict()));
    let app = backend.routes().layer(long).layer(backend.layer());
    let call = Call::get("/a").sign();
    assert_eq!(send(&app, whole(&call)).await.code(), "200");
    assert_eq!(send(&app, whole(&call)).await.code(), "S403NU");
}

#[tokio::test]
async fn an_escaped_letter_does_not_reach_another_route() {
    let backend = Backend::strict();
    let app = Router::new()
        .route("/settings", any(async || "settings"))
        .route("/{user}", any(async |Path(user): Path<String>| format!("user {user}")))
        .layer(backend.layer());
    let call = Call::new("DELETE", "/settings").sign();
    assert_eq!(send(&app, whole(&call.clone().to("/%73ettings"))).await.code(), "A403IS");
    assert_eq!(send(&app, whole(&call)).await.body, "settings");
}

#[tokio::test]
async fn a_connect_request_does_not_choose_its_host() {
    let backend = Backend::strict();
    let call = Call::new("CONNECT", "/").sign();
    for target in ["example.com:443", "evil.example:443"] {
        let answer = send(&backend.app(), whole(&call.clone().to(target))).await;
        assert_eq!(answer.code(), "I400RU");
    }
}

#[tokio::test]
async fn an_unsigned_content_type_does_not_make_a_form_of_what_was_signed_as_none() {
    let backend = Backend::strict();
    let call = Call::post("/a?a=1")
        .header("content-type", "text/plain")
        .signed_header("x-ca-signed-content-type", "text/plain")
        .sign();
    let form = call
        .with("content-type", "text/plain; application/x-www-form-urlencoded")
        .with_body("a=%31&&&&&&");
    assert_eq!(send(&backend.app(), whole(&form)).await.code(), "I400HD");
}

#[tokio::test]
async fn where_it_matters_a_form_needs_a_digest_and_a_parameter_stands_once() {
    let policy = Policy::strict()
        .with_content_md5(ContentMd5Rule::RequiredForForms)
        .with_repeated_parameters(RepeatedParameters::Refuse);
    let app = Backend::new(policy).app();

    let form = || Call::post("/pay?dry_run=true").form("amount=5");
    assert_eq!(send(&app, whole(&form().sign())).await.code(), "I400MH");
    let digest = ContentMd5::of(b"amount=5").encode();
    let call = form().header("content-md5", digest).sign();
    // Moved from the query to the form, the parameters sign the same; the bytes do not.
    let moved = call.clone().to("/pay").with_body("amount=5&dry_run=true");
    assert_eq!(send(&app, whole(&moved)).await.code(), "I400I5");
    assert_eq!(send(&app, whole(&call)).await.code(), "200");

    let twice = Call::get("/pay?item=5").sign().to("/pay?item=5&item=5");
    assert_eq!(send(&app, whole(&twice)).await.code(), "I400IP");
}

/// `axum` tells the length of a handler's empty body; the rendered body is another.
#[tokio::test]
async fn a_handlers_refusal_with_a_body_is_whole_on_the_wire() {
    let backend = Backend::strict();
    let refuse = async || {
        let cookies = AppendHeaders([("set-cookie", "a=1"), ("set-cookie", "b=2")]);
        (cookies, Rejection::new(ErrorCode::A403PR)).into_response()
    };
    let router = Router::new().route("/", any(refuse));
    // Around the whole router, as hyper or `axum::serve` get it.
    let layer = backend.layer().with_renderer(JsonBody(Dialect::Vpc));
    let app = Router::new().fallback_service(layer.layer(router));
    let address = serve(app).await;
    for version in [Version::Http1, Version::Http2] {
        let mut client = Client::connect(address, version).await;
        let answer = client.send(whole(&Call::get("/").sign())).await;
        assert_eq!(answer.code(), "A403PR");
        assert_eq!(answer.body, r#"{"code":"A403PR","message":"Plugin Authorization Needed"}"#);
        let cookies = answer.head.headers.get_all("set-cookie").iter();
        assert_eq!(cookies.collect::<Vec<_>>(), ["a=1", "b=2"]);
    }
}

#[tokio::test]
async fn a_connection_header_that_names_no_identity_stays_as_it_was() {
    let backend = Backend::strict();
    let layer = backend.layer().with_identity_headers(IdentityHeaders::default());
    let service = ServiceBuilder::new().layer(layer).service(service_fn(
        async |request: Request<RequestBody<Body>>| {
            let mut response = Response::new(Body::empty());
            for value in request.headers().get_all("connection") {
                response.headers_mut().append("seen-connection", value.clone());
            }
            Ok::<_, std::convert::Infallible>(response)
        },
    ));
    for (sent, seen) in [
        ("keep-alive, Upgrade", "keep-alive, Upgrade"),
        ("close,x-authenticated-app-id , te", "close, te"),
    ] {
        let call = Call::get("/").header("connection", sent).sign();
        let response = service.clone().oneshot(whole(&call)).await.unwrap();
        let all = response.headers().get_all("seen-connection").iter();
        assert_eq!(all.collect::<Vec<_>>(), [seen]);
    }
}

#[tokio::test]
async fn a_refusal_repeats_little_of_a_long_request() {
    let backend = Backend::strict();
    let app = backend.routes().layer(backend.layer().with_renderer(JsonBody(Dialect::Vpc)));
    let form = [b"a=".to_vec(), vec![1; 1024 * 1024 - 3]].concat();
    let wrong = Call::post("/a").form(form).sign().with("x-ca-signature", "AAAA");
    let answer = send(&app, whole(&wrong)).await;
    assert_eq!(answer.code(), "A403IS");
    assert!(answer.body.len() < 32 * 1024, "{}", answer.body.len());
}

#[tokio::test]
async fn lesson_37_no_body_or_string_to_sign_is_in_a_debug_output() {
    let backend = Backend::strict();
    let service = ServiceBuilder::new().layer(backend.layer()).service(service_fn(
        async |request: Request<RequestBody<Body>>| {
            let debug = format!("{:?}", request.body());
            Ok::<_, std::convert::Infallible>(Response::new(Body::from(debug)))
        },
    ));
    let call = Call::post("/a").form("password=hunter2").sign();
    let response = service.clone().oneshot(whole(&call)).await.unwrap();
    let seen = response.into_body().collect().await.unwrap().to_bytes();
    assert!(!String::from_utf8_lossy(&seen).contains("hunter2"), "{seen:?}");

    let wrong = Call::post("/a").form("password=hunter2").sign().with("x-ca-signature", "AAAA");
    let response = service.oneshot(whole(&wrong)).await.unwrap();
    assert!(!format!("{response:?}").contains("hunter2"), "{response:?}");

    let credentials = format!("{:?}", MemoryCredentials::new(demo_apps()).unwrap());
    assert_eq!(credentials, format!("MemoryCredentials {{ apps: {} }}", demo_apps().len()));
}

#[tokio::test]
async fn a_long_app_key_reaches_no_log() {
    let backend = Backend::strict();
    let layer = backend.layer().on_rejection(|rejection, context| {
        assert_eq!(rejection.code().as_str(), "I400HD");
        assert_eq!(context.app_key, None);
    });
    let call = Call::get("/a").sign().with("x-ca-key", "k".repeat(100_000));
    let answer = send(&backend.routes().layer(layer), whole(&call)).await;
    assert_eq!(answer.code(), "I400HD");
}

#[tokio::test]
async fn the_innermost_layer_says_who_calls() {
    let backend = Backend::strict();
    let policy = Policy::strict().with_app_code(AppCodeCarriers::Disabled);
    let inner = AppAuthLayer::new(backend.verifier.clone().with_policy(policy))
        .with_authentication(Authentication::Optional);
    let app = backend.routes().layer(inner).layer(backend.layer());
    let answer = send(&app, whole(&Call::get("/a").with_app_code(APP_CODE))).await;
    assert_eq!((answer.code().as_str(), answer.header("seen-app")), ("200", ""));

    let compatible = Backend::new(Policy::gateway_compatible());
    let inner = AppAuthLayer::new(compatible.verifier.clone().with_policy(Policy::strict()))
        .with_enforcement(Enforcement::Observe);
    let app = compatible.routes().layer(inner).layer(compatible.layer());
    let answer = send(&app, whole(&Call::get("/a").undeclare("x-ca-nonce").sign())).await;
    assert_eq!((answer.header("seen-app"), answer.header("seen-rejection")), ("", "I400HD"));

    let now = Policy::strict().with_window(Window::symmetric(Duration::ZERO));
    let outer = AppAuthLayer::new(backend.verifier.clone().with_name("outer").with_policy(now))
        .with_enforcement(Enforcement::Observe);
    backend.clock.advance(Duration::from_secs(1));
    let app = backend.app().layer(outer);
    let answer = send(&app, whole(&Call::get("/a").sign())).await;
    assert_eq!((answer.header("seen-app"), answer.header("seen-rejection")), ("demo", ""));
}

#[tokio::test]
async fn an_app_code_behind_another_authorization_makes_no_stranger() {
    let backend = Backend::strict();
    let layer = backend.layer().with_authentication(Authentication::Optional);
    let app = backend.routes().layer(layer);
    for pair in [["Bearer x", "APPCODE wrong"], ["APPCODE wrong", "Bearer x"]] {
        let call = Call::get("/a").with_app_code("x").with("authorization", pair[0]);
        let call = call.and("authorization", pair[1]);
        assert_eq!(send(&app, whole(&call)).await.code(), "I400HD", "{pair:?}");
    }
}

#[tokio::test]
async fn lesson_36_an_identity_is_spoofed_neither_in_trailers_nor_by_the_connection_header() {
    let backend = Backend::strict();
    let layer = backend.layer().with_identity_headers(IdentityHeaders::default());
    let service = ServiceBuilder::new().layer(layer).service(service_fn(
        async |request: Request<RequestBody<Body>>| {
            let connection = request.headers()["connection"].clone();
            let body = request.into_body().collect().await.unwrap();
            let mut response = Response::new(Body::empty());
            response.headers_mut().insert("seen-connection", connection);
            let trailers = body.trailers().map(HeaderMap::len).unwrap_or_default();
            response.headers_mut().insert("seen-trailers", trailers.into());
            Ok::<_, std::convert::Infallible>(response)
        },
    ));
    let mut trailers = HeaderMap::new();
    trailers.insert("x-authenticated-app-id", "admin".parse().unwrap());
    trailers.insert("x-checksum", "1".parse().unwrap());
    let read = Call::post("/a").digested("x").sign();
    let streamed = Call::post("/a").body("x").with_app_code(APP_CODE);
    for call in [read, streamed] {
        let call = call.with("connection", "close, X-Authenticated-App-Id");
        let data = Frame::data(Bytes::from("x"));
        let request = with_body(&call, frames([data, Frame::trailers(trailers.clone())]));
        let response = service.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["seen-connection"], "close");
        assert_eq!(response.headers()["seen-trailers"], "1");
    }
}
