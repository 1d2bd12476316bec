//! Which shard a key lives in, and how the capacity is divided.

use std::io;
use std::sync::PoisonError;

use super::AppShare;
use super::fingerprint::Fingerprint;
use super::occupants::Notice;
use super::reading::Reading;
use super::shard::Shard;
use super::state::Unusable;
use super::state::codec::{In, Out};
use super::sync::{Mutex, MutexGuard};

/// Enough that cores seldom meet at one lock, and that no table of the default capacity grows so
/// large that moving it would hold a claim up for a millisecond.
const MOST_SHARDS: usize = 128;

/// Fewer keys per shard than this, and chance fills them too unevenly.
const LEAST_KEYS_PER_SHARD: usize = 4_096;

/// A power of two of shards, each with its own lock.
pub(super) struct Shards {
    first: Locked,
    rest: Box<[Locked]>,
    /// Who is in each shard, beside its lock: who asks takes none.
    notices: Box<[Notice]>,
}

impl Shards {
    /// The shards' capacities add up to `capacity`, so it is never exceeded.
    pub(super) fn new(capacity: usize, app_share: AppShare) -> Self {
        let count = count(capacity);
        let shard = |index: usize| {
            let part = capacity / count + usize::from(index < capacity % count);
            Locked(Mutex::new(Shard::new(part, app_share.of(part))))
        };
        let notices = (0..count).map(|_| Notice::default()).collect();
        Self { first: shard(0), rest: (1..count).map(shard).collect(), notices }
    }

    /// The shard that holds `key`, locked.
    pub(super) fn holding(&self, key: Fingerprint) -> MutexGuard<'_, Shard> {
        // Index 0 is `first`.
        let shard = self.rest.get(self.index(key).wrapping_sub(1)).unwrap_or(&self.first);
        shard.lock()
    }

    /// Whether `app` is the only one with keys, as claims have noted.
    pub(super) fn are_only(&self, app: Fingerprint) -> bool {
        self.notices.iter().all(|notice| notice.read().are_only(app))
    }

    /// Notes whose keys are in the shard that holds `key`.
    pub(super) fn note(&self, key: Fingerprint, shard: &Shard) {
        if let Some(notice) = self.notices.get(self.index(key)) {
            notice.put_up(shard.occupants());
        }
    }

    /// `rest` is one short of a power of two, so its length is the mask.
    fn index(&self, key: Fingerprint) -> usize {
        key.shard_bits() & self.rest.len()
    }

    /// Whoever accepts nothing any more calls this: shards are looked at one by one.
    pub(super) fn save(&self, out: &mut Out<'_>, now: Reading) -> io::Result<()> {
        out.len(self.rest.len() + 1)?;
        self.iter().try_for_each(|shard| shard.save(out, now))
    }

    /// A key's shard follows from how many there are, so they must be as many.
    pub(super) fn load(&mut self, from: &mut In<'_>, now: Reading) -> Result<(), Unusable> {
        if from.len(1).ok_or(Unusable::Foreign)? != self.rest.len() + 1 {
            return Err(Unusable::OtherShards);
        }
        for (mut shard, notice) in self.iter().zip(&self.notices) {
            shard.load(from, now).ok_or(Unusable::Foreign)?;
            notice.put_up(shard.occupants());
        }
        Ok(())
    }

    /// Every shard, one after the other, locked while it is looked at.
    pub(super) fn iter(&self) -> impl Iterator<Item = MutexGuard<'_, Shard>> {
        std::iter::once(&self.first).chain(&self.rest).map(Locked::lock)
    }
}

/// The largest power of two that leaves every shard enough keys.
fn count(capacity: usize) -> usize {
    let most = (capacity / LEAST_KEYS_PER_SHARD).clamp(1, MOST_SHARDS);
    1 << most.ilog2()
}

/// A shard behind its lock. It begins a line of memory, so that shards used by different cores do not
/// share one.
#[repr(align(64))]
struct Locked(Mutex<Shard>);

impl Locked {
    /// A thread that panicked in here did so before it wrote: the shard is as good as before.
    fn lock(&self) -> MutexGuard<'_, Shard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Shards, count};
    use crate::store::memory_replay::AppShare;
    use crate::store::memory_replay::fingerprint::Fingerprint;

    #[test]
    fn small_stores_have_one_shard_and_large_ones_128() {
        for (capacity, shards) in [
            (0, 1),
            (1, 1),
            (8_191, 1),
            (8_192, 2),
            (100_000, 16),
            (524_288, 128),
            (8_000_000, 128),
            (usize::MAX, 128),
        ] {
            assert_eq!(count(capacity), shards, "{capacity}");
        }
    }

    #[test]
    fn every_shard_is_reachable_and_only_by_its_own_bits() {
        let shards = Shards::new(8_000_000, AppShare::HALF);
        let shard_of = |bits: u64| std::ptr::from_ref(&*shards.holding(Fingerprint::new(bits)));
        let reached: HashSet<_> = (0..128_u64).map(|index| shard_of(index << 40)).collect();
        assert_eq!(reached.len(), 128);
        assert_eq!(shard_of(7 << 40), shard_of((7 << 40) | 0xff | (0x7f << 57)));
        assert_eq!(shards.iter().count(), 128);
    }
}
