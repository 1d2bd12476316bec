//! The decision: one shard of the store, under its lock.

use std::io;

use super::bucket::{Bucket, Slot};
use super::buckets::Buckets;
use super::fingerprint::Fingerprint;
#[cfg(feature = "tracing")]
use super::near_full::{Fill, Levels};
use super::occupants::Occupants;
use super::per_scope::PerScope;
use super::reading::Reading;
use super::state::codec::{In, Out};
use crate::clock::UnixMillis;
use crate::store::{Claimed, FullScope, StoreError};

/// A claim as the shard sees it.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) key: Fingerprint,
    pub(super) app: Fingerprint,
    pub(super) scope: Fingerprint,
    pub(super) until: UnixMillis,
    pub(super) signed_at: Option<UnixMillis>,
}

/// Whether an app's share holds for a claim.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    /// The app may hold its share and no more.
    Enforced,
    /// No other app is active: it may fill the shard.
    Waived,
}

/// A part of the keys, and all that is needed to answer for them.
///
/// What each claim writes comes first, beside the lock.
#[repr(C)]
pub(super) struct Shard {
    pub(super) buckets: Buckets,
    /// The largest `until` that was forgotten. Whatever is not after it may have been claimed.
    forgotten_through: Option<UnixMillis>,
    /// The same by the time of signing. With one window it says the same; where policies with
    /// several share a scope, a request that the shorter let go is not fresh for the longer.
    forgotten_signed_at: PerScope,
    occupants: Occupants,
    capacity: usize,
    app_share: usize,
    /// How many keys of it are [counted](super::held), if anybody listens.
    #[cfg(feature = "metrics")]
    pub(super) counted: Option<usize>,
}

impl Shard {
    pub(super) fn new(capacity: usize, app_share: usize) -> Self {
        Self {
            buckets: Buckets::default(),
            forgotten_through: None,
            forgotten_signed_at: PerScope::default(),
            occupants: Occupants::Nobody,
            capacity,
            app_share,
            #[cfg(feature = "metrics")]
            counted: None,
        }
    }

    pub(super) fn claim(
        &mut self,
        entry: Entry,
        now: Reading,
        share: Share,
    ) -> Result<Claimed, StoreError> {
        if entry.until < now.wall {
            return Ok(Claimed::Expired);
        }
        // Forgetting comes first: what it drops now may be this very request, under a shorter window.
        self.forget(now);
        if self.may_have_forgotten(entry) {
            return Ok(Claimed::Expired);
        }
        if self.knows(entry.key) {
            return Ok(self.claim_known(entry, now));
        }
        self.check_room(entry.app, now, share)?;
        self.write(entry, now);
        Ok(Claimed::Fresh)
    }

    pub(super) fn save(&self, out: &mut Out<'_>, now: Reading) -> io::Result<()> {
        out.maybe_time(self.forgotten_through)?;
        self.forgotten_signed_at.save(out)?;
        out.len(self.buckets.len())?;
        self.buckets.iter().try_for_each(|bucket| bucket.save(out, now))
    }

    /// Its bounds stay its own.
    pub(super) fn load(&mut self, from: &mut In<'_>, now: Reading) -> Option<()> {
        self.forgotten_through = from.maybe_time()?;
        self.forgotten_signed_at = PerScope::load(from)?;
        self.buckets = Buckets::default();
        for _ in 0..from.len(1)? {
            self.buckets.push(Bucket::load(from, now)?);
        }
        self.look_who_is_here();
        Some(())
    }

    pub(super) fn len(&self) -> usize {
        self.buckets.keys()
    }

    /// How full it is and how much of its share `app` holds; `None` most of the time.
    #[cfg(feature = "tracing")]
    pub(super) fn levels(&self, app: Fingerprint) -> Option<Levels> {
        const LOOKS: usize = 32;
        let len = self.len();
        let is_due = len.is_multiple_of(self.app_share.min(self.capacity) / LOOKS + 1);
        is_due.then(|| Levels {
            store: Fill::of(len, self.capacity),
            app: Fill::of(self.count_of(app), self.app_share),
        })
    }

    pub(super) fn occupants(&self) -> Occupants {
        self.occupants
    }

    pub(super) fn may_have_forgotten(&self, entry: Entry) -> bool {
        let signed_at = entry.signed_at.zip(self.forgotten_signed_at.get(entry.scope));
        self.forgotten_through.is_some_and(|forgotten| entry.until <= forgotten)
            || signed_at.is_some_and(|(signed_at, forgotten)| signed_at <= forgotten)
    }

    fn forget(&mut self, now: Reading) {
        if !self.buckets.any(|bucket| bucket.is_over(now)) {
            return;
        }
        for over in self.buckets.extract(|bucket| bucket.is_over(now)) {
            self.forgotten_through = self.forgotten_through.max(Some(over.through()));
            self.forgotten_signed_at.raise_all(over.signed_through());
        }
        self.look_who_is_here();
    }

    fn look_who_is_here(&mut self) {
        let of_buckets = self.buckets.iter().map(Bucket::occupants);
        self.occupants = of_buckets.fold(Occupants::Nobody, Occupants::and);
    }

    /// Every bucket is asked: the same nonce with another timestamp is the same key.
    fn knows(&self, key: Fingerprint) -> bool {
        self.buckets.any(|bucket| bucket.contains(key))
    }

    fn check_room(&self, app: Fingerprint, now: Reading, share: Share) -> Result<(), StoreError> {
        let len = self.len();
        if len >= self.capacity {
            return Err(full(FullScope::Store, self.buckets.iter(), now));
        }
        // While the shard holds less than a share, so does the app: most claims need not count.
        if share == Share::Enforced && len >= self.app_share && self.count_of(app) >= self.app_share
        {
            let of_app = self.buckets.iter().filter(|b| b.count_of(app) > 0);
            return Err(full(FullScope::App, of_app, now));
        }
        Ok(())
    }

