//! What a token's verification is: by the cryptography alone, and whole.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use countersign::error::ErrorCode;
use countersign::jwt::{Algorithm, JtiRule, JwtPolicy, JwtVerifier, KeySet, VerifyingKey};
use countersign::protocol::{BodyLength, RequestHead};
use countersign::store::MemoryReplayStore;
use countersign::verify::RestartRule;
use http::{HeaderMap, HeaderValue, Method, Uri};

use crate::harness::ready::ready;
use crate::issuer::{AUDIENCE, ISSUER, Issuer};

/// A parsed key.
pub(crate) enum Cryptography {
    Public(ParsedPublicKey),
    Mac(Box<hmac::Key>),
}

impl Cryptography {
    pub(crate) fn new(algorithm: Algorithm, issuer: &Issuer) -> Self {
        let rsa = |parameters: &'static RsaParameters| {
            let key = RsaPublicKeyComponents { n: &issuer.key[..], e: &[1, 0, 1][..] };
            Self::Public(key.to_parsed_public_key(parameters).unwrap())
        };
        let public = |algorithm: &'static dyn VerificationAlgorithm| {
            Self::Public(ParsedPublicKey::new(algorithm, &issuer.key).unwrap())
        };
        match algorithm {
            Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            Algorithm::Ps256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
            Algorithm::Es256 => public(&signature::ECDSA_P256_SHA256_FIXED),
            Algorithm::Es384 => public(&signature::ECDSA_P384_SHA384_FIXED),
            Algorithm::EdDsa => public(&signature::ED25519),
            Algorithm::Hs256 => Self::Mac(Box::new(hmac::Key::new(hmac::HMAC_SHA256, &issuer.key))),
            other => unimplemented!("{other}"),
        }
    }

    pub(crate) fn accepts(&self, (message, signature): &(String, Vec<u8>)) -> bool {
        match self {
            Self::Public(key) => key.verify_sig(message.as_bytes(), signature).is_ok(),
            Self::Mac(key) => hmac::verify(key, message.as_bytes(), signature).is_ok(),
        }
    }
}

/// What is signed, and the decoded signature.
pub(crate) fn split(token: &str) -> (String, Vec<u8>) {
    let (message, signature) = token.rsplit_once('.').unwrap();
    (message.to_owned(), BASE64.decode(signature).unwrap())
}

/// A request that presents the token.
pub(crate) struct Bearer(HeaderMap, Uri);

impl Bearer {
    pub(crate) fn new(token: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("api.example.com"));
        headers.insert("user-agent", HeaderValue::from_static("bench/1.0"));
        headers.insert("accept", HeaderValue::from_static("application/json; charset=utf-8"));
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
        Self(headers, Uri::from_static("/http2test/test?param1=test"))
    }

    fn head(&self) -> RequestHead<'_> {
        RequestHead::new(&Method::GET, &self.1, &self.0, BodyLength::Empty)
    }
}

/// The verifier: the token's place, form, key, signature, `iss`, `aud`, `exp`, `nbf`, `iat`.
pub(crate) struct Subject(JwtVerifier<MemoryReplayStore>);

impl Subject {
    pub(crate) fn new(issuer: &Issuer) -> Self {
        Self::with(issuer, JtiRule::AnyUse)
    }

    /// Also the `jti`, once.
    pub(crate) fn single_use(issuer: &Issuer) -> Self {
        Self::with(issuer, JtiRule::SingleUse)
    }

    #[cfg(feature = "jwt-cache")]
    pub(crate) fn cached(issuer: &Issuer) -> Self {
        Self(Self::new(issuer).0.with_cache(countersign::jwt::TokenCache::new()))
    }

    fn with(issuer: &Issuer, jti: JtiRule) -> Self {
        let policy = JwtPolicy::new().with_issuers([ISSUER]).with_audiences([AUDIENCE]);
        let policy = policy.with_required_exp().with_jti_rule(jti);
        let policy = policy.with_restart_rule(RestartRule::Accept);
        let key = VerifyingKey::from_jwk(&issuer.jwk.to_string()).unwrap();
        let keys = KeySet::from(key);
        Self(JwtVerifier::new(policy, keys, MemoryReplayStore::new()).unwrap())
    }

    pub(crate) fn accept(&self, request: &Bearer) {
        let answer = ready(self.0.verify(request.head()));
        assert!(answer.as_ref().is_ok_and(Option::is_some), "{answer:?}");
    }

    pub(crate) fn refuse(&self, request: &Bearer, code: ErrorCode) {
        let answer = ready(self.0.verify(request.head()));
        assert_eq!(answer.expect_err("a token to refuse").code(), code);
    }
}
