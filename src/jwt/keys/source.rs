//! Where keys come from.

use std::sync::Arc;

use super::KeySet;
use crate::error::Rejection;
use crate::jwt::Algorithm;

/// The keys of a [`JwtVerifier`](crate::jwt::JwtVerifier).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Keys {
    /// The same ones for ever.
    Fixed(Arc<KeySet>),
}

impl Keys {
    /// The keys, if they never change.
    pub(in crate::jwt) fn fixed(&self) -> Option<&KeySet> {
        match self {
            Self::Fixed(keys) => Some(keys),
        }
    }

    /// The keys, fetched anew if none has this `kid` and that may help.
    pub(in crate::jwt) async fn holding(
        &self,
        _kid: Option<&str>,
        _algorithm: Option<Algorithm>,
    ) -> Result<Arc<KeySet>, Rejection> {
        match self {
            Self::Fixed(keys) => Ok(Arc::clone(keys)),
        }
    }
}

impl From<KeySet> for Keys {
    fn from(keys: KeySet) -> Self {
        Self::Fixed(Arc::new(keys))
    }
}
