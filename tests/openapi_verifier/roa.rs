use countersign::credential::OpenApiScheme;
use countersign::verify::Ambiguity;
use countersign::verify::openapi::OpenApiPolicy;

use super::bench::*;

#[test]
fn a_signed_request_passes() {
    let verified =
        Bench::strict().verify(&roa("GET", "/clusters?a=1", b"").signed_by_roa()).unwrap();
    assert_eq!(verified.scheme(), OpenApiScheme::Roa);
    assert_eq!((verified.action(), verified.app_id()), (None, "billing"));
}

#[test]
fn path_query_and_every_header_of_its_own_are_signed() {
    let request = roa("PUT", "/clusters/1?a=1", b"{}").signed_by_roa();
    assert_eq!(Bench::strict().code(&request), "");
    for changed in [
        request.clone().target("/clusters/2?a=1"),
        request.clone().target("/clusters/1?a=2"),
        request.clone().header("x-acs-version", "1"),
        request.clone().header("x-acs-signature-nonce", "another"),
        request.clone().header("accept", "*/*"),
        request.clone().header("content-type", "text/plain"),
    ] {
        assert_eq!(Bench::compatible().code(&changed), "SignatureDoesNotMatch");
    }
}

#[test]
fn a_client_without_a_nonce_needs_a_knob_and_passes_once() {
    let request = roa("GET", "/clusters", b"").without("x-acs-signature-nonce").signed_by_roa();
    assert_eq!(Bench::strict().code(&request), "MissingSignatureNonce");
    let bench = Bench::compatible();
    assert_eq!(bench.verify(&request).unwrap().nonce(), None);
    assert_eq!(bench.code(&request), "SignatureNonceUsed");
}

#[test]
fn a_date_is_there_and_of_one_form() {
    let undated = roa("GET", "/", b"").without("date").signed_by_roa();
    assert_eq!(Bench::strict().code(&undated), "MissingDate");
    let other = roa("GET", "/", b"").header("date", "2023-10-26T10:22:32Z").signed_by_roa();
    assert_eq!(Bench::strict().code(&other), "InvalidTimeStamp.Format");
}

#[test]
fn a_name_that_reads_as_others_is_refused_and_a_value_by_a_knob() {
    let name = roa("GET", "/?a%26b=1", b"").signed_by_roa();
    let value = roa("GET", "/?a=1%26b=2", b"").signed_by_roa();
    assert_eq!(Bench::compatible().code(&name), "Invalidab");
    assert_eq!(Bench::strict().code(&value), "");
    let policy = OpenApiPolicy::strict().with_ambiguous_values(Ambiguity::Refuse);
    assert_eq!(Bench::with(policy).code(&value), "Invalida");
}

#[test]
fn authorization_is_well_formed_or_refused() {
    for value in ["acs", "acs:k:s", "acs k", "acs k s"] {
        let request = roa("GET", "/", b"").header("authorization", value);
        assert_eq!(Bench::strict().code(&request), "InvalidAuthorization", "{value}");
    }
}
