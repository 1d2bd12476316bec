//! Which headers, parameters and paths the signature covers.

use countersign::error::ErrorCode;
use countersign::verify::backend::BackendPolicy;
use countersign::verify::{Ambiguity, AmbiguousPath, StrictRow};
use http::HeaderName;
use http::header::CONTENT_TYPE;

use crate::support::{BehindGateway, Forwarded, Wire};

const CALLER: HeaderName = HeaderName::from_static("caappid");

#[test]
fn a_declared_header_is_covered_and_another_is_not() {
    let service = BehindGateway::strict();
    let call = Forwarded::get("/").signed_header("CaAppId", "7").header("x-role", "guest").sign();
    let verified = service.accepts(&call);
    assert!(verified.covers(&CALLER));
    assert!(!verified.covers(&HeaderName::from_static("x-role")));
    service.refuses(&call.clone().with("caappid", "8"), ErrorCode::A403IS);
    service.refuses(&call.clone().without("caappid"), ErrorCode::A403IS);
    service.accepts(&call.with("x-role", "admin"));
}

#[test]
fn a_declared_header_that_was_absent_cannot_be_added() {
    let service = BehindGateway::strict();
    let call = Forwarded::get("/").declare("CaAppId").sign();
    assert!(service.accepts(&call).covers(&CALLER), "that it is absent");
    service.refuses(&call.clone().with("caappid", "7"), ErrorCode::A403IS);
    // An empty header is not an absent one here, other than in a request signature.
    service.refuses(&call.with("caappid", ""), ErrorCode::A403IS);
}

#[test]
fn a_header_that_is_believed_must_be_covered_where_it_is_there() {
    let service = BehindGateway::new(BackendPolicy::strict().with_covered_header(CALLER));
    service.accepts(&Forwarded::get("/").sign());
    service.accepts(&Forwarded::get("/").signed_header("CaAppId", "7").sign());
    let added = Forwarded::get("/").sign().with("caappid", "7");
    let refused = service.refuses(&added, ErrorCode::I400HD);
    assert_eq!(refused.subject(), Some("caappid"));
}

#[test]
fn the_type_of_a_body_is_covered_where_it_is_declared() {
    let call = || Forwarded::post("/").json("{}").digested("{}");
    let other = |wire: Wire| wire.with("content-type", "text/plain");
    BehindGateway::strict().accepts(&other(call().sign()));
    let declared = call().declare("Content-Type").sign();
    BehindGateway::strict().refuses(&other(declared), ErrorCode::A403IS);
    let asks = BehindGateway::new(BackendPolicy::strict().with_covered_header(CONTENT_TYPE));
    asks.refuses(&call().sign(), ErrorCode::I400HD);
}

#[test]
fn a_second_value_of_a_covered_header_is_refused() {
    let call = Forwarded::get("/").signed_header("CaAppId", "7").sign();
    let twice = call.clone().and("caappid", "8");
    BehindGateway::strict().refuses(&twice, ErrorCode::I400HD);
    BehindGateway::strict().accepts(&call.and("caappid", "7"));
    let verified = BehindGateway::compatible().accepts(&twice);
    assert_eq!(verified.strict_findings().iter().collect::<Vec<_>>(), [StrictRow::RepeatedHeader]);
    // What handlers believe has one value under every policy.
    let believing = BackendPolicy::gateway_compatible().with_covered_header(CALLER);
    BehindGateway::new(believing).refuses(&twice, ErrorCode::I400HD);
}

#[test]
fn a_security_header_that_occurs_twice_is_refused_under_both_policies() {
    let call = Forwarded::post("/").digested("{}").stamped("nonce").declare("X-Ca-Key").sign();
    for name in [
        "x-ca-proxy-signature",
        "x-ca-proxy-signature-headers",
        "x-ca-proxy-signature-secret-key",
        "x-ca-timestamp",
        "x-ca-nonce",
        "content-md5",
    ] {
        let value = call.header(name).to_vec();
        let twice = call.clone().and(name, value);
        for service in [BehindGateway::strict(), BehindGateway::compatible()] {
            service.refuses(&twice, ErrorCode::I400HD);
        }
    }
}

