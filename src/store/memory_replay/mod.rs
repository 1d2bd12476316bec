//! The replay store of one process: in memory, bounded, and never early to forget.
//!
//! [`MemoryReplayStore`] decides a claim in this order, as one step under one lock:
//!
//! 1. `until` is before the wall clock, or the claim demands a memory that reaches back before this
//!    store's begins → [`Claimed::Expired`];
//! 2. what is over is forgotten (below);
//! 3. `until` is not after the largest `until` that was forgotten, or the request was signed no later
//!    than one of its scope that was → [`Claimed::Expired`];
//! 4. the key is known → [`Claimed::Used`], unless it was released ("Releasing");
//! 5. no room, or the app's share is used up → [`StoreError::Full`];
//! 6. the key is written → [`Claimed::Fresh`].
//!
//! Only step 6 writes a key. A full store refuses; it never makes room by forgetting a key early.
//!
//! ```
//! use countersign::clock::{ManualClock, UnixMillis};
//! use countersign::store::{Claim, Claimed, MemoryReplayStore};
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! let clock = Arc::new(ManualClock::at(UnixMillis::new(1_646_365_291_734)));
//! let store = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
//!
//! let until = UnixMillis::new(1_646_366_191_734);
//! let claim = Claim::new("orders", "203710001", b"a3c5", until);
//! assert_eq!(store.claim_now(claim)?, Claimed::Fresh);
//! assert_eq!(store.claim_now(claim)?, Claimed::Used);
//!
//! clock.advance(Duration::from_millis(900_001));
//! assert_eq!(store.claim_now(claim)?, Claimed::Expired);
//! # Ok::<(), countersign::store::StoreError>(())
//! ```
//!
//! # Knobs
//!
//! | knob | default | why |
//! |---|---|---|
//! | [`with_capacity`] | 8,000,000 keys | about 7,000 requests per second, all day, with a window of 15 minutes, in at most some 200 MB |
//! | [`with_app_share`] | 50 % | one caller's flood leaves half of the room to the others |
//! | [`with_clock`] | [`SystemClock`] | tests bring a clock that they move themselves |
//! | [`open`] | no file | what outlives a restart is kept in a [`StateFile`]: see [`state`] |
//!
//! [`open`]: MemoryReplayStoreBuilder::open
//! [`with_capacity`]: MemoryReplayStoreBuilder::with_capacity
//! [`with_app_share`]: MemoryReplayStoreBuilder::with_app_share
//! [`with_clock`]: MemoryReplayStoreBuilder::with_clock
//! [`SystemClock`]: crate::clock::SystemClock
//!
//! # Forgetting
//!
//! Keys are forgotten by the bucket, and a bucket goes only when *both* clocks agree: the wall clock
//! is past the largest `until` in it, and the monotonic clock has run as long as each of its keys
//! still had to live when it was written. The store then remembers that `until`, and everything at
//! or below it is `Expired` from then on: a claim that was `Fresh` once is never `Fresh` again,
//! whatever the clocks do.
//!
//! - The wall clock jumps ahead and back, or the machine is suspended, which stops the monotonic
//!   clock: nothing is forgotten early, and nobody is locked out.
//! - It jumps back: keys are kept until it has caught up. Callers are locked out only where they had
//!   followed the clock ahead for so long that keys of that time were already forgotten: accepting
//!   them could mean accepting a request twice.
//! - Keys claimed *while* it is ahead are kept until it gets there again, which may be never. They
//!   count towards the capacity, which bounds them. To forget them before their time it takes a
//!   second jump as far, at least their lifetime later; callers are then locked out up to the
//!   `until` that was forgotten, and a restart is the remedy.
//!
//! *Over-retention* is how much longer than `until` a key may be kept, because it shares a bucket
//! with a later one: at most half of the lifetime it had when it was claimed, or a second if that
//! is more; an eighth to a quarter on average, where requests arrive soon after they were signed.
//! It costs room, and a caller who uses a nonce again with a new timestamp is `Used` for that much
//! longer. Forgetting happens during claims, so an idle store keeps its memory.
//!
//! # Releasing
//!
//! The store is a [`TwoPhaseReplayStore`]: a claim made with [`reserve_now`] can be taken back, and
//! then one more claim on its key is `Fresh`, once in the key's life. It is released by who made it:
//! the token is a MAC, under a random key of the store's own. A released key keeps its place, so
//! capacity and shares are what they were, and is forgotten like any other.
//!
//! [`TwoPhaseReplayStore`]: super::TwoPhaseReplayStore
//! [`reserve_now`]: MemoryReplayStore::reserve_now
//!
//! # Cost
//!
//! A key is kept as a 64-bit fingerprint of (scope, AppKey, nonce) under a random key: 10 to 21
//! bytes. A fresh request is wrongly refused with a probability of *live keys* / 2⁶⁴; one that was
//! accepted is never accepted again. A claim that may be released takes no more than another; one that
//! was released takes 38 to 75 bytes besides.
//!
//! The price of a claim is one probe per live bucket: four or five where requests arrive soon after
//! they were signed, a few dozen small ones where timestamps lie anywhere in a window. It does not
//! depend on the window's length: the width of a bucket grows with the lifetime of its keys, so
//! twenty years take as many buckets as fifteen minutes.
//!
//! Beside a bare sharded set of hashes (one keyed hash, one lock, one insertion) a fresh claim takes
//! 0.8 to 0.9 of the time with a million keys alive and 1.1 to 1.2 with five million, where both wait
//! for memory; and 3.2, which is some 70 ns more, with ten thousand, where instructions count: three
//! fingerprints are taken instead of one, and every live bucket is asked. A claim of an app that is
//! alone above its share takes 1.3 to 1.7 of another. The longest of ten million is a few hundred
//! microseconds, most of it the machine's own. `cargo bench --bench replay_store` tells, and which
//! instructions they are.
//!
//! # Security
//!
//! - Without a state file the memory ends with the process. [`Claim::remembered_since`] refuses what
//!   was signed before; what was stamped ahead is accepted once more. With one, neither is.
//! - Several nodes need a shared store.
//! - While one app alone is active it may fill the whole store, and apps that arrive then are
//!   refused until its keys are over.

