//! The signer: what it signs verifies, and what it cannot sign whole it refuses.

use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{AccessKeySecret, OpenApiScheme};
use countersign::protocol::openapi::PayloadAlgorithm;
use countersign::sign::{OpenApiBody, OpenApiSignError, OpenApiSigned, OpenApiSigner, Stamp};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proptest::prelude::*;

use crate::client::{KEY, SECRET};
use crate::properties::{judged, unsigned_request};
use crate::support::uri;

const AT: UnixMillis = UnixMillis::new(1_704_067_200_000);

fn signer(scheme: OpenApiScheme) -> OpenApiSigner {
    let secret = AccessKeySecret::new(SECRET).unwrap();
    OpenApiSigner::new(KEY, secret).unwrap().with_scheme(scheme).with_clock(ManualClock::at(AT))
}

fn signed(
    signer: &OpenApiSigner,
    method: &str,
    target: &str,
    headers: &[(&'static str, &'static str)],
    body: &[u8],
) -> Result<OpenApiSigned, OpenApiSignError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let stamp = Stamp::new(AT, "n-1").unwrap();
    signer.sign_stamped(&method, &uri(target), &map, OpenApiBody::Bytes(body), &stamp)
}

fn refused(
    scheme: OpenApiScheme,
    target: &str,
    headers: &[(&'static str, &'static str)],
    body: &[u8],
) -> OpenApiSignError {
    signed(&signer(scheme), "POST", target, headers, body).map(|_| ()).unwrap_err()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_verifies((wire, _) in unsigned_request("[^\\x00&=]{0,5}")) {
        let wire = wire.with("host", "h.example");
        for scheme in OpenApiScheme::ALL {
            let mut wire = match scheme {
                OpenApiScheme::Rpc => wire
                    .clone()
                    .to(&format!("/?{}", wire.target.query().unwrap_or_default()))
                    .with("content-type", "application/x-www-form-urlencoded")
                    .with_body("form=1"),
                _ => wire.clone(),
            };
            let body = OpenApiBody::Bytes(&wire.body);
            let signer = signer(scheme).with_security_token("STS.tok").unwrap();
            let signed = signer.sign(&wire.method, &wire.target, &wire.headers, body).unwrap();
            signed.apply_to(&mut wire.headers, &mut wire.target).unwrap();
            prop_assert_eq!(judged(&wire), Ok(scheme));
            // An attempt to send it again gets another nonce.
            if scheme != OpenApiScheme::Rpc {
                let body = OpenApiBody::Bytes(&wire.body);
                let signed = signer.sign(&wire.method, &wire.target, &wire.headers, body).unwrap();
                signed.apply_to(&mut wire.headers, &mut wire.target).unwrap();
                prop_assert_eq!(judged(&wire), Ok(scheme));
            }
        }
    }
}

#[test]
fn an_rpc_request_gets_its_parameters_in_the_query() {
    let rpc = signer(OpenApiScheme::Rpc);
    let signed = signed(&rpc, "GET", "http://h.example/?Action=A", &[], b"").unwrap();
    assert_eq!(
        signed.target().unwrap().to_string(),
        "http://h.example/?Action=A&AccessKeyId=testid&SignatureMethod=HMAC-SHA1&\
         SignatureNonce=n-1&SignatureVersion=1.0&Timestamp=2024-01-01T00%3A00%3A00Z&\
         Signature=SIGNATURE"
            .replace("SIGNATURE", &signature_of(&signed))
    );
    assert_eq!(signed.headers().count(), 0);
}

/// The value of the last parameter.
fn signature_of(signed: &OpenApiSigned) -> String {
    let query = signed.target().and_then(Uri::query).unwrap();
    query.rsplit('=').next().unwrap().to_owned()
}

