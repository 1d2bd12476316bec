//! The public half of a back-end pair.

use std::fmt;
use std::sync::Arc;

use crate::error::ConfigError;

/// The key of a back-end pair: the name under which a gateway signs towards the service
/// (`X-Ca-Proxy-Signature-Secret-Key`). It is no secret.
///
/// ```
/// use countersign::credential::BackendKey;
///
/// assert_eq!(BackendKey::new("SampleKey")?.as_str(), "SampleKey");
/// assert!(BackendKey::new("short").is_err(), "the gateway takes 6 to 20 characters");
/// # Ok::<(), countersign::error::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BackendKey(Arc<str>);

impl BackendKey {
    /// How many characters a key has (protocol §6).
    pub const LEN: std::ops::RangeInclusive<usize> = 6..=20;

    /// A key.
    ///
    /// # Errors
    ///
    /// [`ConfigError::BackendKey`] if it is not of 6 to 20 visible ASCII characters: no gateway could
    /// present it.
    pub fn new(key: impl AsRef<str>) -> Result<Self, ConfigError> {
        let key = key.as_ref();
        let is_visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        match is_visible && Self::LEN.contains(&key.len()) {
            true => Ok(Self(key.into())),
            false => Err(ConfigError::BackendKey),
        }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BackendKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
