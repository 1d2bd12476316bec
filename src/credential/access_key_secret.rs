//! The secret half of an AccessKey.

use std::fmt;

use hmac::{Hmac, KeyInit};
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::ConfigError;

/// An AccessKeySecret, ready to sign and verify OpenAPI requests.
///
/// It keeps one initialised MAC per kind of signature, not the text, as an
/// [`AppSecret`](super::AppSecret) does. The states are wiped on drop.
///
/// ```
/// use countersign::credential::AccessKeySecret;
///
/// let secret = AccessKeySecret::new("YourAccessKeySecret")?;
/// assert_eq!(format!("{secret:?}"), "AccessKeySecret(…)");
/// assert!(AccessKeySecret::new("").is_err(), "anyone could sign with an empty secret");
/// # Ok::<(), countersign::error::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct AccessKeySecret {
    rpc_sha1: Hmac<Sha1>,
    roa_sha1: Hmac<Sha1>,
    v3_sha256: Hmac<Sha256>,
    #[cfg(feature = "sm3")]
    v3_sm3: Hmac<sm3::Sm3>,
}

impl AccessKeySecret {
    /// A secret from its UTF-8 text. It is the HMAC key as it stands, but for RPC, whose key has an
    /// `&` behind it (openapi §2).
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] if it is empty.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        const EMPTY: ConfigError = ConfigError::Empty("the AccessKeySecret");
        let key = secret.as_ref();
        if key.is_empty() {
            return Err(EMPTY);
        }
        Self::from_key(key).ok_or(EMPTY)
    }

    /// HMAC takes keys of any length, so this is never `None`.
    fn from_key(key: &[u8]) -> Option<Self> {
        let rpc_key = Zeroizing::new([key, b"&"].concat());
        Some(Self {
            rpc_sha1: Hmac::new_from_slice(&rpc_key).ok()?,
            roa_sha1: Hmac::new_from_slice(key).ok()?,
            v3_sha256: Hmac::new_from_slice(key).ok()?,
            #[cfg(feature = "sm3")]
            v3_sm3: Hmac::new_from_slice(key).ok()?,
        })
    }

    pub(crate) fn rpc_sha1(&self) -> Hmac<Sha1> {
        self.rpc_sha1.clone()
    }

    pub(crate) fn roa_sha1(&self) -> Hmac<Sha1> {
        self.roa_sha1.clone()
    }

    pub(crate) fn v3_sha256(&self) -> Hmac<Sha256> {
        self.v3_sha256.clone()
    }

    #[cfg(feature = "sm3")]
    pub(crate) fn v3_sm3(&self) -> Hmac<sm3::Sm3> {
        self.v3_sm3.clone()
    }
}

impl fmt::Debug for AccessKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKeySecret(…)")
    }
}
