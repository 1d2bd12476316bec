//! How long a signature is good for.

use std::time::Duration;

use countersign::clock::UnixMillis;
use countersign::verify::Window;
use countersign::verify::openapi::OpenApiPolicy;

use super::*;

const WINDOW: u64 = 15 * 60 * 1000;

#[test]
fn lesson_01_a_time_or_a_nonce_that_could_be_changed_is_refused() {
    for (name, changed) in
        [("x-acs-date", "2023-10-26T10:22:33Z"), ("x-acs-signature-nonce", "changed")]
    {
        let names = ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date"];
        let names = names.into_iter().chain(["x-acs-signature-nonce", "x-acs-version"]);
        let list: Vec<_> = names.filter(|listed| *listed != name).collect();
        let unsigned = v3("GET", "/", b"").signed_by_v3(&list.join(";"));
        for request in [unsigned.clone(), unsigned.header(name, changed)] {
            refused(&request, "InvalidSignedHeaders");
        }
        refused(&v3("GET", "/", b"").v3().header(name, changed), "SignatureDoesNotMatch");
    }
    // RPC and ROA have no list to leave them out of.
    let signed = roa("GET", "/", b"").signed_by_roa();
    refused(
        &signed.clone().header("date", "Thu, 26 Oct 2023 10:22:33 GMT"),
        "SignatureDoesNotMatch",
    );
    refused(&signed.header("x-acs-signature-nonce", "changed"), "SignatureDoesNotMatch");
    let signed = rpc("GET", RPC);
    refused(&replaced(&signed, "%3A22%3A32Z", "%3A22%3A33Z"), "SignatureDoesNotMatch");
    refused(&replaced(&signed, "an-rpc-nonce", "changed"), "SignatureDoesNotMatch");
}

#[test]
fn lesson_02_a_nonce_that_is_empty_or_elsewhere_is_no_nonce() {
    let strict = Bench::strict();
    let empty = v3("GET", "/", b"").header("x-acs-signature-nonce", "").v3();
    refused(&empty, "Missingx-acs-signature-nonce");
    let empty = roa("GET", "/", b"").header("x-acs-signature-nonce", "").signed_by_roa();
    assert_eq!(strict.code(&empty), "MissingSignatureNonce");
    let empty = rpc("GET", &RPC.replace("=an-rpc-nonce", "="));
    refused(&empty, "MissingSignatureNonce");
    // RPC signs no header.
    let absent = rpc("GET", &RPC.replace("&SignatureNonce=an-rpc-nonce", ""));
    refused(&absent.header("x-acs-signature-nonce", "n"), "MissingSignatureNonce");
    // And a nonce in the query is none of V3's.
    let absent = v3("GET", "/?SignatureNonce=n", b"").without("x-acs-signature-nonce").v3();
    refused(&absent, "Missingx-acs-signature-nonce");
}

#[test]
fn lesson_03_each_scheme_has_one_header_or_parameter_for_the_time() {
    const STALE: &str = "Thu, 26 Oct 2023 09:22:32 GMT";
    const STALE_ACS: &str = "2023-10-26T09:22:32Z";
    for (date, acs_date) in [(STALE, STALE_ACS), ("now", "now")] {
        accepted(&v3("GET", "/", b"").header("date", date).v3());
        accepted(&v3("GET", "/", b"").v3().header("date", date));
        accepted(&roa("GET", "/", b"").header("x-acs-date", acs_date).signed_by_roa());
        accepted(&rpc("GET", RPC).header("date", date).header("x-acs-date", acs_date));
    }
    refused(
        &v3("GET", "/", b"").header("x-acs-date", STALE_ACS).header("date", DATE).v3(),
        EXPIRED,
    );
    let both = roa("GET", "/", b"").header("date", STALE);
    refused(&both.header("x-acs-date", "2023-10-26T10:22:32Z").signed_by_roa(), EXPIRED);
}

const EXPIRED: &str = "InvalidTimeStamp.Expired";
const FORMAT: &str = "InvalidTimeStamp.Format";

#[test]
fn lesson_04_a_time_has_one_form_and_no_other() {
    for text in [
        "2023-10-26T10:22:32",
        "2023-10-26T10:22:32.000Z",
        "2023-10-26T10:22:32+00:00",
        "2023-10-26 10:22:32Z",
        "2023-10-26T10:22:32z",
        "2023-02-29T10:22:32Z",
        "2023-10-26T24:00:00Z",
        "2023-10-26T10:22:60Z",
        "+023-10-26T10:22:32Z",
        "-001-10-26T10:22:32Z",
        "1698315752",
        "1698315752000",
        "9223372036854775807",
        "-1",
        "Thu, 26 Oct 2023 10:22:32 GMT",
        "٢٠٢٣-10-26T10:22:32Z",
    ] {
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        refused(&rpc("GET", &RPC.replace("2023-10-26T10%3A22%3A32Z", &encoded)), FORMAT);
        let request = v3("GET", "/", b"").header("x-acs-date", text);
        refused(&request.v3(), FORMAT);
    }
    for text in [
        "Fri, 26 Oct 2023 10:22:32 GMT",
        "Thu, 26 Oct 2023 10:22:32 UTC",
        "Thu, 26 Oct 2023 10:22:32 +0000",
        "Thursday, 26-Oct-23 10:22:32 GMT",
        "Thu Oct 26 10:22:32 2023",
        "Thu, 26 oct 2023 10:22:32 GMT",
        "Thu, 26 Oct 2023 10:22:60 GMT",
        "2023-10-26T10:22:32Z",
        "1698315752000",
        "-1",
    ] {
        refused(&roa("GET", "/", b"").header("date", text).signed_by_roa(), FORMAT);
    }
}

#[test]
fn lesson_04_the_first_and_the_last_year_do_not_overflow() {
    let widest = Window::symmetric(Duration::MAX);
    for text in ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"] {
        let request = v3("GET", "/", b"").header("x-acs-date", text).v3();
        assert_ne!(Bench::compatible().code(&request), "", "{text}");
    }
    let request = v3("GET", "/", b"").header("x-acs-date", "9999-12-31T23:59:59Z").v3();
    refused(&request, EXPIRED);
    let bench = Bench::with(OpenApiPolicy::strict().with_window(widest));
    assert_eq!(bench.code(&request), "");
    assert_eq!(bench.code(&request), "SignatureNonceUsed");
}

#[test]
fn lesson_05_the_future_is_bounded_like_the_past() {
    for (kind, request) in one_of_each() {
        for (at, code) in [
            (NOW - WINDOW - 1, EXPIRED),
            (NOW - WINDOW, ""),
            (NOW + WINDOW, ""),
            (NOW + WINDOW + 1, EXPIRED),
        ] {
            let bench = Bench::strict();
            bench.clock.step_wall_to(UnixMillis::new(at));
            assert_eq!(bench.code(&request), code, "{kind} at {at}");
        }
    }
}
