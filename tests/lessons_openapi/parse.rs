//! Comparing and parsing.

use countersign::protocol::openapi::{AcsReading, AcsReadings};
use countersign::verify::Ambiguity;
use countersign::verify::openapi::OpenApiPolicy;
use http::HeaderValue;

use super::*;

/// The signature of a request, as it stands there.
fn signature(request: &Sent) -> String {
    let text = match request.headers.get("authorization") {
        Some(value) => value.to_str().unwrap().to_owned(),
        None => format!("{}{}", request.target, String::from_utf8_lossy(&request.body)),
    };
    let marks = ["&Signature=", ",Signature=", &format!("acs {KEY}:")];
    let mark = marks.iter().find_map(|mark| text.split_once(mark)).unwrap();
    mark.1.to_owned()
}

#[test]
fn lesson_14_a_signature_that_is_not_whole_verifies_nothing() {
    for (kind, request) in one_of_each() {
        let whole = signature(&request);
        let half = &whole[..whole.len() / 2];
        let wrong = [half, &whole[..whole.len() - 1], &whole[1..], "A", "%41%41%41%41", "0"];
        let longer = [format!("{whole}{whole}"), format!("{whole}A"), format!("{whole}%20")];
        let longer = longer.iter().map(String::as_str);
        for other in wrong.into_iter().chain(longer) {
            let changed = replaced(&request, &whole, other);
            let code = Bench::compatible().code(&changed);
            let refusals = ["SignatureDoesNotMatch", "InvalidAuthorization", "InvalidSignature"];
            assert!(refusals.contains(&&*code), "{kind}: {other}: {code:?}");
        }
        let code = Bench::compatible().code(&replaced(&request, &whole, ""));
        assert!(code.starts_with("Missing") || code.starts_with("Invalid"), "{kind}: {code:?}");
    }
    // The other encoding, upper case, base64 without its padding, or of the URL's alphabet.
    let by_v3 = v3("PUT", "/", b"").v3();
    let whole = signature(&by_v3);
    refused(&replaced(&by_v3, &whole, &whole.to_uppercase()), "SignatureDoesNotMatch");
    let by_roa = roa("PUT", "/", b"").signed_by_roa();
    let whole = signature(&by_roa);
    refused(&replaced(&by_roa, &whole, whole.trim_end_matches('=')), "SignatureDoesNotMatch");
}

#[test]
fn lesson_15_a_security_header_that_occurs_twice_is_refused_under_both_policies() {
    let by_v3 = v3("PUT", "/", b"{}").v3();
    let by_roa = roa("PUT", "/", b"{}").signed_by_roa();
    for (request, names) in [
        (
            &by_v3,
            &[
                "authorization",
                "x-acs-date",
                "x-acs-signature-nonce",
                "x-acs-content-sha256",
                "x-acs-version",
            ][..],
        ),
        (
            &by_roa,
            &[
                "authorization",
                "date",
                "x-acs-signature-nonce",
                "content-md5",
                "content-type",
                "accept",
            ],
        ),
    ] {
        for name in names {
            let value = request.headers[*name].to_str().unwrap().to_owned();
            for second in [value.as_str(), "other"] {
                let code = Bench::compatible().code(&request.clone().also(name, second));
                assert!(code.to_lowercase() == format!("invalid{name}"), "{name}: {code}");
                assert_eq!(Bench::strict().code(&request.clone().also(name, second)), code);
            }
        }
    }
    for name in
        ["Signature", "AccessKeyId", "SignatureNonce", "Timestamp", "Action", "SecurityToken"]
    {
        let request = rpc("GET", RPC);
        let target = format!("{}&{name}=x&{name}=x", request.target);
        refused(&request.target(&target), &format!("Invalid{name}"));
    }
}

#[test]
fn lesson_15_the_credentials_of_two_schemes_are_refused() {
    let by_rpc = rpc("GET", RPC);
    for (_, request) in one_of_each().into_iter().skip(2) {
        let both = request.target(&by_rpc.target.to_string());
        refused(&both, "InvalidAuthorization");
    }
}

#[test]
fn lesson_16_every_bit_of_a_signature_is_compared() {
    let bench = Bench::compatible();
    for request in [v3("GET", "/", b"").v3(), roa("GET", "/", b"").signed_by_roa()] {
        let whole = signature(&request);
        for at in 0..whole.len() {
            for other in ['0', '1', 'a', 'b', 'A', '+', '='] {
                let mut changed = whole.clone();
                changed.replace_range(at..=at, &other.to_string());
                if changed != whole {
                    let code = bench.code(&replaced(&request, &whole, &changed));
                    assert_eq!(code, "SignatureDoesNotMatch", "{changed}");
                }
            }
        }
        assert_eq!(bench.code(&request), "");
    }
}

