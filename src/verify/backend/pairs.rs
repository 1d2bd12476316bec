//! The pairs by which gateways sign.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::credential::BackendPair;
use crate::error::ConfigError;
use crate::protocol::sign_backend;

/// The pairs that a service accepts, by their keys. Clones share them, and they can be changed while
/// the service runs.
///
/// ```
/// use countersign::credential::{BackendKey, BackendPair, BackendSecret};
/// use countersign::verify::backend::BackendPairs;
///
/// let pair = |key, secret| -> Result<_, countersign::error::ConfigError> {
///     Ok(BackendPair::new(BackendKey::new(key)?, BackendSecret::new(secret)?))
/// };
/// let (old, new) = (pair("Key2026Q3", "OldSecret")?, pair("Key2026Q4", "NewSecret")?);
/// let pairs = BackendPairs::new([old.clone()])?;
///
/// // To rotate: accept both, give the gateway the new one, then forget the old one.
/// pairs.replace([old, new.clone()])?;
/// pairs.replace([new.clone()])?;
///
/// let same_secret = pair("Key2027Q1", "NewSecret")?;
/// assert!(pairs.replace([new, same_secret]).is_err(), "under two keys a request would be two");
/// # Ok::<(), countersign::error::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct BackendPairs(Arc<RwLock<ByKey>>);

type ByKey = HashMap<String, Arc<BackendPair>>;

impl BackendPairs {
    /// These pairs.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoBackendPair`]; [`ConfigError::DuplicatePair`] if two of them have one key, or
    /// share a secret.
    pub fn new(pairs: impl IntoIterator<Item = BackendPair>) -> Result<Self, ConfigError> {
        Ok(Self(Arc::new(RwLock::new(by_key(pairs)?))))
    }

    /// Puts these pairs in the place of all that were there, in one step: no request in between finds
    /// neither.
    ///
    /// A secret stays under its key for as long as requests that it signed are fresh: nonces are claimed
    /// by key, so under another one a recorded request would pass once more.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); the pairs are then unchanged.
    pub fn replace(&self, pairs: impl IntoIterator<Item = BackendPair>) -> Result<(), ConfigError> {
        let pairs = by_key(pairs)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = pairs;
        Ok(())
    }

    pub(super) fn get(&self, key: &str) -> Option<Arc<BackendPair>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).map(Arc::clone)
    }
}

fn by_key(pairs: impl IntoIterator<Item = BackendPair>) -> Result<ByKey, ConfigError> {
    let (mut by_key, mut secrets) = (ByKey::new(), HashSet::new());
    for pair in pairs {
        // Secrets are not kept as text; what they make of one text tells them apart.
        let marks: HashSet<_> = pair.secrets().iter().map(|s| sign_backend(s, b"")).collect();
        if !secrets.is_disjoint(&marks) {
            return Err(ConfigError::DuplicatePair("secret"));
        }
        secrets.extend(marks);
        if by_key.insert(pair.key().as_str().to_owned(), Arc::new(pair)).is_some() {
            return Err(ConfigError::DuplicatePair("key"));
        }
    }
    if by_key.is_empty() { Err(ConfigError::NoBackendPair) } else { Ok(by_key) }
}

/// The keys.
impl fmt::Debug for BackendPairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut keys: Vec<_> = pairs.keys().collect();
        keys.sort_unstable();
        f.debug_tuple("BackendPairs").field(&keys).finish()
    }
}
