//! What the line of `Content-MD5` says about a body.

use countersign::error::ErrorCode;
use countersign::verify::backend::{BackendPolicy, BodyCoverage};
use countersign::verify::{Limits, StrictRow};

use crate::support::{BehindGateway, DigestLine, Forwarded, GatewayStyle, md5_base64};

fn uncovered_bodies_pass() -> BehindGateway {
    BehindGateway::new(BackendPolicy::strict().with_body_coverage(BodyCoverage::AsSent))
}

#[test]
fn a_digest_of_the_gateways_own_covers_a_body_with_any_method() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "GET"] {
        let call = Forwarded::new(method, "/orders").json(r#"{"a":1}"#).digesting_gateway().sign();
        let service = BehindGateway::strict();
        assert!(service.accepts(&call).covers_body(), "{method}");
        assert!(service.accepts(&call.clone().chunked()).covers_body(), "{method}");
        service.refuses(&call.with_body(r#"{"a":2}"#), ErrorCode::A403IS);
    }
}

#[test]
fn a_digest_of_the_gateways_caller_covers_a_body_and_is_compared_with_it() {
    let service = BehindGateway::strict();
    let call = Forwarded::post("/orders").json(r#"{"a":1}"#).digested(r#"{"a":1}"#).sign();
    assert!(service.accepts(&call).covers_body());
    service.refuses(&call.clone().with_body(r#"{"a":2}"#), ErrorCode::I400I5);
    let both = call.clone().with_body("[]").with("content-md5", md5_base64(b"[]"));
    service.refuses(&both, ErrorCode::A403IS);
    // Without the header its digest is made: what was signed is still what came.
    service.accepts(&call.clone().without("content-md5"));
    service.refuses(&call.with_body("[]").without("content-md5"), ErrorCode::A403IS);
}

#[test]
fn a_body_of_which_the_signature_says_nothing_is_refused_unless_named_otherwise() {
    let call = Forwarded::post("/orders").json(r#"{"a":1}"#).sign();
    BehindGateway::strict().refuses(&call, ErrorCode::I400MH);
    BehindGateway::strict().refuses(&call.clone().chunked(), ErrorCode::I400MH);

    let verified = uncovered_bodies_pass().accepts(&call);
    assert!(!verified.covers_body());
    assert_eq!(verified.strict_findings().iter().collect::<Vec<_>>(), [StrictRow::ContentMd5]);
}

#[test]
fn a_body_that_is_added_on_the_way_is_uncovered() {
    for call in [Forwarded::get("/orders?a=1").sign(), Forwarded::post("/orders").sign()] {
        BehindGateway::strict().accepts(&call);
        let added = call.with("content-type", "application/json").with_body("{}");
        BehindGateway::strict().refuses(&added, ErrorCode::I400MH);
        assert!(!uncovered_bodies_pass().accepts(&added).covers_body());
    }
}

#[test]
fn a_form_that_is_made_a_query_leaves_no_room_for_a_body() {
    let form = Forwarded::post("/pay").form("to=bob").sign();
    BehindGateway::strict().accepts(&form);
    let moved = form.to("/pay?to=bob").with("content-type", "application/json").with_body("{}");
    BehindGateway::strict().refuses(&moved, ErrorCode::I400MH);
}

#[test]
fn a_body_cannot_be_declared_a_form_to_get_rid_of_its_digest() {
    let form = "application/x-www-form-urlencoded";
    for call in [
        Forwarded::post("/pay").json(r#"{"to":"bob"}"#).digesting_gateway().sign(),
        Forwarded::post("/pay").json(r#"{"to":"bob"}"#).digested(r#"{"to":"bob"}"#).sign(),
    ] {
        let declared = call.with("content-type", form).with_body("to=eve");
        BehindGateway::strict().refuses(&declared, ErrorCode::A403IS);
    }
}

#[test]
fn a_body_of_unknown_length_may_turn_out_to_be_none() {
    let call = Forwarded::post("/orders").sign().chunked();
    assert!(BehindGateway::strict().accepts(&call).covers_body());
}

#[test]
fn the_digest_of_zero_bytes_covers_an_empty_body() {
    let service = BehindGateway::strict();
    let call = Forwarded::post("/orders").header("content-md5", md5_base64(b"")).sign();
    service.accepts(&call);
    service.accepts(&call.clone().chunked());
    service.refuses(&call.with_body("x"), ErrorCode::I400I5);
}

#[test]
fn a_form_is_covered_by_its_parameters_whether_its_digest_is_signed_or_only_sent() {
    for line in [DigestLine::AsForwarded, DigestLine::Empty] {
        let style = GatewayStyle { line, ..GatewayStyle::default() };
        let call = Forwarded::post("/pay").form("to=bob&n=1").digested("to=bob&n=1").style(style);
        let call = call.sign();
        let service = BehindGateway::strict();
        assert!(service.accepts(&call).covers_body());
        service.refuses(&call.clone().with_body("to=eve&n=1"), ErrorCode::A403IS);
        // The same parameters in other bytes.
        service.refuses(&call.clone().with_body("n=1&to=bob"), ErrorCode::I400I5);
        service.refuses(&call.clone().with_body("to=bob&n=1&n=1"), ErrorCode::I400I5);
    }
    let without = Forwarded::post("/pay").form("to=bob&n=1").sign();
    BehindGateway::strict().accepts(&without.clone().with_body("n=1&to=bob"));
    BehindGateway::strict().refuses(&without.with_body("n=1"), ErrorCode::A403IS);
}

#[test]
fn what_is_held_before_the_signature_is_known_is_bounded_like_a_form() {
    let limits = Limits::default().with_max_form(10).with_max_body(20);
    let policy = BackendPolicy::strict().with_limits(limits);
    let service = || BehindGateway::new(policy.clone());
    let body = |length: usize| "x".repeat(length);

    let by_gateway = |length| Forwarded::post("/").body(body(length)).digesting_gateway().sign();
    service().accepts(&by_gateway(10));
    service().refuses(&by_gateway(11), ErrorCode::I413RL);
    service().refuses(&by_gateway(11).chunked(), ErrorCode::I413RL);
    let form = |length| Forwarded::post("/").form(body(length)).sign();
    service().accepts(&form(10));
    service().refuses(&form(11), ErrorCode::I413RL);

    // What the head has proven may be longer.
    let digested = |length| Forwarded::post("/").digested(body(length)).sign();
    service().accepts(&digested(20));
    service().refuses(&digested(21), ErrorCode::I413RL);
    service().refuses(&digested(21).chunked(), ErrorCode::I413RL);
    let as_sent = BehindGateway::new(policy.clone().with_body_coverage(BodyCoverage::AsSent));
    as_sent.accepts(&Forwarded::post("/").body(body(20)).sign());
    as_sent.refuses(&Forwarded::post("/").body(body(21)).sign().chunked(), ErrorCode::I413RL);
}
