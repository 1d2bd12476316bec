//! What ties a body to its signature.

use countersign::protocol::openapi::PayloadAlgorithm;
use countersign::protocol::{BodyLength, ContentMd5, RequestHead};
use countersign::verify::Limits;
use countersign::verify::openapi::OpenApiPolicy;

use super::*;

#[test]
fn lesson_09_a_body_that_was_swapped_under_its_digest_is_refused() {
    refused(&v3("PUT", "/", b"{}").v3().body("[]"), "SignatureDoesNotMatch");
    refused(&roa("PUT", "/", b"{}").signed_by_roa().body("[]"), "ContentMD5NotMatched");
    for (from, to) in [("a=1", "a=2"), ("a=1", "a=1&b=2"), ("a=1&", "")] {
        let form = rpc_form(RPC, "a=1");
        refused(&replaced(&form, from, to), "SignatureDoesNotMatch");
    }
}

#[test]
fn lesson_09_a_digest_that_was_dropped_is_missed() {
    let by_v3 = v3("PUT", "/", b"{}").v3().without("x-acs-content-sha256");
    assert_eq!(Bench::strict().code(&by_v3), "Missingx-acs-content-sha256");
    assert_eq!(Bench::compatible().code(&by_v3), "SignatureDoesNotMatch");
    let by_roa = roa("PUT", "/", b"{}").signed_by_roa().without("content-md5");
    assert_eq!(Bench::strict().code(&by_roa), "MissingContent-MD5");
    assert_eq!(Bench::compatible().code(&by_roa), "SignatureDoesNotMatch");
}

#[test]
fn lesson_09_a_digest_that_was_swapped_with_its_body_is_a_wrong_signature() {
    let digest = PayloadAlgorithm::Sha256.digest(b"[]").encode();
    let by_v3 = v3("PUT", "/", b"{}").v3().header("x-acs-content-sha256", &digest).body("[]");
    refused(&by_v3, "SignatureDoesNotMatch");
    // Even if the list leaves the digest out: it is the last line.
    let list = "host;x-acs-action;x-acs-date;x-acs-signature-nonce;x-acs-version";
    let unlisted = v3("PUT", "/", b"{}").signed_by_v3(list);
    let swapped = unlisted.header("x-acs-content-sha256", &digest).body("[]");
    assert_eq!(Bench::compatible().code(&swapped), "SignatureDoesNotMatch");
    let md5 = ContentMd5::of(b"[]").encode();
    let by_roa = roa("PUT", "/", b"{}").signed_by_roa().header("content-md5", &md5).body("[]");
    refused(&by_roa, "SignatureDoesNotMatch");
}

#[test]
fn lesson_10_a_form_without_a_body_is_verified_like_any_request() {
    const FORM: &str = "application/x-www-form-urlencoded";
    for method in ["GET", "HEAD", "POST", "DELETE"] {
        let request = rpc(method, RPC).header("content-type", FORM);
        accepted(&request);
        let forged = replaced(&request, "DescribeApis", "DeleteApi");
        refused(&forged, "SignatureDoesNotMatch");
        let by_v3 = v3(method, "/", b"").header("content-type", FORM).v3();
        accepted(&by_v3);
        refused(&by_v3.header("x-acs-action", "DeleteApi"), "SignatureDoesNotMatch");
        let by_roa = roa(method, "/", b"").header("content-type", FORM).signed_by_roa();
        accepted(&by_roa);
        refused(&by_roa.target("/other"), "SignatureDoesNotMatch");
        // Nothing is presented, and there is nothing to read it from.
        refused(&Sent::new(method, "/").header("content-type", FORM), "MissingAccessKeyId");
    }
}

#[test]
fn lesson_11_every_scheme_with_every_method_and_every_body_is_verified() {
    const TYPES: [&str; 4] =
        ["", "application/x-www-form-urlencoded", "application/json", "text/plain"];
    let mut passed = 0;
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
        for content_type in TYPES {
            for body in ["", "a=1"] {
                let typed = |request: Sent| match content_type {
                    "" => request.without("content-type"),
                    name => request.header("content-type", name),
                };
                for request in [
                    typed(rpc(method, RPC)).body(body),
                    typed(roa(method, "/", body.as_bytes())).signed_by_roa(),
                    typed(v3(method, "/", body.as_bytes())).v3(),
                ] {
                    let about = format!("{method} {content_type:?} {body:?} {:?}", request.headers);
                    passed += usize::from(Bench::strict().code(&request).is_empty());
                    // Another body, another method, or no signature: under no policy.
                    let mut other = request.clone();
                    other.method = if method == "GET" { "POST" } else { "GET" }.parse().unwrap();
                    assert_ne!(Bench::compatible().code(&other), "", "{about}: another method");
                    let unsigned = request.clone().without("authorization").target("/");
                    assert_ne!(Bench::compatible().code(&unsigned), "", "{about}: no signature");
                    let swapped = request.clone().body("b=2");
                    assert_ne!(Bench::strict().code(&swapped), "", "{about}: another body");
                }
            }
        }
    }
    // ROA and V3 in every row; RPC in those without a body.
    assert_eq!(passed, 8 * 4 * (2 + 2 + 1));
}

#[test]
fn lesson_12_a_body_over_its_limit_is_refused_before_a_byte_of_it_is_read() {
    let limits = Limits::default().with_max_body(10).with_max_form(10);
    let bench = Bench::with(OpenApiPolicy::strict().with_limits(limits));
    let form = Sent::new("POST", "/").header("content-type", "application/x-www-form-urlencoded");
    let by_roa = roa("PUT", "/", b"{}").signed_by_roa();
    for request in [v3("PUT", "/", b"{}").v3(), by_roa, rpc("POST", RPC), form] {
        let Sent { method, target, headers, .. } = &request;
        let head = RequestHead::new(method, target, headers, BodyLength::Known(11));
        let code = bench.verifier.present(head).map(|_| ()).unwrap_err().code_text().into_owned();
        // RPC by its query says first that such a body is none of its own.
        let is_rpc = target.query().is_some();
        assert_eq!(code, if is_rpc { "InvalidContent-Type" } else { "InvalidBody.LengthLimit" });
    }
    // Where the length is not told, or a lie, reading ends at the limit.
    assert_eq!(bench.code(&v3("PUT", "/", b"eleven bytes").v3()), "InvalidBody.LengthLimit");
}
