//! No request and no token panics, and what is accepted was signed as it is read.
//!
//! The input is a request, with tokens anywhere; where it has a NUL, it is a header and claims, too,
//! which this target signs.

#![no_main]

use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::AppSecret;
use countersign::error::{Rejection, StoreError};
use countersign::jwt::{
    AppAuthRule, JtiRule, JwtPolicy, JwtVerifier, KeySet, TokenCarrier, VerifiedToken,
};
use countersign::protocol::SignatureMethod;
use countersign::store::{Claim, Claimed, ReplayStore};
use countersign_fuzz::Wire;
use http::{HeaderMap, HeaderValue, Method, Uri};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// In 2011, before the published claim sets expire.
const NOW_SECS: u64 = 1_300_000_100;
const SECRET: &str = "the secret of this target, longer than 64 bytes so that HS512 takes it";

/// Replays are not what this target is about: it sends one token again and again.
struct Amnesia;

impl ReplayStore for Amnesia {
    async fn claim(&self, _: Claim<'_>) -> Result<Claimed, StoreError> {
        Ok(Claimed::Fresh)
    }
}

type FuzzVerifier = JwtVerifier<Amnesia>;

fn verifier(policy: JwtPolicy, jwks: &str) -> FuzzVerifier {
    let keys = KeySet::from_jwks(jwks).unwrap();
    let clock = ManualClock::at(UnixMillis::new(NOW_SECS * 1000));
    JwtVerifier::new(policy, keys, Amnesia).unwrap().with_clock(Arc::new(clock))
}

/// The keys of RFC 7515, A.2 and A.3, and of RFC 8037; the secret of A.1 is in no set with them.
static PUBLIC: &str = r#"{"keys":[
    {"kty":"RSA","kid":"rsa","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
    {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
    {"kty":"OKP","crv":"Ed25519","kid":"ed","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

static PRESENTED: LazyLock<Vec<FuzzVerifier>> = LazyLock::new(|| {
    let carriers = [
        TokenCarrier::authorization(),
        TokenCarrier::header("x-token").unwrap(),
        TokenCarrier::Query("token".to_owned()),
        TokenCarrier::Cookie("token".to_owned()),
    ];
    let policies = carriers.map(|carrier| JwtPolicy::new().with_carrier(carrier));
    let either = JwtPolicy::new().with_app_auth_rule(AppAuthRule::Instead);
    policies.into_iter().chain([either]).map(|policy| verifier(policy, PUBLIC)).collect()
});

static SIGNED: LazyLock<FuzzVerifier> = LazyLock::new(|| {
    let k = BASE64_URL_SAFE_NO_PAD.encode(SECRET);
    let policy = JwtPolicy::new().with_jti_rule(JtiRule::SingleUse);
    verifier(policy, &format!(r#"{{"keys":[{{"kty":"oct","k":"{k}"}}]}}"#))
});

fn verify(verifier: &FuzzVerifier, wire: &Wire) -> Result<Option<VerifiedToken>, Rejection> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(verifier.verify(wire.head())).poll(&mut context) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("nothing waits"),
    }
}

fn assert_is_a_refusal(rejection: &Rejection) {
    assert!(rejection.status().is_client_error());
    assert!(!rejection.to_string().contains("${"), "an argument is missing");
}

/// A request as it comes: nobody but the RFCs' authors can have signed what is accepted.
fn presented(wire: &Wire) {
    for verifier in &*PRESENTED {
        match verify(verifier, wire) {
            Err(rejection) => assert_is_a_refusal(&rejection),
            Ok(verified) => {
                let verified = verified.expect("an absent token is refused");
                assert_eq!(verified.claims().len(), 3);
                assert_eq!(verified.issuer(), Some("joe"));
                assert_eq!(verified.claims()["exp"], 1_300_819_380_u64);
            }
        }
    }
}

/// Any header and claims, signed: what is accepted says no more than was read.
fn signed(header: &[u8], claims: &[u8]) {
    let encode = |part| BASE64_URL_SAFE_NO_PAD.encode(part);
    let input = format!("{}.{}", encode(header), encode(claims));
    let secret = AppSecret::new(SECRET).unwrap();
    let mac = SignatureMethod::HmacSha256.sign(&secret, input.as_bytes());
    let token = format!("{input}.{}", encode(&BASE64_STANDARD.decode(mac).unwrap()));
    let Ok(value) = HeaderValue::from_str(&token) else { return };
    let wire = Wire {
        method: Method::GET,
        target: Uri::from_static("/"),
        headers: HeaderMap::from_iter([(http::header::AUTHORIZATION, value)]),
        body: Vec::new(),
    };
    match verify(&SIGNED, &wire) {
        Err(rejection) => assert_is_a_refusal(&rejection),
        Ok(verified) => {
            let verified = verified.expect("a token is there");
            let read: Value = serde_json::from_slice(claims).unwrap();
            assert_eq!(Value::from(verified.claims().clone()), read);
            let header: Value = serde_json::from_slice(header).unwrap();
            assert_eq!(header["alg"], "HS256");
            assert!(header.get("crit").is_none());
            assert!(
                verified.jti().is_some_and(|jti| (1..=JwtPolicy::MAX_JTI).contains(&jti.len()))
            );
            let date = |name| read.get(name).map(|date| date.as_f64().unwrap());
            assert!(date("exp").or(date("iat")).is_some());
            assert!(date("exp").is_none_or(|exp| exp > NOW_SECS as f64));
            assert!(date("iat").is_none_or(|iat| iat < NOW_SECS as f64 + 0.001));
            assert!(date("nbf").is_none_or(|nbf| nbf < NOW_SECS as f64 + 0.001));
        }
    }
}

fuzz_target!(|input: &[u8]| {
    if let Some(wire) = Wire::parse(input) {
        presented(&wire);
    }
    if let Some(end) = input.iter().position(|byte| *byte == 0) {
        signed(&input[..end], &input[end + 1..]);
    }
});
