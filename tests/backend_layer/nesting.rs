//! Layers in layers, and targets that a router has rewritten.

use axum::Router;
use axum::routing::get;
use countersign::middleware::{AppAuthLayer, BackendSignatureLayer};
use countersign::store::{MemoryCredentials, MemoryReplayStore};
use countersign::verify::Verifier;
use countersign::verify::backend::{BackendPolicy, ReplayProtection};

use crate::backend::{send, whole};
use crate::service::Service;
use crate::support::{Call, Forwarded, SECRET, Style, demo_apps, hmac_sha256, string_to_sign};

#[tokio::test]
async fn behind_a_nest_the_gateways_target_is_verified() {
    let service = Service::strict();
    let app = Router::new().nest("/api", service.app());
    assert_eq!(send(&app, whole(&Forwarded::get("/api/orders?a=1").sign())).await.code(), "200");
    let stripped = Forwarded::get("/orders?a=1").sign().to("/api/orders?a=1");
    assert_eq!(send(&app, whole(&stripped)).await.code(), "A403IS");
}

#[tokio::test]
async fn layers_of_one_verifier_that_are_nested_claim_a_nonce_once() {
    let service = Service::strict();
    let inner = BackendPolicy::strict().with_replay_protection(ReplayProtection::Required);
    let inner = BackendSignatureLayer::new(service.verifier.clone().with_policy(inner));
    let app = service.routes().layer(inner).layer(service.layer());
    let call = Forwarded::get("/").stamped("n").sign();
    assert_eq!(send(&app, whole(&call)).await.code(), "200");
    assert_eq!(send(&app, whole(&call)).await.code(), "S403NU");
    // The inner one asks for more.
    assert_eq!(send(&app, whole(&Forwarded::get("/").sign())).await.code(), "I400MH");
    assert_eq!(service.started(), 1);
}

/// The gateway hands on what its caller has signed, and signs that itself.
#[tokio::test]
async fn a_service_may_verify_the_gateway_and_its_caller() {
    let service = Service::strict();
    let credentials = MemoryCredentials::new(demo_apps()).unwrap();
    let clock = std::sync::Arc::clone(&service.clock);
    let replay = MemoryReplayStore::builder().with_clock(std::sync::Arc::clone(&clock)).build();
    let apps = AppAuthLayer::new(Verifier::new(credentials, replay).with_clock(clock));
    let hello = get(async || "hello");
    let app = Router::new().route("/", hello).layer(apps).layer(service.layer());

    let caller = Call::get("/").sign();
    let forwarded = |wire: &crate::support::Wire| {
        let headers = wire.headers.clone();
        Forwarded::get("/")
            .change(|mut wire| {
                wire.headers.extend(headers);
                wire
            })
            .declare("X-Ca-Key")
            .declare("X-Ca-Timestamp")
            .declare("X-Ca-Nonce")
            .sign()
    };
    assert_eq!(send(&app, whole(&forwarded(&caller))).await.code(), "200");
    assert_eq!(send(&app, whole(&caller)).await.code(), "I400MH");
    let text = string_to_sign(&caller, Style::default());
    let signed_as_callers = caller.clone().with("x-ca-proxy-signature", hmac_sha256(SECRET, &text));
    let signed_as_callers = signed_as_callers.with("x-ca-proxy-signature-secret-key", "203710001");
    assert_eq!(send(&app, whole(&signed_as_callers)).await.code(), "A400IK");
    assert_eq!(send(&app, whole(&Forwarded::get("/").sign())).await.code(), "A400MA");
}