mod app_counts;
mod app_share;
mod bucket;
mod buckets;
mod builder;
mod fingerprint;
#[cfg(feature = "metrics")]
mod held;
#[cfg(all(test, countersign_loom))]
mod models;
#[cfg(feature = "tracing")]
mod near_full;
mod occupants;
mod per_scope;
mod reading;
mod released;
mod shard;
mod shards;
pub mod state;
mod sync;
mod telemetry;
mod token_key;
mod two_phase;

use std::fmt;
use std::sync::Arc;

pub use app_share::AppShare;
pub use builder::MemoryReplayStoreBuilder;
pub use state::{StartedFrom, StateFile, StateFileError, Unusable};

use self::fingerprint::Fingerprint;
use self::reading::Reading;
use self::shard::{Entry, Share};
use self::state::{Memory, State};
use self::sync::{AtomicBool, Ordering};
use self::telemetry::Telemetry;
use self::token_key::TokenKey;
use super::{Claim, Claimed, FullScope, ReplayStore, StoreError};
use crate::clock::{Clock, UnixMillis};

/// A [`ReplayStore`] in the memory of this process. See the [module](self) for what it decides.
///
/// It is shared, not copied: put it into an [`Arc`], which is a [`ReplayStore`] too.
pub struct MemoryReplayStore {
    memory: Memory,
    tokens: TokenKey,
    state: Option<State>,
    from: StartedFrom,
    closed: AtomicBool,
    telemetry: Telemetry,
    clock: Arc<dyn Clock>,
    capacity: usize,
    app_share: AppShare,
}

impl MemoryReplayStore {
    /// A store with the defaults: 8,000,000 keys, at most half of them of one app while others are
    /// active, the system's clocks.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Starts from the defaults.
    pub fn builder() -> MemoryReplayStoreBuilder {
        MemoryReplayStoreBuilder::default()
    }

    /// [`ReplayStore::claim`] without a future: this store never waits for anything but a short
    /// lock.
    ///
    /// # Errors
    ///
    /// [`StoreError::Full`], with the time at which room is expected.
    pub fn claim_now(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        let answer = self.decide(&claim);
        Telemetry::answered(&answer);
        answer
    }

    /// Accepts nothing any more: claims answer [`StoreError::Unavailable`]. With a state file it
    /// writes the snapshot from which the next store goes on; without one that is all.
    ///
    /// For the end of a service, when no request is running. It may be called again if it fails.
    ///
    /// # Errors
    ///
    /// [`StateFileError`]: there is no snapshot, and the next store begins with the mark.
    pub fn close(&self) -> Result<(), StateFileError> {
        // A claim looks under its shard's lock, which the snapshot takes: it is in there, or refused.
        self.closed.store(true, Ordering::SeqCst);
        let Some(state) = &self.state else { return Ok(()) };
        state.save(&self.memory, Reading::take(&*self.clock))
    }

    /// What its memory began with.
    #[must_use]
    pub const fn started_from(&self) -> StartedFrom {
        self.from
    }