#[test]
fn the_lists_order_and_the_headers_order_do_not_matter_but_the_spellings_order_does() {
    let service = BehindGateway::strict();
    let call = Forwarded::get("/").signed_header("b", "1").signed_header("A", "2").sign();
    service.accepts(&call);
    let list = |list: &str| call.clone().with("x-ca-proxy-signature-headers", list);
    service.accepts(&list("A,b"));
    service.accepts(&list(" A ,, b,"));
    service.accepts(&list("a,b"));
    // Upper case sorts first.
    service.refuses(&list("B,a"), ErrorCode::A403IS);
    service.refuses(&list("b"), ErrorCode::A403IS);
    service.refuses(&list("A,b,X-Ca-Proxy-Signature-Secret-Key"), ErrorCode::A403IS);
}

#[test]
fn a_parameter_that_is_added_repeated_or_changed_is_refused() {
    let service = BehindGateway::strict();
    let call = Forwarded::get("/orders?a=1&b=2").sign();
    service.accepts(&call);
    service.accepts(&call.clone().to("/orders?b=2&a=1"));
    for (target, code) in [
        ("/orders?a=1&b=3", ErrorCode::A403IS),
        ("/orders?a=1&b=2&c=3", ErrorCode::A403IS),
        ("/orders?a=1", ErrorCode::A403IS),
        ("/orders?a=1&b=2&a=3", ErrorCode::I400IP),
        ("/orders?a%3D1%26b=2", ErrorCode::I400IP),
        ("/Orders?a=1&b=2", ErrorCode::A403IS),
    ] {
        service.refuses(&call.clone().to(target), code);
    }
    let verified = BehindGateway::compatible().accepts(&call.to("/orders?a=1&b=2&a=3"));
    let rows: Vec<_> = verified.strict_findings().iter().collect();
    assert_eq!(rows, [StrictRow::RepeatedParameter]);
}

#[test]
fn a_value_that_reads_as_other_parameters_is_refused_where_that_is_named() {
    let call = Forwarded::get("/orders?a=1%26b=2").sign();
    BehindGateway::strict().accepts(&call);
    let policy = BackendPolicy::strict().with_ambiguous_values(Ambiguity::Refuse);
    BehindGateway::new(policy).refuses(&call, ErrorCode::I400IP);
}

#[test]
fn a_path_that_decodes_to_another_request_is_signed_raw_only() {
    let call = Forwarded::get("/pay?to=bob").sign();
    for path in ["/pay%3Fto=bob", "/%70ay?to=bob"] {
        BehindGateway::strict().refuses(&call.clone().to(path), ErrorCode::A403IS);
    }
    let policy = BackendPolicy::strict().with_ambiguous_paths(AmbiguousPath::AsGateway);
    let verified = BehindGateway::new(policy).accepts(&call.to("/%70ay?to=bob"));
    assert_eq!(verified.strict_findings().iter().collect::<Vec<_>>(), [StrictRow::AmbiguousPath]);
}

#[test]
fn a_line_break_in_a_path_does_not_imitate_a_covered_header() {
    let call = Forwarded::get("/").signed_header("CaAppId", "7").sign();
    for service in [BehindGateway::strict(), BehindGateway::compatible()] {
        for target in ["/%0Acaappid:7%0A/", "/?%0Acaappid:7%0A/"] {
            service.refuses(&call.clone().to(target), ErrorCode::A403IS);
        }
        let name = call.clone().with("x-ca-proxy-signature-headers", "/x,CaAppId");
        service.refuses(&name, ErrorCode::I400HD);
    }
}

#[test]
fn the_method_is_covered() {
    let mut call = Forwarded::get("/orders").sign();
    call.method = http::Method::DELETE;
    BehindGateway::strict().refuses(&call, ErrorCode::A403IS);
}

#[test]
fn a_signature_that_is_not_whole_verifies_nothing() {
    let service = BehindGateway::strict();
    let call = Forwarded::get("/").sign();
    let signature = String::from_utf8(call.header("x-ca-proxy-signature").to_vec()).unwrap();
    service.accepts(&call.clone().with("x-ca-proxy-signature", format!(" {signature}\t")));
    for wrong in [
        &signature[..43],
        &signature[..4],
        signature.trim_end_matches('='),
        &format!("{signature}AAAA"),
        &signature.to_lowercase(),
        "=",
        "你好",
    ] {
        let wrong = call.clone().with("x-ca-proxy-signature", wrong);
        service.refuses(&wrong, ErrorCode::A403IS);
    }
    // The signature by which the gateway's own caller signs is another one.
    let callers = call.clone().without("x-ca-proxy-signature").with("x-ca-signature", &signature);
    service.refuses(&callers, ErrorCode::I400MH);
}
