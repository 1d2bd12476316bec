//! Layers inside layers, and routers that rewrite the target.

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use countersign::middleware::{AppAuthLayer, OriginalTarget};
use countersign::verify::{ContentMd5Rule, Policy};
use http::Request;
use tower_http::cors::CorsLayer;

use crate::backend::{Backend, send, whole};
use crate::support::{Call, Server};

#[tokio::test]
async fn lesson_27a_nested_layers_of_one_verifier_claim_a_nonce_once() {
    let backend = Backend::strict();
    let app = backend.routes().layer(backend.layer()).layer(backend.layer());
    let call = Call::get("/a").sign();
    assert_eq!(send(&app, whole(&call)).await.code(), "200");
    assert_eq!(send(&app, whole(&call)).await.code(), "S403NU");
    assert_eq!(backend.started(), 1);
}

#[tokio::test]
async fn lesson_27a_clones_of_a_layer_share_one_store() {
    let backend = Backend::strict();
    let layer = backend.layer();
    let (one, other) = (backend.routes().layer(layer.clone()), backend.routes().layer(layer));
    let call = Call::get("/a").sign();
    assert_eq!(send(&one, whole(&call)).await.code(), "200");
    assert_eq!(send(&other, whole(&call)).await.code(), "S403NU");
}

#[tokio::test]
async fn layers_of_other_verifiers_each_claim_for_themselves() {
    let (outer, inner) = (Backend::strict(), Backend::strict());
    let app = inner.routes().layer(inner.layer()).layer(outer.layer());
    let call = Call::get("/a").sign();
    assert_eq!(send(&app, whole(&call)).await.code(), "200");
    assert_eq!(send(&inner.app(), whole(&call)).await.code(), "S403NU");
}

#[tokio::test]
async fn a_nested_router_has_a_policy_of_its_own_without_a_second_claim() {
    let backend = Backend::new(Policy::gateway_compatible());
    let strict = AppAuthLayer::new(backend.verifier.clone().with_policy(Policy::strict()));
    let app = Router::new()
        .nest("/strict", backend.routes().layer(strict))
        .fallback_service(backend.routes())
        .layer(backend.layer());

    let unsigned_nonce = |path| Call::get(path).undeclare("x-ca-nonce").sign();
    assert_eq!(send(&app, whole(&unsigned_nonce("/open"))).await.code(), "200");
    assert_eq!(send(&app, whole(&unsigned_nonce("/strict/a"))).await.code(), "I400HD");
    let call = Call::get("/strict/a").sign();
    assert_eq!(send(&app, whole(&call)).await.code(), "200");
    assert_eq!(send(&app, whole(&call)).await.code(), "S403NU");
}

#[tokio::test]
async fn a_policy_for_one_route_does_not_loosen_the_others() {
    let backend = Backend::strict();
    let policy = Policy::strict().with_content_md5(ContentMd5Rule::Optional);
    let uploads = backend.verifier.clone().with_policy(policy);
    let app = Router::new()
        .nest("/uploads", backend.routes().layer(AppAuthLayer::new(uploads)))
        .merge(Router::new().route("/orders", any(async || "")).layer(backend.layer()));
    let put = |path| Call::new("PUT", path).body("x").sign();
    assert_eq!(send(&app, whole(&put("/uploads/a"))).await.code(), "200");
    assert_eq!(send(&app, whole(&put("/orders"))).await.code(), "I400MH");
}

#[tokio::test]
async fn lesson_34_behind_nest_the_original_target_is_verified() {
    let backend = Backend::strict();
    let app = Router::new().nest("/api/v1", backend.app());
    let call = Call::get("/api/v1/items?b=2&a=1").sign();
    assert_eq!(send(&app, whole(&call)).await.code(), "200");
    let stripped = Call::get("/items?b=2&a=1").sign().to("/api/v1/items?b=2&a=1");
    assert_eq!(send(&app, whole(&stripped)).await.code(), "A403IS");
}

#[tokio::test]
async fn lesson_34_behind_a_rewriting_layer_the_named_target_is_verified() {
    let backend = Backend::strict();
    let call = Call::get("/public/items").sign();
    let mut request = whole(&call);
    request.extensions_mut().insert(OriginalTarget(call.target.clone()));
    *request.uri_mut() = "/internal/items".parse().unwrap();
    assert_eq!(send(&backend.app(), request).await.code(), "200");
}

#[tokio::test]
async fn lesson_34_an_absolute_target_is_signed_without_scheme_and_host() {
    let backend = Backend::strict();
    let call = Call::get("/items?a=1").sign().to("http://gateway.example:8080/items?a=1");
    assert_eq!(send(&backend.app(), whole(&call)).await.code(), "200");
}

#[tokio::test]
async fn a_preflight_is_answered_by_a_cors_layer_outside_and_by_nobody_else() {
    let backend = Backend::strict();
    let preflight = || {
        let request = Request::options("/a").header("origin", "https://example.com");
        request.header("access-control-request-method", "GET").body(Body::empty()).unwrap()
    };
    assert_eq!(send(&backend.app(), preflight()).await.code(), "A400MA");
    let app = backend.app().layer(CorsLayer::permissive());
    let answer = send(&app, preflight()).await;
    assert_eq!(answer.code(), "200");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(backend.started(), 0);
}

/// The counting stores of the verifier's tests see what nested layers do.
#[tokio::test]
async fn the_inner_of_two_layers_makes_no_claim() {
    let server = Server::strict();
    let layer = || AppAuthLayer::new(server.verifier.clone());
    let app = Router::new().fallback(async || "").layer(layer()).layer(layer());
    assert_eq!(send(&app, whole(&Call::get("/").sign())).await.code(), "200");
    assert_eq!(server.replay.claims(), 1);
}
