//! The public half of a key-secret pair.

use std::fmt;
use std::sync::Arc;

use crate::error::ConfigError;

/// An AppKey: the public name under which an app signs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppKey(Arc<str>);

impl AppKey {
    /// The longest AppKey, in bytes. The gateway's own are about 9 to 24 characters long.
    pub const MAX_LEN: usize = 128;

    /// An AppKey.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if it is empty or longer than [`AppKey::MAX_LEN`]: no request could present
    /// it.
    pub fn new(key: impl AsRef<str>) -> Result<Self, ConfigError> {
        match key.as_ref() {
            "" => Err(ConfigError::Empty("the AppKey")),
            long if long.len() > Self::MAX_LEN => {
                Err(ConfigError::AppKeyTooLong { max: Self::MAX_LEN })
            }
            key => Ok(Self(key.into())),
        }
    }

    /// The AppKey of an app that has AccessKeys only: an AccessKeyId is a good one.
    pub(super) fn of_access_key(id: &str) -> Self {
        Self(id.into())
    }

    /// The AppKey as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
