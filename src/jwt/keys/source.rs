//! Where keys come from.

use std::sync::Arc;

use super::KeySet;
use crate::error::Rejection;
use crate::jwt::Algorithm;
#[cfg(feature = "jwks")]
use crate::jwt::RemoteKeys;

/// The keys of a [`JwtVerifier`](crate::jwt::JwtVerifier).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Keys {
    /// The same ones for ever.
    Fixed(Arc<KeySet>),
    /// Those that an issuer publishes.
    #[cfg(feature = "jwks")]
    Remote(RemoteKeys),
}

/// A key set with the number that changes when its content does.
#[derive(Clone, Debug)]
pub(in crate::jwt) struct Held {
    pub(in crate::jwt) keys: Arc<KeySet>,
    /// 0 for keys that never change.
    #[cfg_attr(
        not(any(feature = "jwks", feature = "jwt-cache")),
        expect(dead_code, reason = "nothing is kept that could become another generation's")
    )]
    pub(in crate::jwt) generation: u64,
}

impl Keys {
    /// The keys, if they never change.
    pub(in crate::jwt) fn fixed(&self) -> Option<&KeySet> {
        match self {
            Self::Fixed(keys) => Some(keys),
            #[cfg(feature = "jwks")]
            Self::Remote(_) => None,
        }
    }

    /// The generation of the keys that are used now; `None` if there are none that may be.
    #[cfg(feature = "jwt-cache")]
    pub(in crate::jwt) fn generation(&self) -> Option<u64> {
        match self {
            Self::Fixed(_) => Some(0),
            #[cfg(feature = "jwks")]
            Self::Remote(remote) => Some(remote.current()?.generation),
        }
    }

    /// The keys, fetched anew if none is for this `kid` and that may help.
    #[cfg_attr(not(feature = "jwks"), expect(unused_variables, reason = "nothing is looked for"))]
    pub(in crate::jwt) async fn holding(
        &self,
        kid: Option<&str>,
        algorithm: Option<Algorithm>,
    ) -> Result<Held, Rejection> {
        match self {
            Self::Fixed(keys) => Ok(Held { keys: Arc::clone(keys), generation: 0 }),
            #[cfg(feature = "jwks")]
            Self::Remote(remote) => remote.holding(kid, algorithm).await,
        }
    }
}

impl From<KeySet> for Keys {
    fn from(keys: KeySet) -> Self {
        Self::Fixed(Arc::new(keys))
    }
}

#[cfg(feature = "jwks")]
impl From<RemoteKeys> for Keys {
    fn from(keys: RemoteKeys) -> Self {
        Self::Remote(keys)
    }
}
