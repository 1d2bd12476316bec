//! The secret half of a key-secret pair.

use std::fmt;

use hmac::{Hmac, KeyInit};
use sha1::Sha1;
use sha2::Sha256;

use crate::error::ConfigError;

/// An AppSecret, ready to sign and verify.
///
/// It keeps one initialised MAC per signature method, not the text: hashing the key once instead of
/// per request is a third of a verification's cost. The states are wiped on drop.
///
/// ```
/// use countersign::credential::AppSecret;
///
/// let secret = AppSecret::new("appSecret")?;
/// assert_eq!(format!("{secret:?}"), "AppSecret(…)");
/// assert!(AppSecret::new("").is_err(), "anyone could sign with an empty secret");
/// # Ok::<(), countersign::error::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct AppSecret {
    sha256: Hmac<Sha256>,
    sha1: Hmac<Sha1>,
}

impl AppSecret {
    /// A secret from its UTF-8 text, which is the HMAC key as it stands.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] if it is empty.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        let key = secret.as_ref();
        if key.is_empty() {
            return Err(ConfigError::Empty("the AppSecret"));
        }
        Self::from_key(key).ok_or(ConfigError::Empty("the AppSecret"))
    }

    /// A secret that nobody knows, to do a verification's work for an unknown key.
    pub(crate) fn unknowable() -> Option<Self> {
        let mut key = zeroize::Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice()).ok()?;
        Self::from_key(key.as_slice())
    }

    /// HMAC takes keys of any length, so this is never `None`.
    fn from_key(key: &[u8]) -> Option<Self> {
        let sha256 = Hmac::new_from_slice(key).ok()?;
        let sha1 = Hmac::new_from_slice(key).ok()?;
        Some(Self { sha256, sha1 })
    }

    pub(crate) fn hmac_sha256(&self) -> Hmac<Sha256> {
        self.sha256.clone()
    }

    pub(crate) fn hmac_sha1(&self) -> Hmac<Sha1> {
        self.sha1.clone()
    }
}

impl fmt::Debug for AppSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppSecret(…)")
    }
}
