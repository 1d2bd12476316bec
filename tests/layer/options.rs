//! What the layer does besides verifying.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::get;
use countersign::error::{Dialect, ErrorCode, JsonBody, ProblemBody, Rejection};
use countersign::middleware::RequestId;
use countersign::middleware::app_auth::{Authentication, IdentityHeaders};
use countersign::middleware::{CacheControl, Enforcement};
use countersign::verify::{AppCodeCarriers, Mechanism, Policy, Verified, authorize_fn};
use http::{HeaderName, Request};
use tower::ServiceExt;

use crate::backend::{Backend, send, whole};
use crate::support::{APP_CODE, Call, KEY, NOW, Server};

#[tokio::test]
async fn every_response_carries_an_upper_case_request_id_of_its_own() {
    let backend = Backend::strict();
    let accepted = send(&backend.app(), whole(&Call::get("/").sign())).await;
    let refused = send(&backend.app(), whole(&Call::get("/").sign().to("/b"))).await;
    let ids = [accepted.header("x-ca-request-id"), refused.header("x-ca-request-id")];
    assert_ne!(ids[0], ids[1]);
    for id in ids {
        let groups: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert!(id.chars().all(|c| c == '-' || c.is_ascii_digit() || ('A'..='F').contains(&c)));
    }
}

#[tokio::test]
async fn a_handler_sees_the_request_id_and_the_identity() {
    let backend = Backend::strict();
    let app = Router::new()
        .route(
            "/",
            get(|id: RequestId, caller: Verified| async move {
                let nonce = String::from_utf8(caller.nonce().unwrap().to_vec()).unwrap();
                let stamp = caller.timestamp().unwrap();
                let version = caller.secret_version().unwrap();
                assert_eq!(caller.mechanism(), Mechanism::Signature);
                format!("{id} {} {} {version} {nonce} {stamp}", caller.app_id(), caller.app_key())
            }),
        )
        .layer(backend.layer());
    let call = Call::get("/").nonce("n-1").sign();
    let answer = send(&app, whole(&call)).await;
    let id = answer.header("x-ca-request-id");
    assert_eq!(answer.body, format!("{id} demo {KEY} 1 n-1 {NOW}"));
}

