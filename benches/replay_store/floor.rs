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
    hasher: SipHasher13,
    shards: Vec<Mutex<Shard>>,
}

impl Floor {
    fn new() -> Self {
        let shards = (0..128).map(|_| Mutex::default()).collect();
        Self { hasher: SipHasher13::new_with_keys(1, 2), shards }
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

    #[inline]
    pub(crate) fn hash(&self, nonce: &Nonce) -> u64 {
        let mut hasher = self.hasher;
        for field in [b"orders".as_slice(), app_key(nonce).as_bytes(), nonce] {
            hasher.write_u64(field.len() as u64);
            hasher.write(field);
        }
        hasher.finish()
    }
}
