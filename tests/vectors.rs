//! Every published vector, stage by stage: the signed headers, the string to sign, the signature,
//! and the verifier's answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use countersign::clock::UnixMillis;
use countersign::credential::{App, AppKey, AppSecret};
use countersign::error::{Dialect, ErrorCode, Rejection, RenderRejection};
use countersign::protocol::{
    CaHeaders, CanonicalRequest, ContentMd5, Params, PresentedSignature, Reading, Readings,
    SignatureMethod, SignedHeaders, Variant,
};
use countersign::verify::{Policy, TimestampUnit};
use http::HeaderName;
use support::{
    Expected, NOW, Server, Style, Vector, Wire, assert_accepted, assert_code, hmac_sha1,
    hmac_sha256, string_to_sign,
};

/// The vectors whose signature some reading of the rules may explain.
fn signed_vectors() -> impl Iterator<Item = Vector> {
    Vector::all().into_iter().filter(|vector| {
        matches!(vector.expected, Expected::Accept | Expected::AcceptBy(_) | Expected::Reject)
    })
}

/// The vectors that are whole requests.
fn request_vectors() -> impl Iterator<Item = Vector> {
    use Expected::{ContentMd5, Renders, TokenVerifies};
    Vector::all()
        .into_iter()
        .filter(|vector| !matches!(vector.expected, TokenVerifies | ContentMd5 | Renders))
}