#[tokio::test]
async fn an_accepted_answer_is_private_unless_it_says_otherwise() {
    let backend = Backend::strict();
    let cached = || Router::new().route("/", get(async || [("cache-control", "max-age=60")]));
    let answer = send(&backend.app(), whole(&Call::get("/").sign())).await;
    assert_eq!(answer.header("cache-control"), "private");
    let answer = send(&cached().layer(backend.layer()), whole(&Call::get("/").sign())).await;
    assert_eq!(answer.header("cache-control"), "max-age=60");
    let layer = backend.layer().with_cache_control(CacheControl::AsAnswered);
    let answer = send(&backend.routes().layer(layer), whole(&Call::get("/").sign())).await;
    assert_eq!(answer.header("cache-control"), "");
    let refused = send(&backend.app(), whole(&Call::get("/").sign().to("/b"))).await;
    assert_eq!(refused.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_refused_answer_is_rendered_as_the_service_likes_and_always_carries_the_error() {
    let backend = Backend::strict();
    let stale = || whole(&Call::get("/").timestamp(1).sign());
    let refused = async |layer: crate::backend::TestLayer| {
        let response = backend.routes().layer(layer).oneshot(stale()).await.unwrap();
        assert_eq!(response.extensions().get::<Rejection>().unwrap().code(), ErrorCode::S403TE);
        let (head, body) = response.into_parts();
        let body = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
        (head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap())
    };
    let (status, headers, body) = refused(backend.layer()).await;
    assert_eq!((status, body.as_str()), (403, ""));
    assert_eq!(headers["x-ca-error-code"], "S403TE");
    assert_eq!(headers["x-ca-error-message"], "X-Ca-Timestamp is expired");

    let (status, headers, body) = refused(backend.layer().with_renderer(Dialect::Classic)).await;
    assert_eq!((status, body.as_str()), (400, ""));
    assert!(!headers.contains_key("x-ca-error-code"));
    assert_eq!(headers["x-ca-error-message"], "Timestamp Expired");

    let layer = backend.layer().with_renderer(JsonBody(Dialect::Vpc));
    let (_, headers, body) = refused(layer).await;
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(body, r#"{"code":"S403TE","message":"X-Ca-Timestamp is expired"}"#);

    let problem = ProblemBody::new(Dialect::Classic).with_type_base("https://example.com/errors#");
    let (status, headers, body) = refused(backend.layer().with_renderer(problem)).await;
    assert_eq!(
        (status, headers["content-type"].to_str().unwrap()),
        (400, "application/problem+json")
    );
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["type"], "https://example.com/errors#S403TE");
    assert_eq!((&body["status"], &body["detail"]), (&400.into(), &"Timestamp Expired".into()));
}

#[tokio::test]
async fn a_handler_answers_any_documented_code_itself() {
    let backend = Backend::strict();
    let throttled = async || Rejection::new(ErrorCode::T429MR).with("5 per second").into_response();
    let app = Router::new().route("/", get(throttled)).layer(backend.layer());
    let answer = send(&app, whole(&Call::get("/").sign())).await;
    assert_eq!(answer.head.status, 429);
    assert_eq!(answer.header("x-ca-error-code"), "T429MR");
    assert_eq!(
        answer.header("x-ca-error-message"),
        "Too Many Requests, throttle by `5 per second`"
    );
}

#[tokio::test]
async fn a_handlers_refusal_is_rendered_as_the_layers_own() {
    let backend = Backend::strict();
    let refuse = async || ([("x-limit", "5")], Rejection::new(ErrorCode::A403PR));
    let layer = backend.layer().with_renderer(JsonBody(Dialect::Classic));
    let app = Router::new().route("/", get(refuse)).layer(layer).layer(backend.layer());
    let answer = send(&app, whole(&Call::get("/").sign())).await;
    assert_eq!(answer.head.status, 403);
    assert_eq!(answer.header("x-ca-error-code"), "", "the classic dialect has none");
    assert_eq!(answer.header("x-ca-error-message"), "Unauthorized");
    assert_eq!(answer.header("x-limit"), "5", "what the handler added stays");
    assert_eq!(answer.body, r#"{"code":"A403PR","message":"Unauthorized"}"#);
    assert_eq!(answer.head.extensions.get::<Rejection>().unwrap().code(), ErrorCode::A403PR);
}

#[tokio::test]
async fn a_route_that_no_layer_covers_is_the_services_mistake() {
    let backend = Backend::strict();
    let app = Router::new()
        .route("/covered", get(async |_: Verified| "never"))
        .layer(backend.layer().with_authentication(Authentication::Optional))
        .route("/forgotten", get(async |_: Verified| "never"));
    let stranger = |path| Request::get(path).body(Body::empty()).unwrap();
    assert_eq!(send(&app, stranger("/covered")).await.code(), "A400MA");
    assert_eq!(send(&app, stranger("/forgotten")).await.code(), "X500ER");
}

#[tokio::test]
async fn the_operator_is_told_how_far_off_a_timestamp_is() {
    let backend = Backend::strict();
    let details = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&details);
    let layer = backend.layer().on_rejection(move |rejection, _| {
        log.lock().unwrap().push(rejection.detail().unwrap().to_owned());
    });
    let app = backend.routes().layer(layer);
    for stamp in [NOW - 900_001, NOW + 900_001, NOW / 1000, NOW - 1] {
        let answer = send(&app, whole(&Call::get("/").timestamp(stamp).sign())).await;
        assert_eq!(answer.header("x-ca-error-message"), "X-Ca-Timestamp is expired");
    }
    assert_eq!(
        *details.lock().unwrap(),
        [
            "stamped 900001 ms ago",
            "stamped 900001 ms ahead",
            "stamped 1698300000000 ms ago",
            "the replay store's memory does not cover it",
        ]
    );
}

#[tokio::test]
async fn observing_lets_everything_through_and_tells_the_handler_and_the_hook() {
    let backend = Backend::strict();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let layer = backend.layer().with_enforcement(Enforcement::Observe).on_rejection(
        move |rejection, context| {
            assert_eq!(context.enforcement, Enforcement::Observe);
            log.lock().unwrap().push(rejection.code());
        },
    );
    let app = backend.routes().layer(layer);

    let accepted = Call::post("/").form("a=1").sign();
    let answer = send(&app, whole(&accepted)).await;
    assert_eq!((answer.header("seen-app"), answer.header("seen-rejection")), ("demo", ""));

    let large = Call::post("/").form("a".repeat(2 * 1024 * 1024)).sign();
    for (call, code) in [
        (accepted, "S403NU"),
        (Call::post("/").json("{}").sign().with_body("{ }"), "I400I5"),
        (Call::post("/").json("{}").sign().to("/other"), "A403IS"),
        (large, "I413RL"),
    ] {
        for request in [whole(&call), crate::backend::pieces(&call, 100_000)] {
            let answer = send(&app, request).await;
            assert_eq!(answer.code(), "200");
            assert_eq!((answer.header("seen-app"), answer.header("seen-rejection")), ("", code));
            assert_eq!(answer.body, call.body, "{code}");
            assert_eq!(answer.header("cache-control"), "", "nobody was authenticated");
        }
    }
    let codes: Vec<_> = seen.lock().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        codes,
        ["S403NU", "S403NU", "I400I5", "I400I5", "A403IS", "A403IS", "I413RL", "I413RL"]
    );
}

#[tokio::test]
async fn where_authentication_is_optional_a_stranger_passes_and_a_wrong_credential_does_not() {
    let backend = Backend::strict();
    let greet = |caller: Option<Verified>| async move {
        caller.map_or("stranger".to_owned(), |caller| caller.app_id().to_owned())
    };
    let app = Router::new()
        .route("/", get(greet))
        .route("/private", get(|caller: Verified| async move { caller.app_id().to_owned() }))
        .layer(backend.layer().with_authentication(Authentication::Optional));
    let stranger = |path| Request::get(path).body(Body::empty()).unwrap();
    assert_eq!(send(&app, stranger("/")).await.body, "stranger");
    assert_eq!(send(&app, whole(&Call::get("/").sign())).await.body, "demo");
    assert_eq!(send(&app, whole(&Call::get("/").sign().to("/?a"))).await.code(), "A403IS");
    let unsigned_key = Call::get("/").sign().without("x-ca-signature");
    assert_eq!(send(&app, whole(&unsigned_key)).await.code(), "I400MH");
    let wrong = Call::get("/").with_app_code("wrong");
    assert_eq!(send(&app, whole(&wrong)).await.code(), "A401AC");
    // A handler that asks for an identity is not run without one.
    assert_eq!(send(&app, stranger("/private")).await.code(), "A400MA");
}

#[tokio::test]
async fn lesson_36_an_identity_header_cannot_be_spoofed() {
    let backend = Backend::strict();
    let layer = || backend.layer().with_identity_headers(IdentityHeaders::default());
    let app = backend.routes().layer(layer());
    let spoofing = |call: Call| {
        call.header("x-authenticated-app-id", "admin").header("x_authenticated_app_id", "admin")
    };
    let call = spoofing(Call::get("/")).sign();
    let answer = send(&app, whole(&call)).await;
    assert_eq!(answer.header("x-authenticated-app-id"), "demo");
    assert_eq!(answer.header("x-authenticated-app-key"), KEY);
    assert_eq!(answer.header("x-authenticated-mechanism"), "signature");
    assert_eq!(answer.header("x_authenticated_app_id"), "");

    let code = spoofing(Call::get("/")).with_app_code(APP_CODE);
    let answer = send(&app, whole(&code)).await;
    assert_eq!(answer.header("x-authenticated-mechanism"), "app_code");

    // Whoever passes without an identity has none.
    for layer in [
        layer().with_authentication(Authentication::Optional),
        layer().with_enforcement(Enforcement::Observe),
    ] {
        let app = backend.routes().layer(layer);
        let stranger = Request::get("/").header("x-authenticated-app-id", "admin");
        let answer = send(&app, stranger.body(Body::empty()).unwrap()).await;
        assert_eq!((answer.code().as_str(), answer.header("x-authenticated-app-id")), ("200", ""));
    }

    // A header that the caller signed is verified before it is removed.
    let signed = Call::get("/").signed_header("x-authenticated-app-id", "admin").sign();
    let answer = send(&app, whole(&signed)).await;
    assert_eq!(answer.header("x-authenticated-app-id"), "demo");

    let renamed = IdentityHeaders::default()
        .with_app_id(HeaderName::from_static("x-authenticated-as"))
        .with_app_key(HeaderName::from_static("x-authenticated-key"))
        .with_mechanism(HeaderName::from_static("x-authenticated-how"));
    let app = backend.routes().layer(backend.layer().with_identity_headers(renamed));
    let answer = send(&app, whole(&Call::get("/").sign())).await;
    assert_eq!(answer.header("x-authenticated-as"), "demo");
    assert_eq!(answer.header("x-authenticated-how"), "signature");
}

#[tokio::test]
async fn an_authorizer_answers_any_documented_code_before_a_nonce_is_spent() {
    let server =
        Server::strict().authorizer(authorize_fn(|app, head| match (app.id(), head.path()) {
            ("demo", "/admin") => Err(Rejection::new(ErrorCode::A403AC).with("no-admin")),
            _ => Ok(()),
        }));
    let layer = countersign::middleware::AppAuthLayer::new(server.verifier.clone());
    let app = Router::new().fallback(async || "").layer(layer);
    assert_eq!(send(&app, whole(&Call::get("/").sign())).await.code(), "200");
    let answer = send(&app, whole(&Call::get("/admin").sign())).await;
    assert_eq!(answer.code(), "A403AC");
    assert_eq!(answer.header("x-ca-error-message"), "Access Control Forbidden by no-admin");
    assert_eq!(server.replay.claims(), 1);
}

#[tokio::test]
async fn an_app_code_in_the_query_passes_only_where_it_is_allowed() {
    let wire = Call::get(&format!("/a?appCode={APP_CODE}")).with_app_code(APP_CODE);
    let wire = wire.without("authorization");
    assert_eq!(send(&Backend::strict().app(), whole(&wire)).await.code(), "A400MA");
    let policy = Policy::strict().with_app_code(AppCodeCarriers::HeaderAndQuery);
    assert_eq!(send(&Backend::new(policy).app(), whole(&wire)).await.code(), "200");
}

#[tokio::test]
async fn a_store_that_is_down_refuses_with_x503bz_and_a_time_to_retry() {
    for break_it in [(|server: &Server| server.credentials.go_down()) as fn(&Server), |server| {
        server.replay.fail_with(countersign::store::StoreError::unavailable("no route"));
    }] {
        let server = Server::strict();
        break_it(&server);
        let layer = countersign::middleware::AppAuthLayer::new(server.verifier.clone());
        let app = Router::new().fallback(async || "").layer(layer);
        let answer = send(&app, whole(&Call::get("/").sign())).await;
        assert_eq!((answer.code().as_str(), answer.header("retry-after")), ("X503BZ", "1"));
        assert_eq!(answer.head.status, 503);
    }
}
