//! A key pair of OpenAPI: an AccessKeyId, what verifies its signatures, and what it may do.

use std::sync::Arc;

#[cfg(feature = "openapi-rsa")]
use super::RsaPublicKey;
use super::{AccessKeySecret, OpenApiSchemes, SecurityToken};
use crate::error::ConfigError;

/// Whether an AccessKey is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessKeyStatus {
    /// It is.
    #[default]
    Active,
    /// It is known, and refused: `InvalidAccessKeyId.Inactive`.
    Inactive,
}

/// An AccessKey: what an [`App`](super::App) signs requests of OpenAPI with.
///
/// ```
/// use countersign::credential::{
///     AccessKey, AccessKeySecret, AccessKeyStatus, App, OpenApiScheme, OpenApiSchemes,
/// };
///
/// let key = AccessKey::new("LTAI5tExample", AccessKeySecret::new("from your secret store")?)?
///     .with_schemes(OpenApiSchemes::only(OpenApiScheme::V3));
/// assert!(!key.schemes().contains(OpenApiScheme::Rpc), "RPC leaves path and headers unsigned");
/// assert_eq!(key.status(), AccessKeyStatus::Active);
///
/// assert!(AccessKey::new("LTAI/5t", AccessKeySecret::new("a secret")?).is_err());
/// # Ok::<(), countersign::error::ConfigError>(())
/// ```
///
/// To rotate it, give the app a second one, move the callers over, and take the first one out.
#[derive(Clone, Debug)]
pub struct AccessKey {
    id: Arc<str>,
    secret: Option<AccessKeySecret>,
    #[cfg(feature = "openapi-rsa")]
    rsa_public_key: Option<RsaPublicKey>,
    schemes: OpenApiSchemes,
    security_token: Option<SecurityToken>,
    status: AccessKeyStatus,
}

impl AccessKey {
    /// The longest AccessKeyId, in bytes. Real ones have 16 to 32 characters.
    pub const MAX_ID_LEN: usize = super::AppKey::MAX_LEN;

    /// An active AccessKey for every scheme, whose signatures are made with a secret.
    ///
    /// # Errors
    ///
    /// [`ConfigError::AccessKeyId`] if no request could name it: it has no character, more than
    /// [`MAX_ID_LEN`](Self::MAX_ID_LEN), or others than visible ASCII without the `,`, `/`, `:` and
    /// `;` that part the fields of an `Authorization`.
    pub fn new(id: impl AsRef<str>, secret: AccessKeySecret) -> Result<Self, ConfigError> {
        Self::without_key(id.as_ref()).map(|key| Self { secret: Some(secret), ..key })
    }

    /// An active AccessKey for every scheme, whose private key only its caller has.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    #[cfg(feature = "openapi-rsa")]
    pub fn of_key_pair(id: impl AsRef<str>, public: RsaPublicKey) -> Result<Self, ConfigError> {
        Self::without_key(id.as_ref()).map(|key| key.with_rsa_public_key(public))
    }

    /// Whether a request can name a key so.
    pub(crate) fn is_id(id: &[u8]) -> bool {
        let is_part = |byte: &u8| byte.is_ascii_graphic() && !b",/:;".contains(byte);
        (1..=Self::MAX_ID_LEN).contains(&id.len()) && id.iter().all(is_part)
    }

    fn without_key(id: &str) -> Result<Self, ConfigError> {
        if !Self::is_id(id.as_bytes()) {
            return Err(ConfigError::AccessKeyId);
        }
        Ok(Self {
            id: id.into(),
            secret: None,
            #[cfg(feature = "openapi-rsa")]
            rsa_public_key: None,
            schemes: OpenApiSchemes::ALL,
            security_token: None,
            status: AccessKeyStatus::Active,
        })
    }

    /// Accepts signatures of this key pair, too. None by default.
    #[cfg(feature = "openapi-rsa")]
    #[must_use]
    pub fn with_rsa_public_key(mut self, key: RsaPublicKey) -> Self {
        self.rsa_public_key = Some(key);
        self
    }

    /// The schemes that it may sign by; all by default. RPC and ROA leave parts of a request
    /// unsigned: a key whose callers all use V3 is better kept to it.
    #[must_use]
    pub const fn with_schemes(mut self, schemes: OpenApiSchemes) -> Self {
        self.schemes = schemes;
        self
    }

    /// Makes it a temporary one: every request must show this token, too. None by default.
    #[must_use]
    pub fn with_security_token(mut self, token: SecurityToken) -> Self {
        self.security_token = Some(token);
        self
    }

    /// Accepts or refuses it; it is active by default.
    #[must_use]
    pub const fn with_status(mut self, status: AccessKeyStatus) -> Self {
        self.status = status;
        self
    }

    /// The AccessKeyId, which is no secret.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What verifies HMAC signatures; without it, there is a public key.
    #[must_use]
    pub const fn secret(&self) -> Option<&AccessKeySecret> {
        self.secret.as_ref()
    }

    /// What verifies RSA signatures; without it, there is a secret.
    #[cfg(feature = "openapi-rsa")]
    #[must_use]
    pub const fn rsa_public_key(&self) -> Option<&RsaPublicKey> {
        self.rsa_public_key.as_ref()
    }

    /// The schemes that it may sign by.
    #[must_use]
    pub const fn schemes(&self) -> OpenApiSchemes {
        self.schemes
    }

    /// The token that every request must show, if it is a temporary key.
    #[must_use]
    pub const fn security_token(&self) -> Option<&SecurityToken> {
        self.security_token.as_ref()
    }

    /// Whether it is accepted.
    #[must_use]
    pub const fn status(&self) -> AccessKeyStatus {
        self.status
    }
}
