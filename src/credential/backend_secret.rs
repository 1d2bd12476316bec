//! The secret half of a back-end pair.

use std::fmt;

use super::AppSecret;
use crate::error::ConfigError;

/// The secret of a back-end pair, which gateway and service share. Like an [`AppSecret`] it is kept
/// as initialised MAC states, which are wiped on drop.
///
/// ```
/// use countersign::credential::BackendSecret;
///
/// let secret = BackendSecret::new("SampleSecret")?;
/// assert_eq!(format!("{secret:?}"), "BackendSecret(…)");
/// assert!(BackendSecret::new("short").is_err(), "the gateway takes 6 to 30 characters");
/// # Ok::<(), countersign::error::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct BackendSecret(AppSecret);

impl BackendSecret {
    /// How many characters a secret has (protocol §6). Take all of them, at random: whoever has
    /// recorded one request can guess offline.
    pub const LEN: std::ops::RangeInclusive<usize> = 6..=30;

    /// A secret from its UTF-8 text, which is the HMAC key as it stands.
    ///
    /// # Errors
    ///
    /// [`ConfigError::BackendSecret`] if it is not of 6 to 30 characters: no gateway could have it.
    pub fn new(secret: impl AsRef<str>) -> Result<Self, ConfigError> {
        let secret = secret.as_ref();
        match Self::LEN.contains(&secret.chars().count()) {
            true => AppSecret::new(secret).map(Self),
            false => Err(ConfigError::BackendSecret),
        }
    }

    pub(crate) const fn mac_key(&self) -> &AppSecret {
        &self.0
    }
}

impl fmt::Debug for BackendSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackendSecret(…)")
    }
}