#[test]
fn a_v3_request_gets_headers_and_signs_them_all() {
    let v3 = signer(OpenApiScheme::V3).with_security_token("STS.tok").unwrap();
    let signed =
        signed(&v3, "GET", "http://h.example:8080/", &[("x-acs-action", "A")], b"").unwrap();
    let mut headers = HeaderMap::new();
    let mut target = uri("/");
    signed.apply_to(&mut headers, &mut target).unwrap();
    assert_eq!(headers["host"], "h.example:8080");
    assert_eq!(headers["x-acs-date"], "2024-01-01T00:00:00Z");
    let authorization = headers["authorization"].to_str().unwrap();
    assert!(headers["authorization"].is_sensitive());
    assert!(
        authorization.starts_with(
            "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-accesskey-id;x-acs-action;\
             x-acs-content-sha256;x-acs-date;x-acs-security-token;x-acs-signature-nonce,Signature="
        ),
        "{authorization}"
    );
}

#[test]
fn a_streamed_body_is_signed_by_its_digest_where_the_scheme_has_one() {
    let digest = OpenApiBody::Digest(PayloadAlgorithm::Sha256.digest(b"test"));
    let (headers, target) = (HeaderMap::new(), uri("http://h.example/"));
    for scheme in OpenApiScheme::ALL {
        let signed = signer(scheme).sign(&Method::POST, &target, &headers, digest);
        assert_eq!(signed.is_ok(), scheme == OpenApiScheme::V3, "{scheme}");
    }
}

#[test]
fn what_a_signature_would_not_cover_whole_is_refused() {
    use OpenApiScheme::{Roa, Rpc, V3};
    use OpenApiSignError::{Body, NoHost, Parameter, Path, RepeatedHeader};
    let json = ("content-type", "application/json");
    assert_eq!(refused(Rpc, "/orders", &[], b""), Path);
    assert_eq!(refused(Rpc, "/", &[json], b"{}"), Body);
    assert_eq!(refused(V3, "/", &[], b""), NoHost);
    assert_eq!(refused(Rpc, "/?Timestamp=now", &[], b""), Parameter("Timestamp".into()));
    assert_eq!(refused(Rpc, "/?Signature=x", &[], b""), Parameter("Signature".into()));
    for scheme in OpenApiScheme::ALL {
        let twice = refused(scheme, "http://h.example/?a=1&a=1", &[], b"");
        assert_eq!(twice, Parameter("a".into()), "{scheme}");
        let malformed = refused(scheme, "http://h.example/?a=%zz", &[], b"");
        assert_eq!(malformed, Parameter("a".into()), "{scheme}");
    }
    assert_eq!(refused(Roa, "/?a%26b=1", &[], b""), Parameter("a&b".into()));
    let twice = [("x-acs-a", "1"), ("x-acs-a", "2")];
    assert_eq!(refused(Roa, "/", &twice, b""), RepeatedHeader("x-acs-a".into()));
    assert_eq!(refused(V3, "http://h/", &twice, b""), RepeatedHeader("x-acs-a".into()));
    let other_host = refused(V3, "http://h/", &[("host", "i")], b"");
    assert_eq!(other_host, RepeatedHeader("host".into()));
    let accept = [("accept", "1"), ("accept", "2")];
    assert_eq!(refused(Roa, "/", &accept, b""), RepeatedHeader("accept".into()));
}

#[test]
fn neither_secret_nor_token_is_in_a_debug_output() {
    for scheme in OpenApiScheme::ALL {
        let signer = signer(scheme).with_security_token("STS.tok").unwrap();
        let signed = signed(&signer, "GET", "http://h.example/", &[], b"").unwrap();
        let shown = format!("{signer:?} {signed:?} {:?}", AccessKeySecret::new(SECRET));
        assert!(!shown.contains(SECRET) && !shown.contains("STS.tok"), "{shown}");
    }
    assert!(OpenApiSigner::new("a b", AccessKeySecret::new(SECRET).unwrap()).is_err());
    assert!(signer(OpenApiScheme::V3).with_security_token("a\n").is_err());
}
