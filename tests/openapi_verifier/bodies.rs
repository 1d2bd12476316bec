use countersign::verify::Limits;
use countersign::verify::openapi::OpenApiPolicy;

use super::bench::*;

#[test]
fn the_body_is_the_one_that_was_digested() {
    let by_v3 = v3("POST", "/", b"{}").v3().body("[]");
    assert_eq!(Bench::strict().code(&by_v3), "SignatureDoesNotMatch");
    let by_roa = roa("POST", "/", b"{}").signed_by_roa().body("[]");
    assert_eq!(Bench::strict().code(&by_roa), "ContentMD5NotMatched");
}

#[test]
fn a_refused_digest_keeps_its_colon() {
    let refused = Bench::strict().verify(&v3("POST", "/", b"{}").v3().body("[]")).unwrap_err();
    assert_eq!(refused.message().split(':').nth(1), Some("not shown"));
}

#[test]
fn a_roa_body_without_a_digest_is_refused_strictly() {
    let request = roa("POST", "/", b"{}").without("content-md5").signed_by_roa();
    assert_eq!(Bench::strict().code(&request), "MissingContent-MD5");
    let verified = Bench::compatible().verify(&request).unwrap();
    assert!(!verified.covers_body());
}

#[test]
fn an_rpc_body_that_is_no_form_is_refused_strictly() {
    let request = rpc("POST", RPC).header("content-type", "application/json").body("{}");
    assert_eq!(Bench::strict().code(&request), "InvalidContent-Type");
    let verified = Bench::compatible().verify(&request).unwrap();
    assert!(!verified.covers_body());
}

#[test]
fn the_digest_of_an_rpc_form_is_checked_though_nothing_signs_it() {
    let form = rpc_form("", RPC).header("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==");
    assert_eq!(Bench::strict().code(&form), "ContentMD5NotMatched");
}

#[test]
fn bodies_have_limits() {
    let limits = Limits::default().with_max_body(600).with_max_form(400);
    let bench = Bench::with(OpenApiPolicy::strict().with_limits(limits));
    let long = format!("{RPC}&Long={}", "x".repeat(400));
    assert_eq!(bench.code(&rpc_form("", &long)), "InvalidBody.LengthLimit");
    assert_eq!(bench.code(&v3("POST", "/", &[b'x'; 601]).v3()), "InvalidBody.LengthLimit");
    assert_eq!(bench.code(&v3("POST", "/", &[b'x'; 600]).v3()), "");
}