#[test]
fn lesson_17_long_or_odd_values_are_bounded_or_not_looked_at() {
    let long = "n".repeat(257);
    refused(
        &v3("GET", "/", b"").header("x-acs-signature-nonce", &long).v3(),
        "InvalidSignatureNonce",
    );
    refused(
        &roa("GET", "/", b"").header("x-acs-signature-nonce", &long).signed_by_roa(),
        "InvalidSignatureNonce",
    );
    refused(&rpc("GET", &RPC.replace("an-rpc-nonce", &long)), "InvalidSignatureNonce");
    let most = "n".repeat(256);
    accepted(&v3("GET", "/", b"").header("x-acs-signature-nonce", &most).v3());

    let key = "k".repeat(129);
    for key in [key.as_str(), "", "a;b", "a/b"] {
        for (kind, request) in one_of_each() {
            let code = Bench::compatible().code(&replaced(&request, KEY, key));
            let refusals =
                ["InvalidAuthorization", "InvalidAccessKeyId.NotFound", "MissingAccessKeyId"];
            assert!(refusals.contains(&&*code), "{kind}: {key}: {code:?}");
        }
    }
    // Bytes that are no text, where a text is expected.
    let mut odd = v3("GET", "/", b"");
    odd.headers.insert("x-acs-action", HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    refused(&odd.v3(), "Invalidx-acs-action");
}

#[test]
fn lesson_17_a_target_and_its_parameters_are_bounded_before_anything_is_looked_up() {
    let target = format!("/?{}", "x".repeat(8 << 10));
    refused(&v3("GET", &target, b"").v3(), "InvalidUrl.LengthLimit");
    let many: Vec<_> = (0..1_001).map(|n| n.to_string()).collect();
    let many = many.join("&");
    refused(&v3("GET", "/", b"").v3().target(&format!("/?{many}")), "InvalidQuery");
    let form = rpc_form("", RPC);
    let longer = [form.body.as_slice(), b"&", many.as_bytes()].concat();
    refused(&form.body(longer), "InvalidBody");
}

#[test]
fn lesson_17a_a_short_list_does_not_become_a_long_string() {
    let long = "x".repeat(4 << 10);
    let request = v3("GET", "/", b"").header("x-long", &long);
    let repeated = format!("host{}", ";x-long".repeat(60));
    let signed = request.clone().v3();
    let list = signed.headers["authorization"].to_str().unwrap().to_owned();
    let (before, rest) = list.split_once("SignedHeaders=").unwrap();
    let (_, after) = rest.split_once(',').unwrap();
    let with = |list: &str| {
        let value = format!("{before}SignedHeaders={list},{after}");
        request.clone().header("authorization", &value)
    };
    refused(&with(&repeated), "InvalidSignedHeaders");
    let many: Vec<_> = (10..75).map(|n| format!("x-{n}")).collect();
    refused(&with(&many.join(";")), "InvalidSignedHeaders");
    // Many headers of one request are bounded together.
    let mut heavy = roa("GET", "/", b"");
    for n in 0..17 {
        let name: http::HeaderName = format!("x-acs-{n}").parse().unwrap();
        heavy.headers.insert(name, long.parse().unwrap());
    }
    refused(&heavy.signed_by_roa(), "InvalidAuthorization");
}

#[test]
fn lesson_17b_a_wrong_signature_shows_no_value_that_a_proxy_may_have_added() {
    const LIST: &str = "cookie;host;x-acs-action;x-acs-content-sha256;x-acs-date;\
                        x-acs-security-token;x-acs-signature-nonce;x-acs-version;x-internal-token";
    let request = v3("GET", "/", b"")
        .header("cookie", "session=hush")
        .header("x-internal-token", "hush")
        .header("x-acs-security-token", "hush")
        .signed_by_v3(LIST)
        .target("/?changed");
    let message = Bench::strict().verify(&request).unwrap_err().message().to_string();
    assert!(message.contains("cookie:") && message.contains("x-internal-token:"), "{message}");
    assert!(message.contains("DescribeApis") && !message.contains("hush"), "{message}");
}

#[test]
fn lesson_07b_a_reading_that_lets_a_request_change_is_off_unless_named() {
    // Signed with a plus, by a client that signs it as a space.
    let signed = v3("GET", "/a%20b", b"").v3();
    refused(&signed.clone().target("/a+b"), "SignatureDoesNotMatch");
    let readings = AcsReadings::default().with(AcsReading::DangerousV3RewrittenPlus);
    let bench = Bench::with(OpenApiPolicy::strict().with_readings(readings));
    assert_eq!(bench.code(&signed.target("/a+b")), "", "that is what its name warns of");
    // And a value of ROA that reads as another parameter has its knob.
    let value = roa("GET", "/?a=1&b=2", b"").signed_by_roa().target("/?a=1%26b=2");
    let refusing = OpenApiPolicy::strict().with_ambiguous_values(Ambiguity::Refuse);
    assert_eq!(Bench::with(refusing).code(&value), "Invalida");
}
