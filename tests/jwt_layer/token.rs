//! Makes tokens, from RFC 7515 and RFC 7519 alone.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use countersign::jwt::VerifyingKey;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::NOW;

/// The issuer's secret.
pub(crate) const TOKEN_SECRET: &str = "an issuer's secret of thirty-two bytes or more";

/// When the tests take place, as tokens say it.
pub(crate) const NOW_SECONDS: u64 = NOW / 1000;

/// A token that the service accepts: of alice, with a fresh `jti`, issued now, for five minutes.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    header: Value,
    claims: Value,
}

impl Token {
    pub(crate) fn new() -> Self {
        static JTI: AtomicU64 = AtomicU64::new(0);
        let jti = format!("jti-{}", JTI.fetch_add(1, Ordering::Relaxed));
        Self {
            header: json!({"alg": "HS256", "typ": "JWT"}),
            claims: json!({
                "sub": "alice", "jti": jti, "iat": NOW_SECONDS, "exp": NOW_SECONDS + 300,
            }),
        }
    }

    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name).unwrap();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    pub(crate) fn expired(self) -> Self {
        self.claim("exp", NOW_SECONDS)
    }

    pub(crate) fn sign(&self) -> String {
        self.sign_with(TOKEN_SECRET)
    }

    pub(crate) fn sign_with(&self, secret: &str) -> String {
        let part = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(&self.header), part(&self.claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        let signature = BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("{signed}.{signature}")
    }
}

/// The key that the service verifies with; its `kid`, if it has one.
pub(crate) fn verifying_key(kid: Option<&str>) -> VerifyingKey {
    let k = BASE64_URL_SAFE_NO_PAD.encode(TOKEN_SECRET);
    let mut jwk = json!({"kty": "oct", "alg": "HS256", "k": k});
    if let Some(kid) = kid {
        jwk["kid"] = kid.into();
    }
    VerifyingKey::from_jwk(&jwk.to_string()).unwrap()
}
