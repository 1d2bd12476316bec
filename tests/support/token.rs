//! Makes keys and tokens, from RFC 7515 to 7518 alone: nothing of the crate's own parsing. Header
//! and claims are any bytes, so that what no library would write can be written.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaKeyPair,
};
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

/// The names of all algorithms.
pub(crate) const ALGORITHMS: [&str; 13] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "HS256", "HS384", "HS512",
];

/// What tokens are signed with.
pub(crate) struct TokenKey {
    material: Material,
    jwk: Map<String, Value>,
}

enum Material {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Secret(Vec<u8>),
}

impl TokenKey {
    /// The issuer's key for an algorithm: the same one in every test of a run.
    pub(crate) fn of(algorithm: &str) -> &'static Self {
        static RING: OnceLock<Ring> = OnceLock::new();
        RING.get_or_init(Ring::default).key(algorithm)
    }

    /// Somebody else's.
    pub(crate) fn of_another(algorithm: &str) -> &'static Self {
        static RING: OnceLock<Ring> = OnceLock::new();
        RING.get_or_init(Ring::default).key(algorithm)
    }

    /// A secret.
    pub(crate) fn secret(secret: impl Into<Vec<u8>>) -> Self {
        let secret = secret.into();
        let jwk = object(json!({"kty": "oct", "k": encode(&secret)}));
        Self { material: Material::Secret(secret), jwk }
    }

    fn rsa() -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let (n, e) = rsa_members(pair.public_key().as_ref());
        let jwk = object(json!({"kty": "RSA", "n": encode(n), "e": encode(e)}));
        Self { material: Material::Rsa(Box::new(pair)), jwk }
    }

    fn ec(crv: &str) -> Self {
        let algorithm = match crv {
            "P-256" => &ECDSA_P256_SHA256_FIXED_SIGNING,
            "P-384" => &ECDSA_P384_SHA384_FIXED_SIGNING,
            _ => &ECDSA_P521_SHA512_FIXED_SIGNING,
        };
        let pair = EcdsaKeyPair::generate(algorithm).unwrap();
        let point = pair.public_key().as_ref();
        let (x, y) = point[1..].split_at((point.len() - 1) / 2);
        let jwk = object(json!({"kty": "EC", "crv": crv, "x": encode(x), "y": encode(y)}));
        Self { material: Material::Ec(pair), jwk }
    }

    fn ed25519() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let x = encode(pair.public_key().as_ref());
        let jwk = object(json!({"kty": "OKP", "crv": "Ed25519", "x": x}));
        Self { material: Material::Ed25519(pair), jwk }
    }

    /// The JWK to verify with, and these members.
    pub(crate) fn jwk(&self, members: Value) -> Value {
        let mut jwk = self.jwk.clone();
        jwk.extend(object(members));
        jwk.into()
    }

    /// A member of the JWK.
    pub(crate) fn member(&self, name: &str) -> &str {
        self.jwk[name].as_str().unwrap()
    }

    /// The signature of `input`.
    pub(crate) fn sign(&self, algorithm: &str, input: &[u8]) -> Vec<u8> {
        match &self.material {
            Material::Rsa(pair) => {
                let padding: &'static dyn aws_lc_rs::signature::RsaEncoding = match algorithm {
                    "RS256" => &RSA_PKCS1_SHA256,
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    "PS384" => &RSA_PSS_SHA384,
                    "PS512" => &RSA_PSS_SHA512,
                    other => panic!("{other} does not sign with RSA"),
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &SystemRandom::new(), input, &mut signature).unwrap();
                signature
            }
            Material::Ec(pair) => pair.sign(&SystemRandom::new(), input).unwrap().as_ref().to_vec(),
            Material::Ed25519(pair) => pair.sign(input).as_ref().to_vec(),
            Material::Secret(secret) => {
                let algorithm = match algorithm {
                    "HS256" => hmac::HMAC_SHA256,
                    "HS384" => hmac::HMAC_SHA384,
                    "HS512" => hmac::HMAC_SHA512,
                    other => panic!("{other} does not sign with a secret"),
                };
                hmac::sign(&hmac::Key::new(algorithm, secret), input).as_ref().to_vec()
            }
        }
    }

    /// A token with this header and these claims, byte by byte.
    pub(crate) fn seal(
        &self,
        algorithm: &str,
        header: impl AsRef<[u8]>,
        claims: impl AsRef<[u8]>,
    ) -> String {
        let input = format!("{}.{}", encode(header), encode(claims));
        let signature = self.sign(algorithm, input.as_bytes());
        format!("{input}.{}", encode(signature))
    }

    /// A token whose header says its algorithm and nothing else.
    pub(crate) fn token(&self, algorithm: &str, claims: &Value) -> String {
        self.seal(algorithm, json!({"alg": algorithm}).to_string(), claims.to_string())
    }

    /// A token that names its key.
    pub(crate) fn token_by(&self, algorithm: &str, kid: &str, claims: &Value) -> String {
        let header = json!({"alg": algorithm, "typ": "JWT", "kid": kid});
        self.seal(algorithm, header.to_string(), claims.to_string())
    }
}

/// One key of every kind.
struct Ring(BTreeMap<&'static str, TokenKey>);

impl Ring {
    fn key(&self, algorithm: &str) -> &TokenKey {
        let kind = match algorithm {
            "ES256" | "ES384" | "ES512" | "EdDSA" => algorithm,
            rsa if rsa.starts_with("RS") || rsa.starts_with("PS") => "RSA",
            _ => "oct",
        };
        &self.0[kind]
    }
}

impl Default for Ring {
    fn default() -> Self {
        let mut secret = [0; 64];
        rand::fill(&mut secret).unwrap();
        Self(BTreeMap::from([
            ("RSA", TokenKey::rsa()),
            ("ES256", TokenKey::ec("P-256")),
            ("ES384", TokenKey::ec("P-384")),
            ("ES512", TokenKey::ec("P-521")),
            ("EdDSA", TokenKey::ed25519()),
            ("oct", TokenKey::secret(secret)),
        ]))
    }
}

/// base64url without padding.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[track_caller]
pub(crate) fn decode(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The set of these JWKs, as JSON.
pub(crate) fn jwks(keys: impl IntoIterator<Item = Value>) -> String {
    json!({"keys": keys.into_iter().collect::<Vec<_>>()}).to_string()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

/// The two integers of an RSAPublicKey in DER (RFC 8017, A.1.1), without leading zeros.
fn rsa_members(der: &[u8]) -> (&[u8], &[u8]) {
    let (sequence, _) = element(0x30, der);
    let (n, rest) = element(0x02, sequence);
    let (e, _) = element(0x02, rest);
    let plain = |integer: &'_ [u8]| usize::from(integer[0] == 0);
    (&n[plain(n)..], &e[plain(e)..])
}

/// What the first element of `der` holds, and what follows it.
fn element(tag: u8, der: &[u8]) -> (&[u8], &[u8]) {
    assert_eq!(der[0], tag);
    let (len, start) = match der[1] {
        short if short < 0x80 => (usize::from(short), 2),
        0x81 => (usize::from(der[2]), 3),
        _ => (usize::from(der[2]) << 8 | usize::from(der[3]), 4),
    };
    der[start..].split_at(len)
}
