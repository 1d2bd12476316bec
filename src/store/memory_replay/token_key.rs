//! Tokens as MACs: there is nothing to keep for a claim that is never released.

use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher24};

use super::shard::Entry;
use crate::random;
use crate::store::ClaimToken;

/// The secret under which one store computes the tokens of its claims.
pub(super) struct TokenKey(SipHasher24);

impl TokenKey {
    /// A key of this store's own.
    pub(super) fn random() -> Self {
        Self(SipHasher24::new_with_keys(random::hash_key(), random::hash_key()))
    }

    /// The token of a first claim. It is this claim's alone: a key that was forgotten is fresh again
    /// only with a later `until`, and of a second claim no token releases anything.
    pub(super) fn token(&self, entry: Entry) -> ClaimToken {
        let mut hasher = self.0;
        hasher.write_u64(entry.key.bits());
        hasher.write_u64(entry.until.get());
        hasher.write_u64(entry.signed_at.map_or(u64::MAX, |at| at.get()));
        ClaimToken::new(hasher.finish128().as_u128())
    }
}
