//! What the operator sees, and what nobody sees.
//!
//! A test binary of its own: `tracing` remembers for the whole process whether anybody listens to an
//! event, so a test without a subscriber must not come first.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../apps_folder/mod.rs"]
mod apps_folder;
#[path = "../layer/backend.rs"]
#[allow(dead_code, reason = "the tests of the layer use the rest")]
mod backend;
#[path = "../backing/mod.rs"]
mod backing;
#[cfg(feature = "jwt")]
#[path = "../jwt_layer/service.rs"]
#[allow(dead_code, reason = "the tests of the layers use the rest")]
mod service;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "jwt")]
#[path = "../jwt_layer/token.rs"]
#[allow(dead_code, reason = "the tests of the layers use the rest")]
mod token;

mod clients;
mod counts;
mod credentials;
mod gateway;
mod log;
#[cfg(feature = "redis")]
mod redis;
mod replay_store;
#[cfg(feature = "jwt")]
mod tokens;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use countersign::credential::{App, AppCode};
use countersign::error::StoreError;
use countersign::middleware::app_auth::Authentication;
use countersign::middleware::{AppAuthLayer, Enforcement};
use countersign::store::{CredentialStore, MemoryReplayStore};
use countersign::verify::{Policy, Verifier};

use backend::{Backend, send, whole};
use counts::counted;
use log::logged;
use support::{APP_CODE, Call, SECRET};

