//! Who signs tokens, by one key of one algorithm.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaEncoding};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use countersign::clock::{Clock, SystemClock};
use countersign::jwt::Algorithm;
use serde_json::{Value, json};

pub(crate) const KID: &str = "2026-11";
pub(crate) const ISSUER: &str = "https://login.example.com";
pub(crate) const AUDIENCE: &str = "orders";

type Sign = Box<dyn Fn(&[u8]) -> Vec<u8>>;

pub(crate) struct Issuer {
    algorithm: Algorithm,
    /// The public key, or the secret.
    pub(crate) jwk: Value,
    /// The public key or the secret, as the cryptography takes it.
    pub(crate) key: Vec<u8>,
    sign: Sign,
}

impl Issuer {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Rs256 => Self::rsa(algorithm, &signature::RSA_PKCS1_SHA256),
            Algorithm::Rs384 => Self::rsa(algorithm, &signature::RSA_PKCS1_SHA384),
            Algorithm::Rs512 => Self::rsa(algorithm, &signature::RSA_PKCS1_SHA512),
            Algorithm::Ps256 => Self::rsa(algorithm, &signature::RSA_PSS_SHA256),
            Algorithm::Es256 => {
                Self::ecdsa(algorithm, "P-256", &signature::ECDSA_P256_SHA256_FIXED_SIGNING)
            }
            Algorithm::Es384 => {
                Self::ecdsa(algorithm, "P-384", &signature::ECDSA_P384_SHA384_FIXED_SIGNING)
            }
            Algorithm::EdDsa => Self::ed25519(),
            Algorithm::Hs256 => Self::hs256(),
            other => unimplemented!("{other}"),
        }
    }

    fn rsa(algorithm: Algorithm, padding: &'static dyn RsaEncoding) -> Self {
        const MODULUS: usize = 256;
        const EXPONENT: [u8; 5] = [2, 3, 1, 0, 1];
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        // PKCS #1 in DER: the modulus, then the exponent.
        let der = pair.public_key().as_ref();
        let n = der.strip_suffix(&EXPONENT).and_then(<[u8]>::last_chunk::<MODULUS>).unwrap();
        let jwk = json!({"kty": "RSA", "n": BASE64.encode(n), "e": "AQAB"});
        let key = n.to_vec();
        Self::of(algorithm, jwk, key, move |message| {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(padding, &SystemRandom::new(), message, &mut signature).unwrap();
            signature
        })
    }

    fn ecdsa(
        algorithm: Algorithm,
        crv: &str,
        signing: &'static signature::EcdsaSigningAlgorithm,
    ) -> Self {
        let pair = EcdsaKeyPair::generate(signing).unwrap();
        let key = pair.public_key().as_ref().to_vec();
        let (x, y) = key[1..].split_at(key.len() / 2);
        let jwk = json!({"kty": "EC", "crv": crv, "x": BASE64.encode(x), "y": BASE64.encode(y)});
        Self::of(algorithm, jwk, key, move |message| {
            pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
        })
    }

    fn ed25519() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let key = pair.public_key().as_ref().to_vec();
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64.encode(&key)});
        Self::of(Algorithm::EdDsa, jwk, key, move |message| pair.sign(message).as_ref().to_vec())
    }

    fn hs256() -> Self {
        let key = b"a secret of two hundred fifty six bits, or of a few more".to_vec();
        let jwk = json!({"kty": "oct", "k": BASE64.encode(&key)});
        let signing = hmac::Key::new(hmac::HMAC_SHA256, &key);
        Self::of(Algorithm::Hs256, jwk, key, move |message| {
            hmac::sign(&signing, message).as_ref().to_vec()
        })
    }

    fn of(
        algorithm: Algorithm,
        mut jwk: Value,
        key: Vec<u8>,
        sign: impl Fn(&[u8]) -> Vec<u8> + 'static,
    ) -> Self {
        jwk["kid"] = KID.into();
        jwk["alg"] = algorithm.as_str().into();
        Self { algorithm, jwk, key, sign: Box::new(sign) }
    }

    /// The token of this number, with what most have in them.
    pub(crate) fn token(&self, number: u64) -> String {
        let now = SystemClock.wall().get() / 1000;
        let claims = json!({
            "iss": ISSUER, "sub": "auth|6e1f4b02c7d94a31", "aud": AUDIENCE,
            "iat": now, "nbf": now, "exp": now + 3600,
            "jti": format!("c9f15cbf-f4ac-4a6c-b54d-{number:012x}"),
            "scope": "orders:read orders:write", "email": "xiaoming@example.com",
        });
        let header = json!({"alg": self.algorithm.as_str(), "typ": "JWT", "kid": KID});
        let part = |json: Value| BASE64.encode(json.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = (self.sign)(message.as_bytes());
        format!("{message}.{}", BASE64.encode(signature))
    }
}
