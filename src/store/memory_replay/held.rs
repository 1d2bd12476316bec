//! How many keys a store holds, for those who listen.
//!
//! Each shard knows its own number, and one for all of them is a line of memory that every core
//! writes. So nobody counts until a recorder asks for the first time; from then on the shards add
//! what changes, under their locks.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::shard::Shard;
use super::shards::Shards;

/// The number of keys, once it was asked for. It is written by every claim then, so it has a line of
/// memory to itself.
#[derive(Default)]
#[repr(align(64))]
pub(super) struct Held {
    asked: OnceLock<()>,
    keys: AtomicUsize,
}

impl Held {
    /// Takes over what has changed in a shard. For who has its lock.
    pub(super) fn follow(&self, shard: &mut Shard) {
        let Some(counted) = shard.counted else { return };
        let len = shard.len();
        if len == counted {
            return;
        }
        shard.counted = Some(len);
        // Wrapping: it may be less than before, and the sum over all shards is never negative.
        self.keys.fetch_add(len.wrapping_sub(counted), Ordering::Relaxed);
    }

    /// Whether anybody ever listened.
    pub(super) fn is_asked_for(&self) -> bool {
        self.asked.get().is_some()
    }

    /// For who has no shard's lock: the first time all are counted.
    pub(super) fn in_all(&self, shards: &Shards) -> usize {
        self.asked.get_or_init(|| {
            for mut shard in shards.iter() {
                shard.counted = Some(0);
                self.follow(&mut shard);
            }
        });
        self.keys.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use crate::clock::UnixMillis;
    use crate::store::{Claim, Claimed, MemoryReplayStore};

    #[test]
    fn no_key_is_missed_that_comes_while_they_are_counted_for_the_first_time() {
        for _ in 0..20 {
            let (store, begin) = (MemoryReplayStore::new(), Barrier::new(3));
            let keys = || store.telemetry.held.in_all(&store.memory.shards);
            let claims = |app_key| {
                begin.wait();
                for nonce in 0..2_000_u32 {
                    let nonce = nonce.to_be_bytes();
                    let claim = Claim::new("orders", app_key, &nonce, UnixMillis::MAX);
                    assert_eq!(store.claim_now(claim).unwrap(), Claimed::Fresh);
                }
            };
            thread::scope(|scope| {
                scope.spawn(|| claims("loud"));
                scope.spawn(|| claims("quiet"));
                begin.wait();
                assert!(!store.telemetry.held.is_asked_for());
                assert!(keys() <= 4_000);
            });
            assert_eq!((keys(), store.len()), (4_000, 4_000));
        }
    }
}
