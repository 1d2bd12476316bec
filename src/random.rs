//! Keys and tokens that nobody outside may predict.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// 64 bits from the operating system; from the standard library's own seed if it has none to give.
pub(crate) fn hash_key() -> u64 {
    getrandom::u64().unwrap_or_else(|_| RandomState::new().hash_one(0))
}

/// 128 bits of the same origin, for the price of one call.
pub(crate) fn token() -> u128 {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u128::from_ne_bytes(bytes),
        Err(_) => u128::from(hash_key()) << 64 | u128::from(hash_key()),
    }
}
