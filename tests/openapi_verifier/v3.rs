use countersign::credential::OpenApiScheme;

use super::bench::*;

#[test]
fn a_signed_request_tells_who_asks_for_what() {
    let verified = Bench::strict().verify(&v3("POST", "/?a=1", b"{}").v3()).unwrap();
    assert_eq!(verified.scheme(), OpenApiScheme::V3);
    assert_eq!((verified.action(), verified.version()), (Some("DescribeApis"), Some("2016-07-14")));
    assert_eq!(verified.nonce(), Some(&b"a-v3-nonce"[..]));
    assert!(verified.covers_body());
}

#[test]
fn method_path_query_host_and_headers_are_signed() {
    let request = v3("POST", "/a?b=1", b"{}").v3();
    let mut deleted = request.clone();
    deleted.method = http::Method::DELETE;
    for changed in [
        deleted,
        request.clone().target("/b?b=1"),
        request.clone().target("/a?b=2"),
        request.clone().header("host", "other.example.com"),
        request.clone().header("x-acs-action", "DeleteApi"),
        request.clone().header("x-acs-signature-nonce", "another"),
    ] {
        assert_eq!(Bench::compatible().code(&changed), "SignatureDoesNotMatch");
    }
}

#[test]
fn what_a_handler_may_believe_is_signed_under_the_strict_policy() {
    let signed = v3("POST", "/", b"{}").v3();
    for added in [
        signed.clone().header("x-acs-region-id", "cn-x"),
        signed.header("content-type", "text/plain"),
    ] {
        assert_eq!(Bench::strict().code(&added), "InvalidSignedHeaders");
        let verified = Bench::compatible().verify(&added).unwrap();
        let rows: Vec<_> = verified.strict_findings().iter().map(|row| row.as_str()).collect();
        assert_eq!(rows, ["unsigned_header"]);
    }
}

#[test]
fn date_and_nonce_are_signed_under_both_policies() {
    for list in [
        "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-version",
        "host;x-acs-action;x-acs-content-sha256;x-acs-signature-nonce;x-acs-version",
    ] {
        let request = v3("GET", "/", b"").signed_by_v3(list);
        assert_eq!(Bench::compatible().code(&request), "InvalidSignedHeaders", "{list}");
    }
}

#[test]
fn what_is_not_there_is_missing() {
    for (absent, code) in [
        ("x-acs-date", "Missingx-acs-date"),
        ("x-acs-signature-nonce", "Missingx-acs-signature-nonce"),
        ("x-acs-content-sha256", "Missingx-acs-content-sha256"),
    ] {
        let request = v3("GET", "/", b"").without(absent).v3();
        assert_eq!(Bench::strict().code(&request), code);
    }
}

#[test]
fn without_a_digest_the_body_itself_is_signed_and_only_by_name() {
    let without = |body: &[u8]| v3("POST", "/", body).without("x-acs-content-sha256");
    for body in [&b""[..], b"{}", b"Action=DeleteApi&Signature=AAAA"] {
        assert_eq!(Bench::compatible().code(&without(body).v3()), "");
        let code = Bench::strict().code(&without(body).v3());
        assert_eq!(code, "Missingx-acs-content-sha256");
        let changed = without(body).v3().body("changed");
        assert_eq!(Bench::compatible().code(&changed), "SignatureDoesNotMatch");
    }
}

#[test]
fn the_list_of_headers_is_sorted_and_the_key_is_named_once() {
    let request = v3("GET", "/", b"").v3();
    let value = request.headers["authorization"].to_str().unwrap().to_owned();
    let with = |value: &str| request.clone().header("authorization", value);
    let unsorted = value.replace("host;x-acs-action", "x-acs-action;host");
    assert_eq!(Bench::strict().code(&with(&unsorted)), "InvalidSignedHeaders");
    let unknown = value.replace("ACS3-HMAC-SHA256", "ACS3-HMAC-MD5");
    assert_eq!(Bench::strict().code(&with(&unknown)), "InvalidSignatureMethod");
    let other = v3("GET", "/", b"").header("x-acs-accesskey-id", "LTAI5tOther").v3();
    assert_eq!(Bench::strict().code(&other), "Invalidx-acs-accesskey-id");
}

#[test]
fn a_header_that_occurs_twice_is_refused() {
    let request = v3("GET", "/", b"").v3().also("x-acs-action", "DeleteApi");
    for bench in [Bench::strict(), Bench::compatible()] {
        assert_eq!(bench.code(&request), "Invalidx-acs-action");
    }
}

#[test]
fn an_action_that_is_not_signed_is_none() {
    let request = v3("GET", "/", b"").without("x-acs-action").without("x-acs-version").v3();
    let added = request.header("x-acs-action", "DeleteApi").header("x-acs-version", "2016-07-14");
    let verified = Bench::compatible().verify(&added).unwrap();
    assert_eq!((verified.action(), verified.version()), (None, None));
}

#[test]
fn a_parameter_without_a_name_is_signed() {
    let request = v3("GET", "/a", b"").v3();
    assert_eq!(Bench::strict().code(&request.target("/a?=")), "SignatureDoesNotMatch");
}