#[test]
fn lesson_37_no_credential_signature_nonce_or_body_is_logged() {
    let backend = Backend::strict();
    let secrets =
        Mutex::new(vec![SECRET.to_owned(), APP_CODE.to_owned(), "bearer-token".to_owned()]);
    let text = logged(async {
        let calls = [
            Call::post("/p?secret-query=1").form("secret-form=1").sign(),
            Call::post("/").json(r#"{"secret-json":1}"#).sign(),
            Call::post("/").json(r#"{"secret-json":1}"#).sign().with_body("secret-swapped"),
            Call::get("/secret-path?secret-query=2").sign().to("/other?secret-query=3"),
            Call::get("/").nonce("secret-nonce").timestamp(1).sign(),
            Call::get("/").with_app_code("secret-wrong-code"),
            Call::get("/").with_app_code(APP_CODE),
            Call::get("/?a=secret-value&a=other").sign(),
            Call::get("/").signed_header("authorization", "Bearer bearer-token").sign().to("/x"),
        ];
        for call in calls {
            if call.headers.contains_key("x-ca-signature") {
                secrets.lock().unwrap().push(call.signature());
            }
            let _ = send(&backend.app(), whole(&call)).await;
            let _ = send(&backend.app(), whole(&call)).await;
        }
    });
    assert!(text.contains("A403IS") && text.contains("203710001"), "{text}");
    for secret in secrets.lock().unwrap().iter().map(String::as_str).chain(["secret-"]) {
        assert!(!text.contains(secret), "{secret} is in the log:\n{text}");
    }
}

#[test]
fn lesson_38_a_rejection_is_logged_below_error_level_with_its_code_and_its_key() {
    let backend = Backend::strict();
    let text = logged(async {
        let _ = send(&backend.app(), whole(&Call::get("/").key("no\tone", "x").sign())).await;
    });
    let line = text.lines().find(|line| line.contains("request refused")).unwrap();
    assert!(line.contains("INFO"), "{line}");
    assert!(line.contains(r#"code="A400IK""#), "{line}");
    assert!(line.contains(r"app_key=no\tone"), "a key cannot forge a log line: {line}");
    assert!(line.contains("request_id="), "{line}");
    assert!(!text.contains("ERROR"));
}

#[test]
fn every_event_is_in_a_span_that_names_the_request() {
    let backend = Backend::strict();
    let text = logged(async {
        let call = Call::get("/").sign();
        let _ = send(&backend.app(), whole(&call)).await;
        let _ = send(&backend.app(), whole(&call)).await;
        let optional = backend.layer().with_authentication(Authentication::Optional);
        let stranger = http::Request::new(axum::body::Body::empty());
        let _ = send(&backend.routes().layer(optional), stranger).await;
    });
    for event in ["request accepted", "request refused", "request passed without a credential"] {
        let line = text.lines().find(|line| line.contains(event)).unwrap();
        assert!(line.contains("app_auth{request_id="), "{line}");
    }
}

#[test]
fn what_is_logged_when_a_caller_goes_away_is_in_the_span_too() {
    let verifier = Verifier::new(NeverAnswers, MemoryReplayStore::new());
    let app = axum::Router::new().fallback(async || "").layer(AppAuthLayer::new(verifier));
    let text = logged(async {
        let call = Call::get("/").sign();
        let mut answer = pin!(send(&app, whole(&call)));
        let first = poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx).is_pending()));
        assert!(first.await);
    });
    let line = text.lines().find(|line| line.contains("the look-up was given up")).unwrap();
    assert!(line.contains("app_auth{request_id="), "{line}");
}

/// A store of apps that logs when nobody waits for it any more.
struct NeverAnswers;

impl CredentialStore for NeverAnswers {
    async fn app_by_key(&self, _: &str) -> Result<Option<Arc<App>>, StoreError> {
        struct GivenUp;
        impl Drop for GivenUp {
            fn drop(&mut self) {
                tracing::info!("the look-up was given up");
            }
        }
        let _given_up = GivenUp;
        std::future::pending().await
    }

    async fn app_by_code(&self, _: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        Ok(None)
    }
}

#[test]
fn a_store_that_is_down_is_a_warning_with_its_cause() {
    let server = support::Server::strict();
    server.replay.fail_with(countersign::store::StoreError::unavailable("no route to host"));
    let layer = countersign::middleware::AppAuthLayer::new(server.verifier.clone());
    let app = axum::Router::new().fallback(async || "").layer(layer);
    let text = logged(async {
        let _ = send(&app, whole(&Call::get("/").sign())).await;
    });
    let line = text.lines().find(|line| line.contains("request refused")).unwrap();
    assert!(line.contains("WARN") && line.contains("no route to host"), "{line}");
}

#[test]
fn lesson_38_outcomes_are_counted_by_labels_from_fixed_sets() {
    let backend = Backend::strict();
    let counts = counted(async {
        let accepted = Call::get("/").sign();
        let _ = send(&backend.app(), whole(&accepted)).await;
        let _ = send(&backend.app(), whole(&accepted)).await;
        let _ = send(&backend.app(), whole(&Call::get("/").with_app_code(APP_CODE))).await;
        for n in 0..3 {
            // What a caller chooses is no label.
            let call = Call::get("/").key(&format!("made-up-{n}"), "x").sign();
            let _ = send(&backend.app(), whole(&call)).await;
        }
        let observing = backend.layer().with_enforcement(Enforcement::Observe);
        let _ = send(&backend.routes().layer(observing), whole(&accepted)).await;
    });
    assert_eq!(
        counts,
        [
            "countersign_requests_total{outcome=accepted,code=,mechanism=app_code} 1",
            "countersign_requests_total{outcome=accepted,code=,mechanism=signature} 1",
            "countersign_requests_total{outcome=observed,code=S403NU,mechanism=signature} 1",
            "countersign_requests_total{outcome=rejected,code=A400IK,mechanism=signature} 3",
            "countersign_requests_total{outcome=rejected,code=S403NU,mechanism=signature} 1",
        ]
    );
}

#[test]
fn under_a_compatible_policy_the_counters_name_the_strict_rows_that_would_fail() {
    let backend = Backend::new(Policy::gateway_compatible());
    let counts = counted(async {
        let loose = Call::new("PUT", "/").body("x").without("x-ca-nonce").hmac_sha1().sign();
        assert_eq!(send(&backend.app(), whole(&loose)).await.code(), "200");
        assert_eq!(send(&backend.app(), whole(&Call::get("/").sign())).await.code(), "200");
    });
    assert_eq!(
        counts,
        [
            "countersign_requests_total{outcome=accepted,code=,mechanism=signature} 2",
            "countersign_strict_findings_total{row=content_md5} 1",
            "countersign_strict_findings_total{row=nonce} 1",
            "countersign_strict_findings_total{row=signature_method} 1",
        ]
    );
}
