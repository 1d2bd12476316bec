//! What is logged and counted of requests behind the gateway.

use axum::Router;
use countersign::middleware::{BackendSignatureLayer, Enforcement};
use countersign::verify::backend::BackendPolicy;

use crate::backend::{send, whole};
use crate::counts::counted;
use crate::log::logged;
use crate::support::{BACKEND_SECRET, BehindGateway, Forwarded, Wire};

fn app(service: &BehindGateway, enforcement: Enforcement) -> Router {
    let layer = BackendSignatureLayer::new(service.verifier.clone()).with_enforcement(enforcement);
    Router::new().fallback(async || "").layer(layer)
}

fn odd() -> Forwarded {
    Forwarded::post("/p?secret-query=1").stamped("secret-nonce").form("secret-form=1")
}

#[test]
fn lesson_37_no_signature_nonce_or_body_from_the_gateway_is_logged() {
    let service = BehindGateway::strict();
    let calls: Vec<Wire> = vec![
        odd().sign(),
        odd().sign(),
        odd().sign().with_body("secret-form=2"),
        odd().signed_header("x-token", "secret-token").sign().to("/secret-path"),
        odd().signed_header("x-token", "a").sign().and("x-token", "secret-token"),
        Forwarded::post("/").json("secret-json").sign(),
        Forwarded::post("/").digested("secret-json").sign().with_body("secret-swapped"),
        Forwarded::get("/").key("UnknownKey", "secret-unknown").sign(),
    ];
    let mut secrets = vec![BACKEND_SECRET.to_owned()];
    secrets.extend(
        calls
            .iter()
            .map(|call| String::from_utf8(call.header("x-ca-proxy-signature").to_vec()).unwrap()),
    );
    let text = logged(async {
        for enforcement in [Enforcement::Enforce, Enforcement::Observe] {
            for call in &calls {
                send(&app(&service, enforcement), whole(call)).await;
            }
        }
    });
    for code in ["S403NU", "A403IS", "I400HD", "I400MH", "I400I5", "A400IK"] {
        assert!(text.contains(code), "{code} is not in the log:\n{text}");
    }
    assert!(text.contains("backend_signature") && text.contains("UnknownKey"), "{text}");
    for secret in secrets.iter().map(String::as_str).chain(["secret-"]) {
        assert!(!text.contains(secret), "{secret} is in the log:\n{text}");
    }
}

#[test]
fn lesson_38_outcomes_behind_the_gateway_are_counted_by_labels_from_fixed_sets() {
    let counts = counted(async {
        let service = BehindGateway::new(BackendPolicy::gateway_compatible());
        let (enforce, observe) =
            (app(&service, Enforcement::Enforce), app(&service, Enforcement::Observe));
        let uncovered = Forwarded::post("/").json("{}").sign();
        send(&enforce, whole(&uncovered)).await;
        send(&enforce, whole(&uncovered.clone().to("/a"))).await;
        send(&observe, whole(&uncovered.without("x-ca-proxy-signature"))).await;
        let stranger = http::Request::new(axum::body::Body::empty());
        send(&enforce, stranger).await;
    });
    let count = |outcome, code, mechanism| {
        format!(
            "countersign_requests_total{{outcome={outcome},code={code},mechanism={mechanism}}} 1"
        )
    };
    assert_eq!(
        counts,
        [
            count("accepted", "", "backend_signature"),
            count("observed", "I400MH", "backend_signature"),
            count("rejected", "A403IS", "backend_signature"),
            count("rejected", "I400MH", "none"),
            "countersign_strict_findings_total{row=content_md5} 1".to_owned(),
        ]
    );
}
