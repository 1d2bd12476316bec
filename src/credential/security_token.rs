//! What goes with an AccessKey that was lent.

use std::fmt;

use ctutils::CtEq;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use crate::clock::UnixMillis;
use crate::error::ConfigError;

/// The security token of a temporary AccessKey (STS), kept as its SHA-256 digest, and its end.
///
/// ```
/// use countersign::clock::UnixMillis;
/// use countersign::credential::SecurityToken;
///
/// let token = SecurityToken::new("CAIS…")?.with_expiry(UnixMillis::new(1_700_000_000_000));
/// assert!(token.matches("CAIS…"));
/// assert!(!token.matches("CAIT…"));
/// assert!(token.is_expired(UnixMillis::new(1_700_000_000_000)), "from that instant on");
/// assert!(!format!("{token:?}").contains("CAIS"));
/// assert!(SecurityToken::new("").is_err());
/// # Ok::<(), countersign::error::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct SecurityToken {
    digest: [u8; 32],
    expires_at: Option<UnixMillis>,
}

impl SecurityToken {
    /// A token from its text, without an end.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] if it is empty.
    pub fn new(token: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        match token.as_ref() {
            [] => Err(ConfigError::Empty("the security token")),
            token => Ok(Self { digest: Sha256::digest(token).into(), expires_at: None }),
        }
    }

    /// A token of which only the SHA-256 digest is known, as a database keeps it.
    #[must_use]
    pub const fn from_digest(digest: [u8; 32]) -> Self {
        Self { digest, expires_at: None }
    }

    /// Ends the token: from `at` on it is expired, and with it the AccessKey.
    #[must_use]
    pub const fn with_expiry(mut self, at: UnixMillis) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// Whether this is the token, compared in constant time.
    #[must_use]
    pub fn matches(&self, presented: impl AsRef<[u8]>) -> bool {
        let presented: [u8; 32] = Sha256::digest(presented.as_ref()).into();
        self.digest.ct_eq(&presented).to_bool()
    }

    /// When the token ends.
    #[must_use]
    pub const fn expires_at(&self) -> Option<UnixMillis> {
        self.expires_at
    }

    /// Whether it has ended at `now`.
    #[must_use]
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl Drop for SecurityToken {
    fn drop(&mut self) {
        self.digest.zeroize();
    }
}

impl fmt::Debug for SecurityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecurityToken")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
