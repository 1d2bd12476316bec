//! Claims that can be taken back.
//!
//! 1. `release` with a token that is not the claim's, or of a claim that is over → kept.
//! 2. The key was released before → kept; else it is released.
//! 3. A claim on a released key is fresh, once. It is written anew, to be kept as long as the later
//!    of the two claims. The number of keys does not change, so there is always room.
//!
//! Everything else is as for other keys: a released key is counted, forgotten and expired like them.

use super::MemoryReplayStore;
use super::bucket::Bucket;
use super::fingerprint::Fingerprint;
use super::reading::Reading;
use super::shard::{Entry, Shard};
use crate::store::{
    Claim, ClaimToken, Claimed, Released, Reserved, StoreError, TwoPhaseReplayStore,
};

impl MemoryReplayStore {
    /// [`TwoPhaseReplayStore::reserve`] without a future.
    ///
    /// # Errors
    ///
    /// As [`claim_now`](Self::claim_now).
    pub fn reserve_now(&self, claim: Claim<'_>) -> Result<Reserved, StoreError> {
        Ok(match self.claim_now(claim)? {
            Claimed::Fresh => {
                Reserved::Fresh(self.tokens.token(self.memory.fingerprints.entry(&claim)))
            }
            Claimed::Used => Reserved::Used,
            Claimed::Expired => Reserved::Expired,
        })
    }

    /// [`TwoPhaseReplayStore::release`] without a future.
    ///
    /// ```
    /// use countersign::clock::UnixMillis;
    /// use countersign::store::{Claim, MemoryReplayStore, Released, Reserved};
    ///
    /// let store = MemoryReplayStore::new();
    /// let claim = Claim::new("orders", "203710001", b"a3c5", UnixMillis::MAX);
    /// let Reserved::Fresh(token) = store.reserve_now(claim)? else { panic!("it is fresh") };
    /// assert_eq!(store.reserve_now(claim)?, Reserved::Used, "pending is used");
    ///
    /// assert_eq!(store.release_now(claim, token), Released::Released);
    /// assert!(matches!(store.reserve_now(claim)?, Reserved::Fresh(_)), "once more");
    /// assert_eq!(store.release_now(claim, token), Released::Kept, "and never again");
    /// assert_eq!(store.reserve_now(claim)?, Reserved::Used);
    /// # Ok::<(), countersign::store::StoreError>(())
    /// ```
    pub fn release_now(&self, claim: Claim<'_>, token: ClaimToken) -> Released {
        let entry = self.memory.fingerprints.entry(&claim);
        if token != self.tokens.token(entry) {
            return Released::Kept;
        }
        let mut shard = self.memory.shards.holding(entry.key);
        let now = Reading::take(&*self.clock);
        shard.release(entry, now)
    }
}

impl TwoPhaseReplayStore for MemoryReplayStore {
    async fn reserve(&self, claim: Claim<'_>) -> Result<Reserved, StoreError> {
        self.reserve_now(claim)
    }

    async fn release(&self, claim: Claim<'_>, token: ClaimToken) -> Result<Released, StoreError> {
        Ok(self.release_now(claim, token))
    }

    fn try_release_now(&self, claim: Claim<'_>, token: ClaimToken) -> Option<Released> {
        Some(self.release_now(claim, token))
    }
}

impl Shard {
    /// What was forgotten may have been claimed anew since, so a token of before releases nothing.
    fn release(&mut self, first: Entry, now: Reading) -> Released {
        if first.until < now.wall || self.may_have_forgotten(first) {
            return Released::Kept;
        }
        self.holding(first.key).map_or(Released::Kept, |bucket| bucket.released.open(first))
    }

    /// The answer to a claim on a key that is known.
    pub(super) fn claim_known(&mut self, entry: Entry, now: Reading) -> Claimed {
        let released = self.holding(entry.key).and_then(|bucket| {
            let second = bucket.released.second_claim(entry)?;
            bucket.remove(second);
            Some(second)
        });
        let Some(second) = released else {
            return Claimed::Used;
        };
        self.write(second, now);
        if let Some(bucket) = self.holding(second.key) {
            bucket.released.close(second.key);
        }
        Claimed::Fresh
    }

    fn holding(&mut self, key: Fingerprint) -> Option<&mut Bucket> {
        self.buckets.iter_mut().find(|bucket| bucket.contains(key))
    }
}