    fn count_of(&self, app: Fingerprint) -> usize {
        self.buckets.iter().map(|bucket| bucket.count_of(app)).sum()
    }

    pub(super) fn write(&mut self, entry: Entry, now: Reading) {
        self.occupants = self.occupants.and(Occupants::One(entry.app));
        let slot = Slot::of(entry.until, now);
        match self.buckets.of(slot) {
            Some(bucket) => bucket.insert(entry, now),
            None => self.write_to_new_bucket(slot, entry, now),
        }
    }

    /// A clock that is stepped again and again leaves buckets behind in times that do not come. The
    /// bound on their number keeps the price of a claim bounded: beyond it, a key joins the bucket
    /// that ends nearest to it. Any bucket keeps any key long enough.
    fn write_to_new_bucket(&mut self, slot: Slot, entry: Entry, now: Reading) {
        if self.buckets.len() >= Slot::MOST {
            let nearest = self
                .buckets
                .iter_mut()
                .min_by_key(|bucket| bucket.through().get().abs_diff(entry.until.get()));
            if let Some(bucket) = nearest {
                bucket.insert(entry, now);
                return;
            }
        }
        let before = self.buckets.iter().find(|bucket| bucket.slot().is_before(slot));
        let mut bucket = before.map_or_else(|| Bucket::new(slot), |b| Bucket::after(b, slot));
        bucket.insert(entry, now);
        self.buckets.push(bucket);
    }
}

/// Room is expected when the first of `buckets` is over.
fn full<'a>(
    scope: FullScope,
    buckets: impl Iterator<Item = &'a Bucket>,
    now: Reading,
) -> StoreError {
    StoreError::Full { scope, retry_after: buckets.map(|bucket| bucket.over_in(now)).min() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Entry, Shard, Share};
    use crate::clock::UnixMillis;
    use crate::store::Claimed;
    use crate::store::memory_replay::bucket::Slot;
    use crate::store::memory_replay::fingerprint::Fingerprint;
    use crate::store::memory_replay::reading::Reading;

    const START: u64 = 1_700_000_000_000;
    const YEAR: u64 = 365 * 24 * 3_600_000;

    fn reading(wall: u64, monotonic: u64) -> Reading {
        Reading { wall: UnixMillis::new(wall), monotonic: Duration::from_millis(monotonic) }
    }

    fn claim(shard: &mut Shard, key: u64, until: u64, now: Reading) -> Claimed {
        let entry = Entry {
            key: Fingerprint::new(key),
            app: Fingerprint::new(0),
            scope: Fingerprint::new(0),
            until: UnixMillis::new(until),
            signed_at: None,
        };
        shard.claim(entry, now, Share::Enforced).unwrap()
    }

    #[test]
    fn steady_traffic_needs_five_buckets_whatever_the_window() {
        for window in [10_000, 300_000, 900_000, 86_400_000, 20 * YEAR] {
            let mut shard = Shard::new(usize::MAX, usize::MAX);
            let mut key = 0;
            for passed in (0..window * 4).step_by(usize::try_from(window / 500).unwrap()) {
                let now = reading(START + passed, passed);
                key += 1;
                assert_eq!(claim(&mut shard, key, START + passed + window, now), Claimed::Fresh);
                assert!(shard.buckets.len() <= 5, "{window}");
            }
            assert!(
                shard.len() <= 500 * 3 / 2 + 1,
                "{window}: a key outlived its lifetime by more than half"
            );
        }
    }

    #[test]
    fn timestamps_anywhere_in_a_window_need_five_buckets_per_octave() {
        let mut shard = Shard::new(usize::MAX, usize::MAX);
        let mut lifetime = 1;
        for passed in 0..200_000 {
            lifetime = (lifetime * 48_271) % 0x7fff_ffff;
            let now = reading(START + passed * 10, passed * 10);
            let until = START + passed * 10 + lifetime % 1_800_000;
            assert_eq!(claim(&mut shard, passed, until, now), Claimed::Fresh);
            assert!(shard.buckets.len() <= 5 * 10);
        }
    }

    #[test]
    fn a_clock_stepped_without_end_leaves_a_bounded_number_of_buckets() {
        let mut shard = Shard::new(usize::MAX, usize::MAX);
        for step in 0..2 * Slot::MOST as u64 {
            let wall = START + step * YEAR;
            assert_eq!(claim(&mut shard, step, wall + 900_000, reading(wall, 0)), Claimed::Fresh);
            assert!(shard.buckets.len() <= Slot::MOST);
        }
        for step in 0..2 * Slot::MOST as u64 {
            let now = reading(START, 0);
            assert_eq!(claim(&mut shard, step, 2 * START, now), Claimed::Used);
        }
    }

    #[test]
    fn only_what_was_really_forgotten_is_locked_out() {
        let mut shard = Shard::new(usize::MAX, usize::MAX);
        let far = START + 10 * YEAR;
        // Claimed while the clock was ten years ahead, and again when it was right.
        assert_eq!(claim(&mut shard, 1, far + 900_000, reading(far, 0)), Claimed::Fresh);
        assert_eq!(claim(&mut shard, 2, START + 900_000, reading(START, 0)), Claimed::Fresh);
        // An hour later the second is forgotten, and the first is not.
        let later = reading(START + 3_600_000, 3_600_000);
        assert_eq!(claim(&mut shard, 3, later.wall.get(), later), Claimed::Fresh);
        assert_eq!(shard.forgotten_through, Some(UnixMillis::new(START + 900_000)));
        assert_eq!(claim(&mut shard, 1, far + 900_000, later), Claimed::Used);
    }
}
