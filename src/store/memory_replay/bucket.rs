//! Keys that are forgotten together, and the rule that says which ones are.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use super::app_counts::AppCounts;
use super::fingerprint::{BuildIdentity, Fingerprint};
use super::occupants::Occupants;
use super::per_scope::PerScope;
use super::reading::{Deadline, Reading};
use super::released::ReleasedKeys;
use super::shard::Entry;
use super::state::codec::{In, Out};
use crate::clock::UnixMillis;

/// A stretch of wall time; keys whose `until` lies in it, and which had about as long to live,
/// share a bucket.
///
/// A key that has 2ᵏ ms or more to live, but less than 2ᵏ⁺¹, goes into a slot of 2ᵏ⁻¹ ms: so it is
/// kept at most half of its lifetime too long. And whatever the window, the keys of one such class
/// end within four widths from now, a stretch that touches at most five slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    width_log2: u32,
    index: u64,
}

impl Slot {
    /// About a second: finer slots would save no memory worth a probe.
    const MIN_WIDTH_LOG2: u32 = 10;
    /// The slot of a lifetime of 2⁶³ ms or more.
    const MAX_WIDTH_LOG2: u32 = u64::BITS - 2;

    /// How many slots can be in use while time just passes: five in each class.
    pub(super) const MOST: usize = 5 * (Self::MAX_WIDTH_LOG2 - Self::MIN_WIDTH_LOG2 + 1) as usize;

    /// Whether it is as wide as `next` and ends where that begins.
    pub(super) fn is_before(self, next: Self) -> bool {
        self.width_log2 == next.width_log2 && self.index.checked_add(1) == Some(next.index)
    }

    pub(super) fn of(until: UnixMillis, now: Reading) -> Self {
        let lifetime = until.get().saturating_sub(now.wall.get());
        let width_log2 = lifetime
            .checked_ilog2()
            .map_or(0, |octave| octave.saturating_sub(1))
            .max(Self::MIN_WIDTH_LOG2);
        Self { width_log2, index: until.get() >> width_log2 }
    }
}

/// The keys of one slot, as a set of fingerprints.
///
/// What each claim writes comes first and fills, with a shard's lock before it, one line of memory:
/// cores that share the store fetch lines from each other, and that is most of what a claim costs
/// them. It ends with the counts of `apps`.
#[repr(C)]
pub(super) struct Bucket {
    keys: HashSet<Fingerprint, BuildIdentity>,
    through: UnixMillis,
    monotonic_through: Deadline,
    apps: AppCounts,
    slot: Slot,
    signed_through: PerScope,
    /// What there is to know of those keys that were released.
    pub(super) released: ReleasedKeys,
}

impl Bucket {
    /// For how many keys there is room before the first one comes, at most.
    const MOST_ROOM: usize = 512;

    pub(super) fn new(slot: Slot) -> Self {
        Self::with_room(slot, 0, AppCounts::default())
    }

    /// With room for as many keys as the bucket of the slot before it holds: to grow is most of what a
    /// small table costs. A large one takes room when it needs it.
    pub(super) fn after(before: &Self, slot: Slot) -> Self {
        let apps = AppCounts::with_room_of(&before.apps, Self::MOST_ROOM);
        Self::with_room(slot, before.keys.len().min(Self::MOST_ROOM), apps)
    }

    fn with_room(slot: Slot, keys: usize, apps: AppCounts) -> Self {
        Self {
            keys: HashSet::with_capacity_and_hasher(keys, BuildIdentity::default()),
            through: UnixMillis::ZERO,
            monotonic_through: Deadline::default(),
            apps,
            slot,
            signed_through: PerScope::default(),
            released: ReleasedKeys::default(),
        }
    }

    pub(super) fn slot(&self) -> Slot {
        self.slot
    }

    /// The largest `until` in this bucket: not the end of its slot, so that forgetting it locks out
    /// no claim that nobody made.
    pub(super) fn through(&self) -> UnixMillis {
        self.through
    }

