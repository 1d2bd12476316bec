//! The bearer credential of "simple authentication".

use std::fmt;

use ctutils::CtEq;
use sha2::{Digest, Sha256};
use zeroize::ZeroizeOnDrop;

use crate::error::ConfigError;

/// An AppCode, kept as its SHA-256 digest.
///
/// A store looks an app up by [`digest`](Self::digest), so that neither a database nor a memory
/// dump holds a usable credential. An AppCode should be random (the gateway's are 32 hexadecimal
/// characters): a digest does not protect a guessable one.
///
/// ```
/// use countersign::credential::AppCode;
///
/// let code = AppCode::new("9f3c…")?;
/// assert!(code.matches(&AppCode::new("9f3c…")?));
/// assert!(!code.matches(&AppCode::new("9f3d…")?));
/// assert_eq!(format!("{code:?}"), "AppCode(…)");
/// # Ok::<(), countersign::error::ConfigError>(())
/// ```
#[derive(Clone, ZeroizeOnDrop)]
pub struct AppCode([u8; 32]);

impl AppCode {
    /// An AppCode from its text.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] if it is empty.
    pub fn new(code: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        match code.as_ref() {
            [] => Err(ConfigError::Empty("the AppCode")),
            code => Ok(Self::presented(code)),
        }
    }

    /// An AppCode of which only the [digest](Self::digest) is known, as a database keeps it.
    ///
    /// ```
    /// use countersign::credential::AppCode;
    ///
    /// let stored = *AppCode::new("9f3c…")?.digest();
    /// assert!(AppCode::from_digest(stored).matches(&AppCode::new("9f3c…")?));
    /// assert!(!AppCode::from_digest([0; 32]).matches(&AppCode::new("9f3c…")?));
    /// # Ok::<(), countersign::error::ConfigError>(())
    /// ```
    #[must_use]
    pub const fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// What a request presents: it may be empty, and then it is no app's.
    pub(crate) fn presented(code: &[u8]) -> Self {
        Self(Sha256::digest(code).into())
    }

    /// The SHA-256 digest of the AppCode's bytes.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares in constant time.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).to_bool()
    }
}

impl fmt::Debug for AppCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppCode(…)")
    }
}