/// What the crate makes of a vector's request.
fn with_canonical<T>(wire: &Wire, look: impl FnOnce(&CanonicalRequest<'_>) -> T) -> T {
    let head = wire.head();
    let ca = CaHeaders::collect(&wire.headers);
    let list = ca.signature_headers.unwrap_or_default();
    let signed = SignedHeaders::parse(list, &wire.headers).unwrap();
    let mut params = Params::query(&head).unwrap();
    if ca.is_form() {
        params = params.with_form(&wire.body).unwrap();
    }
    look(&CanonicalRequest::new(&head, &ca, &signed, &params))
}

fn method(wire: &Wire) -> SignatureMethod {
    SignatureMethod::parse(wire.header("x-ca-signature-method")).unwrap()
}

fn secret(vector: &Vector) -> AppSecret {
    AppSecret::new(vector.line("secret")).unwrap()
}

fn only(reading: Reading) -> Readings {
    Readings::NONE.with(reading)
}

/// The readings that change nothing about the safety of a signature, all at once.
fn every_reading() -> Readings {
    Reading::ALL.into_iter().fold(Readings::NONE, Readings::with)
}

#[test]
fn no_vector_gets_lost() {
    let count = |wanted: fn(&Expected) -> bool| {
        let all = Vector::all();
        all.iter().filter(|vector| wanted(&vector.expected)).count()
    };
    assert_eq!(count(|e| *e == Expected::Accept), 27);
    assert_eq!(count(|e| matches!(e, Expected::AcceptBy(_))), 4);
    assert_eq!(count(|e| *e == Expected::Reject), 6);
    assert_eq!(count(|e| *e == Expected::StringToSignOnly), 1);
    assert_eq!(count(|e| *e == Expected::TokenVerifies), 1);
    assert_eq!(count(|e| *e == Expected::ContentMd5), 2);
    assert_eq!(count(|e| *e == Expected::Renders), 2);
}

#[test]
fn every_vector_names_its_origin() {
    for vector in Vector::all() {
        assert!(vector.line("origin").len() > 10, "{}", vector.name);
    }
}

#[test]
fn the_signed_headers_are_the_declared_ones_in_their_order() {
    for vector in request_vectors() {
        let wire = vector.request();
        let ca = CaHeaders::collect(&wire.headers);
        let list = ca.signature_headers.unwrap_or_default();
        let signed = SignedHeaders::parse(list, &wire.headers).unwrap();
        let parsed: Vec<String> = signed
            .iter()
            .map(|header| {
                let value = std::str::from_utf8(header.value()).unwrap();
                format!("{}:{value}", header.name())
            })
            .collect();
        let lines: Vec<&str> = vector.string_to_sign().split('\n').collect();
        assert_eq!(parsed, lines[5..lines.len() - 1], "{}", vector.name);
    }
}

#[test]
fn the_string_to_sign_is_the_published_one() {
    for vector in request_vectors() {
        let wire = vector.request();
        let made = with_canonical(&wire, |request| request.string_to_sign(Variant::PRIMARY));
        assert_eq!(String::from_utf8(made).unwrap(), vector.string_to_sign(), "{}", vector.name);
    }
}

/// The signer of these tests is evidence of its own only if the vectors bear it out.
#[test]
fn the_signer_of_the_tests_makes_the_published_strings_too() {
    for vector in request_vectors() {
        let made = string_to_sign(&vector.request(), Style::default());
        assert_eq!(String::from_utf8(made).unwrap(), vector.string_to_sign(), "{}", vector.name);
    }
}

#[test]
fn the_signature_is_the_published_one() {
    for vector in signed_vectors() {
        if vector.name == "hg-03b-form-body-wrong-signature" {
            continue; // Its signature is wrong on purpose; the next test has it.
        }
        let text = vector.signed_by_the_client().as_bytes();
        let method = method(&vector.request());
        let signature = vector.line("signature");
        assert_eq!(method.sign(&secret(&vector), text), signature, "{}", vector.name);
        let independent = match method {
            SignatureMethod::HmacSha1 => hmac_sha1(vector.line("secret"), text),
            _ => hmac_sha256(vector.line("secret"), text),
        };
        assert_eq!(independent, signature, "{}", vector.name);
    }
}

#[test]
fn the_primary_string_verifies_where_expected_and_only_there() {
    for vector in signed_vectors() {
        let wire = vector.request();
        let presented = PresentedSignature::decode(wire.header("x-ca-signature"));
        let string = vector.string_to_sign().as_bytes();
        let verifies = method(&wire).verify(&secret(&vector), string, &presented);
        assert_eq!(verifies, vector.expected == Expected::Accept, "{}", vector.name);
    }
}

#[test]
fn an_alternate_makes_the_string_that_the_client_signed_instead() {
    for vector in signed_vectors() {
        let Expected::AcceptBy(reading) = vector.expected else {
            continue;
        };
        let strings = with_canonical(&vector.request(), |request| {
            let alternates = request.alternates(only(reading));
            alternates
                .into_iter()
                .map(|variant| request.string_to_sign(variant))
                .collect::<Vec<_>>()
        });
        let wanted = vector.signed_by_the_client().as_bytes();
        assert!(strings.iter().any(|made| made == wanted), "{}", vector.name);
    }
}

fn policy(readings: Readings) -> Policy {
    Policy::gateway_compatible()
        .with_readings(readings)
        .with_timestamp_unit(TimestampUnit::MillisOrSeconds)
}

/// A server that knows the vector's app, at the time at which the vector was signed.
fn server(vector: &Vector, policy: Policy) -> Server {
    let app = App::new("vector", AppKey::new(vector.line("key")).unwrap());
    let server = Server::with_apps(policy, [app.with_secret(secret(vector))]);
    let request = vector.request();
    let timestamp = std::str::from_utf8(request.header("x-ca-timestamp")).unwrap();
    let signed_at = match timestamp.len() {
        0 => NOW,
        10 => timestamp.parse::<u64>().unwrap() * 1000,
        _ => timestamp.parse().unwrap(),
    };
    server.at(signed_at)
}

#[test]
fn the_verifier_accepts_and_refuses_as_expected() {
    for vector in signed_vectors() {
        let wire = vector.request();
        println!("{}", vector.name);
        match vector.expected {
            Expected::Accept => {
                let verified =
                    assert_accepted(server(&vector, policy(Readings::NONE)).verify(&wire));
                assert_eq!(verified.app_id(), "vector");
                assert_eq!(verified.nonce().unwrap_or_default(), wire.header("x-ca-nonce"));
            }
            Expected::AcceptBy(reading) => {
                assert_accepted(server(&vector, policy(only(reading))).verify(&wire));
                let others = every_reading().without(reading);
                let refused = server(&vector, policy(others)).verify(&wire);
                assert_code(refused, ErrorCode::A403IS);
            }
            _ => {
                // Without this name only the length of its value would be shown.
                let policy = policy(Readings::default())
                    .with_disclosed_header(HeaderName::from_static("x-missing"));
                let refused = server(&vector, policy).verify(&wire);
                let rejection = assert_code(refused, ErrorCode::A403IS);
                assert_eq!(
                    rejection.message(),
                    format!("Invalid Signature, Server StringToSign:`{}`", vector.string_to_sign())
                );
            }
        }
    }
}

#[test]
fn the_safe_readings_are_on_unless_named_otherwise() {
    for vector in signed_vectors() {
        let by_default = server(&vector, policy(Readings::default())).verify(&vector.request());
        match vector.expected {
            Expected::Accept | Expected::AcceptBy(Reading::RawPath | Reading::FormWins) => {
                println!("{}", vector.name);
                assert_accepted(by_default);
            }
            _ => {
                assert_code(by_default, ErrorCode::A403IS);
            }
        }
    }
}

#[test]
fn no_reading_at_all_explains_a_rejected_vector() {
    for vector in signed_vectors().filter(|vector| vector.expected == Expected::Reject) {
        // What a literal plus explains is why that reading is dangerous: see below.
        let readings = every_reading().without(Reading::DangerousLiteralPlus);
        let answer = server(&vector, policy(readings)).verify(&vector.request());
        assert_code(answer, ErrorCode::A403IS);
    }
}

#[test]
fn a_timestamp_in_seconds_needs_the_policy_that_names_it() {
    let vectors = Vector::all();
    let vector = vectors.iter().find(|vector| vector.name == "hg-06-timestamp-in-seconds").unwrap();
    let milliseconds = Policy::gateway_compatible();
    let refused = server(vector, milliseconds.clone()).verify(&vector.request());
    assert_code(refused, ErrorCode::S403TE);

    let seconds = milliseconds.with_timestamp_unit(TimestampUnit::MillisOrSeconds);
    let verified = assert_accepted(server(vector, seconds).verify(&vector.request()));
    let text = vector.request().header("x-ca-timestamp").to_vec();
    let seconds: u64 = String::from_utf8(text).unwrap().parse().unwrap();
    assert_eq!(verified.timestamp(), Some(UnixMillis::new(seconds * 1000)));
}

#[test]
fn a_content_md5_is_the_base64_of_the_bodys_digest() {
    for vector in Vector::all() {
        if vector.expected != Expected::ContentMd5 {
            continue;
        }
        let (header, body) = vector.section("headers and body").split_once("\n\n").unwrap();
        let text = header.strip_prefix("content-md5: ").unwrap();
        let presented = ContentMd5::decode(text.as_bytes()).unwrap();
        assert_eq!(presented, ContentMd5::of(body.as_bytes()), "{}", vector.name);
        assert_eq!(presented.encode(), text, "{}", vector.name);
        assert_eq!(support::md5_base64(body.as_bytes()), text, "{}", vector.name);
    }
}

#[test]
fn a_string_to_sign_is_rendered_as_the_gateway_shows_it() {
    for vector in Vector::all() {
        if vector.expected != Expected::Renders {
            continue;
        }
        let rejection =
            Rejection::new(ErrorCode::A403IS).with_request_text(vector.string_to_sign());
        let response = Dialect::Vpc.render(&rejection);
        let message = response.headers()["x-ca-error-message"].to_str().unwrap();
        let shown = message
            .strip_prefix("Invalid Signature, Server StringToSign:`")
            .and_then(|rest| rest.strip_suffix('`'));
        assert_eq!(shown, Some(vector.section("rendered")), "{}", vector.name);
    }
}