    /// The latest time of signing in this bucket, for each scope.
    pub(super) fn signed_through(&self) -> &PerScope {
        &self.signed_through
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn contains(&self, key: Fingerprint) -> bool {
        self.keys.contains(&key)
    }

    /// All deadlines rise before the key is in: it is never in without them.
    pub(super) fn insert(&mut self, entry: Entry, now: Reading) {
        self.through = self.through.max(entry.until);
        if let Some(at) = entry.signed_at {
            self.signed_through.raise(entry.scope, at);
        }
        self.monotonic_through = self.monotonic_through.max(now.deadline(entry.until));
        self.keys.insert(entry.key);
        self.apps.add(entry.app);
    }

    /// Takes a key out that is about to be written anew. The deadlines stay: they are not too early
    /// for the others.
    pub(super) fn remove(&mut self, entry: Entry) {
        self.released.remove(entry.key);
        if self.keys.remove(&entry.key) {
            self.apps.remove(entry.app);
        }
    }

    /// Writes it with the time that its keys still have to live by the monotonic clock, which
    /// begins anew with every process.
    pub(super) fn save(&self, out: &mut Out<'_>, now: Reading) -> io::Result<()> {
        out.u32(self.slot.width_log2)?;
        out.u64(self.slot.index)?;
        out.time(self.through)?;
        out.span(self.monotonic_through.after(now))?;
        self.signed_through.save(out)?;
        self.apps.save(out)?;
        out.len(self.keys.len())?;
        self.keys.iter().try_for_each(|key| out.u64(key.bits()))
    }

    /// Its keys live as long as if no time had passed since it was saved, and through their last
    /// `until`: neither clock is believed about the time in between.
    pub(super) fn load(from: &mut In<'_>, now: Reading) -> Option<Self> {
        let mut bucket = Self::new(Slot { width_log2: from.u32()?, index: from.u64()? });
        bucket.through = from.time()?;
        let still_to_live = now.deadline_in(from.span()?);
        bucket.monotonic_through = still_to_live.max(now.deadline(bucket.through));
        bucket.signed_through = PerScope::load(from)?;
        bucket.apps = AppCounts::load(from)?;
        let len = from.len(size_of::<u64>())?;
        bucket.keys.reserve(len);
        for _ in 0..len {
            bucket.keys.insert(Fingerprint::new(from.u64()?));
        }
        Some(bucket)
    }

    /// Whether both clocks have passed every key in here.
    pub(super) fn is_over(&self, now: Reading) -> bool {
        now.wall > self.through && self.monotonic_through.is_reached(now)
    }

    /// How long until it [`is_over`](Self::is_over), if the clocks just run on.
    pub(super) fn over_in(&self, now: Reading) -> Duration {
        const PAST: Duration = Duration::from_millis(1);
        let by_wall = self.through.saturating_add(PAST).since(now.wall);
        by_wall.max(self.monotonic_through.after(now))
    }

    /// How many keys of `app` are in here.
    pub(super) fn count_of(&self, app: Fingerprint) -> usize {
        self.apps.of(app)
    }

    pub(super) fn occupants(&self) -> Occupants {
        self.apps.occupants()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use super::{Bucket, Slot};
    use crate::clock::UnixMillis;
    use crate::store::memory_replay::fingerprint::Fingerprint;
    use crate::store::memory_replay::reading::Reading;
    use crate::store::memory_replay::shard::Entry;

    fn at(millis: u64) -> Reading {
        Reading { wall: UnixMillis::new(millis), monotonic: Duration::from_millis(millis) }
    }

    fn slot(until: u64, now: u64) -> (u32, u64) {
        let Slot { width_log2, index } = Slot::of(UnixMillis::new(until), at(now));
        (width_log2, index)
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn what_each_claim_writes_fills_a_line_of_memory_with_the_lock() {
        let counts = size_of::<[u32; 2]>();
        assert_eq!(size_of::<u64>() + std::mem::offset_of!(Bucket, apps) + counts, 64);
    }

    #[test]
    fn a_slot_is_at_most_half_a_lifetime_wide_or_a_second() {
        for octave in 12..64 {
            let shortest = 1_u64 << octave;
            for lifetime in [shortest, shortest + 1, shortest | (shortest - 1)] {
                let (width_log2, _) = slot(lifetime, 0);
                assert_eq!(width_log2, octave - 1);
                assert!(1_u64 << width_log2 <= lifetime / 2);
            }
        }
        for lifetime in [0, 1, 2, 1_000, 2_048, 4_095] {
            assert_eq!(slot(1_000_000 + lifetime, 1_000_000).0, 10);
        }
    }

    #[test]
    fn a_window_has_at_most_five_live_slots_however_long_it_is() {
        const YEAR: u64 = 365 * 24 * 3_600_000;
        for window in [2_000, 60_000, 300_000, 900_000, 7 * 86_400_000, 20 * YEAR] {
            let start = 1_700_000_000_000;
            let steps = 1_000;
            let slots: HashSet<_> = (0..=steps)
                .map(|step| start + window / steps * step)
                .map(|now| slot(now + window, now))
                .collect();
            assert!(slots.len() <= 5, "{window}: {}", slots.len());
        }
    }

    #[test]
    fn a_bucket_begins_with_the_room_that_the_slot_before_it_needed_if_that_is_small() {
        let [before, slot] = [0, 1].map(|index| Slot { width_log2: 10, index });
        assert!(before.is_before(slot) && !slot.is_before(before) && !slot.is_before(slot));
        for (keys, least, most) in [(0, 0, 0), (100, 100, 200), (100_000, 512, 1_024)] {
            let mut bucket = Bucket::new(before);
            bucket.keys.extend((0..keys).map(Fingerprint::new));
            let room = Bucket::after(&bucket, slot).keys.capacity();
            assert!((least..=most).contains(&room), "{room}");
        }
    }

    #[test]
    fn a_bucket_is_over_one_millisecond_after_its_last_until() {
        let until = UnixMillis::new(10_000);
        let mut bucket = Bucket::new(Slot::of(until, at(0)));
        bucket.insert(
            Entry {
                key: Fingerprint::new(1),
                app: Fingerprint::new(2),
                scope: Fingerprint::new(3),
                until,
                signed_at: None,
            },
            at(0),
        );
        assert!(!bucket.is_over(at(10_000)));
        assert!(bucket.is_over(at(10_001)));
        assert_eq!(bucket.over_in(at(4_000)), Duration::from_millis(6_001));
    }
}
