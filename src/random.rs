//! Keys for hashes that nobody outside may predict.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// 64 bits from the operating system; from the standard library's own seed if it has none to give.
pub(crate) fn hash_key() -> u64 {
    getrandom::u64().unwrap_or_else(|_| RandomState::new().hash_one(0))
}
