//! Accepted, refused, observed; and what the handler is told.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use countersign::error::{Dialect, ErrorCode, JsonBody, Rejection};
use countersign::middleware::Enforcement;
use countersign::verify::backend::VerifiedGateway;
use countersign::verify::{Mechanism, Verified};
use http::Request;
use tower::ServiceExt;

use crate::backend::{send, whole};
use crate::service::Service;
use crate::support::{BACKEND_KEY, Forwarded, OTHER_BACKEND_KEY, OTHER_BACKEND_SECRET};

fn stranger(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn what_the_gateway_has_signed_reaches_the_service_and_nothing_else_does() {
    let service = Service::strict();
    let app = service.app();
    let answer = send(&app, whole(&Forwarded::get("/orders?a=1").sign())).await;
    assert_eq!((answer.code().as_str(), answer.header("seen-gateway")), ("200", BACKEND_KEY));
    assert_eq!(answer.header("cache-control"), "private");
    assert_eq!(answer.header("x-ca-request-id").len(), 36);

    let other = Forwarded::get("/").key(OTHER_BACKEND_KEY, OTHER_BACKEND_SECRET).sign();
    assert_eq!(send(&app, whole(&other)).await.header("seen-gateway"), OTHER_BACKEND_KEY);

    let refused = send(&app, stranger("/orders?a=1")).await;
    assert_eq!((refused.code().as_str(), refused.head.status.as_u16()), ("I400MH", 400));
    assert_eq!(refused.header("x-ca-error-message"), "Header `X-Ca-Proxy-Signature` is Required");
    assert_eq!(refused.header("cache-control"), "no-store");
    assert_eq!(refused.header("x-ca-request-id").len(), 36);

    let forged = Forwarded::get("/orders?a=1").key(BACKEND_KEY, "not-the-secret").sign();
    let refused = send(&app, whole(&forged)).await;
    assert_eq!((refused.code().as_str(), refused.head.status.as_u16()), ("A403IS", 403));
    assert_eq!(
        refused.header("x-ca-error-message"),
        "Invalid Signature, Server StringToSign:`GET##/orders?a=(1 bytes)`"
    );
    assert_eq!(service.started(), 2);
}

#[tokio::test]
async fn a_refusal_looks_as_the_service_likes() {
    let service = Service::strict();
    let forged = || whole(&Forwarded::get("/").key(BACKEND_KEY, "not-the-secret").sign());
    let classic = service.routes().layer(service.layer().with_renderer(Dialect::Classic));
    let answer = send(&classic, forged()).await;
    assert_eq!(answer.head.status, 400);
    assert_eq!(answer.header("x-ca-error-code"), "");
    assert_eq!(
        answer.header("x-ca-error-message"),
        "Invalid Signature, Server StringToSign:GET##/"
    );
    let json = service.routes().layer(service.layer().with_renderer(JsonBody(Dialect::Vpc)));
    let answer = send(&json, stranger("/")).await;
    assert_eq!(
        answer.body,
        r#"{"code":"I400MH","message":"Header `X-Ca-Proxy-Signature` is Required"}"#
    );
    let response = service.app().oneshot(stranger("/")).await.unwrap();
    assert_eq!(response.extensions().get::<Rejection>().unwrap().code(), ErrorCode::I400MH);
}

#[tokio::test]
async fn observing_lets_everything_through_and_tells_the_handler_and_the_hook() {
    let service = Service::strict();
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let layer = service.layer().with_enforcement(Enforcement::Observe).on_rejection(
        move |rejection, context| {
            log.lock().unwrap().push((
                rejection.code(),
                context.mechanism,
                context.app_key.map(str::to_owned),
                context.path.to_owned(),
            ));
        },
    );
    let app = service.routes().layer(layer);
    let refused = send(&app, stranger("/a?secret=1")).await;
    assert_eq!((refused.code().as_str(), refused.header("seen-rejection")), ("200", "I400MH"));
    assert_eq!(refused.header("seen-gateway"), "");
    let forged = Forwarded::post("/b").json("{}").key("GatewayKey9", "not-the-secret").sign();
    let observed = send(&app, whole(&forged)).await;
    assert_eq!((observed.body.as_ref(), observed.header("seen-rejection")), (&b"{}"[..], "A400IK"));
    let accepted = send(&app, whole(&Forwarded::get("/").sign())).await;
    assert_eq!(accepted.header("seen-rejection"), "");
    assert_eq!(accepted.header("seen-gateway"), BACKEND_KEY);
    let backend = Some(Mechanism::BackendSignature);
    assert_eq!(
        *told.lock().unwrap(),
        [
            (ErrorCode::I400MH, None, None, "/a".to_owned()),
            (ErrorCode::A400IK, backend, Some("GatewayKey9".to_owned()), "/b".to_owned()),
        ]
    );
}

#[tokio::test]
async fn a_handler_that_asks_for_the_gateway_is_never_run_without() {
    let service = Service::strict();
    let asks = get(|gateway: VerifiedGateway| async move { gateway.key().to_string() });
    let serves_both = get(|gateway: Option<VerifiedGateway>| async move {
        gateway.map_or("nobody".to_owned(), |gateway| gateway.key().to_string())
    });
    let app = Router::new()
        .route("/asks", asks)
        .route("/both", serves_both)
        .layer(service.layer().with_enforcement(Enforcement::Observe))
        .route("/forgotten", get(async |_: VerifiedGateway| "never"));
    assert_eq!(send(&app, stranger("/asks")).await.code(), "I400MH");
    assert_eq!(send(&app, stranger("/both")).await.body, "nobody");
    assert_eq!(send(&app, stranger("/forgotten")).await.code(), "X500ER");
    for path in ["/asks", "/both"] {
        assert_eq!(send(&app, whole(&Forwarded::get(path).sign())).await.body, BACKEND_KEY);
    }
}

#[tokio::test]
async fn the_gateways_word_is_not_an_apps_identity() {
    let service = Service::strict();
    let asks = get(async |_: Verified| "never");
    let app = Router::new().route("/", asks).layer(service.layer());
    assert_eq!(send(&app, whole(&Forwarded::get("/").sign())).await.code(), "A400MA");
}

#[tokio::test]
async fn a_handlers_refusal_is_rendered_as_the_layers_own() {
    let service = Service::strict();
    let throttled = get(async || Rejection::new(ErrorCode::T429MR).with("5 per second"));
    let layer = service.layer().with_renderer(JsonBody(Dialect::Vpc));
    let app = Router::new().route("/", throttled).layer(layer);
    let answer = send(&app, whole(&Forwarded::get("/").sign())).await;
    assert_eq!((answer.code().as_str(), answer.head.status.as_u16()), ("T429MR", 429));
    assert!(String::from_utf8_lossy(&answer.body).contains("T429MR"));
}
