//! Every vector of a back-end signature, stage by stage: the covered headers, the string to sign, the
//! signature, the signer, and the verifier's answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use countersign::credential::{BackendKey, BackendSecret};
use countersign::error::ErrorCode;
use countersign::protocol::{
    BackendRequest, BackendVariant, CaHeaders, Params, PresentedSignature, ProxyHeaders,
    SignedHeaders, sign_backend, verify_backend,
};
use countersign::sign::{BackendBody, BackendSigner, Stamps};
use countersign::verify::backend::{BackendPolicy, BodyCoverage, ShownParameters};
use http::HeaderName;
use support::{
    BehindGateway, DigestLine, Expected, GatewayStyle, Vector, Wire, backend_pair,
    backend_string_to_sign, hmac_sha256, md5_base64,
};

/// The request with its signature.
fn request(vector: &Vector) -> Wire {
    vector.unsigned_request().with("x-ca-proxy-signature", vector.line("signature"))
}

/// What the crate makes of a vector's request.
fn with_canonical<T>(wire: &Wire, look: impl FnOnce(&BackendRequest<'_>) -> T) -> T {
    let head = wire.head();
    let proxy = ProxyHeaders::collect(&wire.headers);
    let list = proxy.signature_headers.unwrap_or_default();
    let covered = SignedHeaders::parse(list, &wire.headers).unwrap();
    let mut params = Params::query(&head).unwrap();
    if CaHeaders::collect(&wire.headers).is_form() {
        params = params.with_form(&wire.body).unwrap();
    }
    look(&BackendRequest::new(&head, &covered, &params))
}

/// The line of `Content-MD5` in the primary string: the header, else the digest of a body that is no
/// form.
fn primary_line(wire: &Wire) -> String {
    let is_form = CaHeaders::collect(&wire.headers).is_form();
    match wire.header("content-md5") {
        b"" if !is_form && !wire.body.is_empty() => md5_base64(&wire.body),
        header => String::from_utf8(header.to_vec()).unwrap(),
    }
}

/// The verifier's answer to a vector's request, by a strict policy that shows what it has made.
fn service(vector: &Vector, coverage: BodyCoverage) -> BehindGateway {
    let mut policy = BackendPolicy::strict()
        .with_body_coverage(coverage)
        .with_shown_parameters(ShownParameters::Values);
    for name in ["aa-h", "ab-h", "caclientip", "x-missing", "x-empty", "headerkey1", "headerkey2"] {
        policy = policy.with_disclosed_header(HeaderName::from_static(name));
    }
    BehindGateway::with_pairs(policy, [backend_pair(vector.line("key"), vector.line("secret"))])
}

#[test]
fn no_vector_gets_lost() {
    let vectors = Vector::backend();
    let count = |expected| vectors.iter().filter(|vector| vector.expected == expected).count();
    assert_eq!(count(Expected::Accept), 13);
    assert_eq!(count(Expected::AcceptUncovered), 1);
    assert_eq!(count(Expected::Reject), 5);
    assert_eq!(vectors.len(), 19);
    for vector in &vectors {
        assert!(vector.line("origin").len() > 10, "{}", vector.name);
    }
}

#[test]
fn the_string_to_sign_is_the_vectors() {
    for vector in Vector::backend() {
        let wire = request(&vector);
        let line = primary_line(&wire);
        let made = with_canonical(&wire, |request| {
            request.string_to_sign(line.as_bytes(), BackendVariant::PRIMARY)
        });
        assert_eq!(String::from_utf8(made).unwrap(), vector.string_to_sign(), "{}", vector.name);
    }
}

/// The gateway of these tests is evidence of its own only if the vectors bear it out.
#[test]
fn the_gateway_of_the_tests_makes_the_vectors_strings_too() {
    for vector in Vector::backend() {
        let wire = request(&vector);
        let line = match wire.header("content-md5") {
            b"" => DigestLine::OfBody,
            _ => DigestLine::AsForwarded,
        };
        let made = backend_string_to_sign(&wire, GatewayStyle { line, ..GatewayStyle::default() });
        assert_eq!(String::from_utf8(made).unwrap(), vector.string_to_sign(), "{}", vector.name);
    }
}

#[test]
fn the_signature_is_the_vectors() {
    for vector in Vector::backend() {
        let (text, signature) =
            (vector.signed_by_the_client().as_bytes(), vector.line("signature"));
        let secret = BackendSecret::new(vector.line("secret")).unwrap();
        assert_eq!(sign_backend(&secret, text), signature, "{}", vector.name);
        assert_eq!(hmac_sha256(vector.line("secret"), text), signature, "{}", vector.name);
        let presented = PresentedSignature::decode(signature.as_bytes());
        assert!(verify_backend(&secret, text, &presented), "{}", vector.name);
        assert!(!verify_backend(&secret, b"", &presented), "{}", vector.name);
    }
}

#[test]
fn one_of_the_readings_makes_what_the_gateway_signed_or_none_does() {
    for vector in Vector::backend() {
        let wire = request(&vector);
        let lines = ["".to_owned(), primary_line(&wire)];
        let made = with_canonical(&wire, |request| {
            let wanted = vector.signed_by_the_client().as_bytes();
            let strings = |line: &String| {
                let variants = request.variants().into_iter();
                let mut made = variants.map(|v| request.string_to_sign(line.as_bytes(), v));
                made.any(|string| string == wanted)
            };
            lines.iter().any(strings)
        });
        assert_eq!(made, vector.expected != Expected::Reject, "{}", vector.name);
    }
}

#[test]
fn the_verifier_accepts_and_refuses_as_expected() {
    for vector in Vector::backend() {
        let wire = request(&vector);
        println!("{}", vector.name);
        let strict = service(&vector, BodyCoverage::Required);
        match vector.expected {
            Expected::Accept => {
                let verified = strict.accepts(&wire);
                assert_eq!(verified.key().as_str(), vector.line("key"));
                assert!(verified.covers_body());
            }
            Expected::AcceptUncovered => {
                strict.refuses(&wire, ErrorCode::I400MH);
                let verified = service(&vector, BodyCoverage::AsSent).accepts(&wire);
                assert!(!verified.covers_body());
            }
            _ => {
                let refused = strict.refuses(&wire, ErrorCode::A403IS);
                let shown = vector.string_to_sign();
                let wanted = format!("Invalid Signature, Server StringToSign:`{shown}`");
                assert_eq!(refused.message(), wanted);
            }
        }
    }
}

/// The signer declares more than the published request does, so it is held to the vector's own list.
#[test]
fn the_signer_signs_what_the_vectors_sign() {
    for vector in Vector::backend() {
        let mut wire = request(&vector);
        let key = BackendKey::new(vector.line("key")).unwrap();
        let secret = BackendSecret::new(vector.line("secret")).unwrap();
        let mut signer = BackendSigner::new(key, secret).with_stamps(Stamps::AsForwarded);
        for name in wire.headers.keys() {
            signer = signer.with_signed_header(name.clone());
        }
        let signed = signer.sign(&wire.head(), BackendBody::Bytes(&wire.body)).unwrap();
        signed.apply_to(&mut wire.headers).unwrap();
        let made = backend_string_to_sign(&wire, GatewayStyle::default());
        let signature = hmac_sha256(vector.line("secret"), &made);
        assert_eq!(wire.header("x-ca-proxy-signature"), signature.as_bytes(), "{}", vector.name);
        service(&vector, BodyCoverage::Required).accepts(&wire);
    }
}