    /// Through when it does not know what was accepted. Strict policies refuse what was signed no
    /// later (`S403TE`), however new it is: see [`RestartRule`](crate::verify::RestartRule).
    ///
    /// It is when the store began; or the mark of its [`StateFile`], if that is later, and then it may
    /// be in the future: by a [step](StateFile::with_step) after a crash, or as far as a caller had
    /// stamped its requests ahead. A snapshot does not change it: what a run before did not know, the
    /// next does not know either.
    ///
    /// ```
    /// use countersign::clock::{ManualClock, UnixMillis};
    /// use countersign::store::{Claim, Claimed, MemoryReplayStore};
    /// use std::sync::Arc;
    ///
    /// let now = UnixMillis::new(1_646_365_291_734);
    /// let clock = Arc::new(ManualClock::at(now));
    /// let store = MemoryReplayStore::builder().with_clock(clock).build();
    /// let unknown = store.refuses_through().unwrap();
    /// assert_eq!(unknown, UnixMillis::new(1_646_365_291_733));
    ///
    /// let claim = Claim::new("orders", "203710001", b"a3c5", UnixMillis::MAX);
    /// assert_eq!(store.claim_now(claim.remembered_since(unknown))?, Claimed::Expired);
    /// assert_eq!(store.claim_now(claim.remembered_since(now))?, Claimed::Fresh);
    /// # Ok::<(), countersign::store::StoreError>(())
    /// ```
    #[must_use]
    pub const fn refuses_through(&self) -> Option<UnixMillis> {
        self.memory.unknown_through
    }

    /// How many keys are held, those that are over but not yet forgotten included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.memory.shards.iter().map(|shard| shard.len()).sum()
    }

    /// Whether no key is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many keys may be held. [`len`](Self::len) never exceeds it.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    fn decide(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        let Some(entry) = self.admit(claim)? else {
            return Ok(Claimed::Expired);
        };
        match self.claim_entry(entry, Share::Enforced, claim) {
            // Nothing was written, so the second claim is again one whole atomic step.
            Err(StoreError::Full { scope: FullScope::App, .. }) if self.is_alone(entry.app) => {
                self.claim_entry(entry, Share::Waived, claim)
            }
            answer => answer,
        }
    }

    /// What can be claimed: `None` if the memory does not reach back far enough. Once it is
    /// admitted, a crash cannot make it be forgotten.
    fn admit(&self, claim: &Claim<'_>) -> Result<Option<Entry>, StoreError> {
        if claim.remembered_since.is_some_and(|since| Some(since) <= self.memory.unknown_through) {
            return Ok(None);
        }
        if let Some(state) = &self.state {
            state.cover(claim, &*self.clock)?;
        }
        Ok(Some(self.memory.fingerprints.entry(claim)))
    }

    /// The clocks are read under the lock, so that no claim is judged by a time that passed while
    /// it waited.
    fn claim_entry(
        &self,
        entry: Entry,
        share: Share,
        claim: &Claim<'_>,
    ) -> Result<Claimed, StoreError> {
        let mut shard = self.memory.shards.holding(entry.key);
        if self.closed.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("the store is closed"));
        }
        let now = Reading::take(&*self.clock);
        let before = shard.len();
        let answer = shard.claim(entry, now, share);
        self.telemetry.note(&mut shard);
        self.memory.shards.note(entry.key, &shard);
        let has_changed = shard.len() != before;
        #[cfg(feature = "tracing")]
        let levels = match answer {
            Ok(Claimed::Fresh) => shard.levels(entry.app),
            _ => None,
        };
        drop(shard);
        if has_changed {
            self.telemetry.gauge(&self.memory.shards, self.capacity);
        }
        #[cfg(feature = "tracing")]
        if let Some(levels) = levels {
            let is_alone = || self.is_alone(entry.app);
            self.telemetry.near_full.check(levels, entry.app, claim, is_alone);
        }
        let _ = claim;
        answer
    }

    /// Whether no other app has a key in any shard. Asked only when an app is at its share.
    fn is_alone(&self, app: Fingerprint) -> bool {
        self.memory.shards.are_only(app)
    }
}

impl ReplayStore for MemoryReplayStore {
    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        self.claim_now(claim)
    }
}

impl Default for MemoryReplayStore {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows the configuration; neither fingerprints nor their key.
impl fmt::Debug for MemoryReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayStore")
            .field("capacity", &self.capacity)
            .field("app_share", &self.app_share)
            .field("clock", &self.clock)
            .field("unknown_through", &self.memory.unknown_through)
            .field("started_from", &self.from)
            .finish_non_exhaustive()
    }
}
