//! What is kept of keys that were released. Of others, nothing is: a token is computed, and whether
//! a request is still running is not the store's to know.

use std::collections::HashMap;
use std::collections::hash_map;

use super::fingerprint::{BuildIdentity, Fingerprint};
use super::shard::Entry;
use crate::clock::UnixMillis;
use crate::store::Released;

/// The released keys among a bucket's. They go when the bucket goes.
#[derive(Default)]
pub(super) struct ReleasedKeys(HashMap<Fingerprint, Turn, BuildIdentity>);

/// Where a released key stands.
enum Turn {
    /// One more claim on it is fresh. This is what the first one said.
    Open { until: UnixMillis, signed_at: Option<UnixMillis> },
    /// That claim was made: the key is used for good.
    Taken,
}

impl ReleasedKeys {
    /// Releases a key, unless it was released before.
    pub(super) fn open(&mut self, first: Entry) -> Released {
        match self.0.entry(first.key) {
            hash_map::Entry::Occupied(_) => Released::Kept,
            hash_map::Entry::Vacant(vacant) => {
                vacant.insert(Turn::Open { until: first.until, signed_at: first.signed_at });
                Released::Released
            }
        }
    }

    /// The second claim on a released key, if it was not made yet: it lasts as long as the later of
    /// the two.
    pub(super) fn second_claim(&self, claim: Entry) -> Option<Entry> {
        match self.0.get(&claim.key)? {
            Turn::Open { until, signed_at } => Some(Entry {
                until: claim.until.max(*until),
                signed_at: claim.signed_at.max(*signed_at),
                ..claim
            }),
            Turn::Taken => None,
        }
    }

    pub(super) fn close(&mut self, key: Fingerprint) {
        self.0.insert(key, Turn::Taken);
    }

    pub(super) fn remove(&mut self, key: Fingerprint) {
        self.0.remove(&key);
    }
}
