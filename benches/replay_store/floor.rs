//! What no store can do without: a keyed hash of the claim, a lock, an insertion.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Mutex;

use siphasher::sip::SipHasher13;

use crate::load::{Nonce, app_key, nonce};

#[derive(Default)]
pub(crate) struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are numbers")
    }

    fn write_u64(&mut self, bits: u64) {
        self.0 = bits;
    }
}

type Shard = HashSet<u64, BuildHasherDefault<Identity>>;

/// A sharded set of hashes that forgets nothing.
pub(crate) struct Floor {
    keys: (u64, u64),
    shards: Vec<Mutex<Shard>>,
}

impl Floor {
    pub(crate) fn new() -> Self {
        let shards = (0..128).map(|_| Mutex::default()).collect();
        Self { keys: (1, 2), shards }
    }

    /// With the nonces up to and including `last`, of which there are `live`.
    pub(crate) fn fill(live: u64, last: u64) -> Self {
        let floor = Self::new();
        for number in last - live + 1..=last {
            assert!(floor.insert(&nonce(number)));
        }
        floor
    }

    /// The whole floor: of the same message as the store, one hash.
    #[inline]
    pub(crate) fn insert(&self, nonce: &Nonce) -> bool {
        self.insert_hash(self.hash(nonce))
    }

    /// Without the hash.
    #[inline]
    pub(crate) fn insert_hash(&self, hash: u64) -> bool {
        self.shards[(hash >> 40) as usize & 127].lock().unwrap().insert(hash)
    }

    /// Of whole words, as the store takes it: bytes as they come take a quarter longer.
    #[inline]
    pub(crate) fn hash(&self, nonce: &Nonce) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.keys.0, self.keys.1);
        for field in [b"orders".as_slice(), app_key(nonce).as_bytes(), nonce] {
            hasher.write_u64(field.len() as u64);
            let (words, rest) = field.as_chunks();
            for word in words {
                hasher.write_u64(u64::from_le_bytes(*word));
            }
            if !rest.is_empty() {
                let last = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
                hasher.write_u64(last);
            }
        }
        hasher.finish()
    }
}
