//! What verifies the signatures of a caller who keeps the private key to himself.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rsa::PublicEncryptingKey;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::ConfigError;

/// An RSA public key, parsed, for the OpenAPI signatures by key pair (openapi §5): RSASSA-PKCS1-v1_5
/// with SHA-256.
///
/// ```
/// use countersign::credential::RsaPublicKey;
///
/// assert!(RsaPublicKey::from_pem("-----BEGIN PUBLIC KEY-----").is_err());
/// assert!(RsaPublicKey::from_der(b"no key").is_err());
/// ```
#[derive(Clone)]
pub struct RsaPublicKey(Arc<ParsedPublicKey>);

impl RsaPublicKey {
    /// A key from its DER, a SubjectPublicKeyInfo.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoRsaPublicKey`] if it is none of 2048 to 8192 bits.
    pub fn from_der(der: &[u8]) -> Result<Self, ConfigError> {
        // The size of a key is looked at by this type when it is parsed, by the other one when it
        // verifies.
        PublicEncryptingKey::from_der(der).map_err(|_| ConfigError::NoRsaPublicKey)?;
        let parsed = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der);
        parsed.map(|key| Self(Arc::new(key))).map_err(|_| ConfigError::NoRsaPublicKey)
    }

    /// A key from PEM: one block of `PUBLIC KEY`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoRsaPublicKey`], as [`from_der`](Self::from_der).
    pub fn from_pem(pem: &str) -> Result<Self, ConfigError> {
        let block = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----");
        let block = block.and_then(|rest| rest.strip_suffix("-----END PUBLIC KEY-----"));
        let text: String = block.unwrap_or_default().split_ascii_whitespace().collect();
        let der = STANDARD.decode(text).map_err(|_| ConfigError::NoRsaPublicKey)?;
        Self::from_der(&der)
    }

    /// Whether `signature` is this key's for `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}

/// Without the key: a modulus tells nobody anything.
impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaPublicKey(…)")
    }
}
