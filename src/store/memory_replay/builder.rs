//! What can be set before the first claim; afterwards nothing changes.

use std::sync::Arc;

use super::fingerprint::FingerprintKey;
use super::reading::Reading;
use super::shards::Shards;
use super::state::{Locked, Memory, Opened, StartedFrom, State, StateFile, StateFileError};
use super::sync::AtomicBool;
use super::telemetry::Telemetry;
use super::token_key::TokenKey;
use super::{AppShare, MemoryReplayStore};
use crate::clock::{Clock, SystemClock};

/// Configures a [`MemoryReplayStore`].
///
/// ```
/// use countersign::store::{AppShare, MemoryReplayStore};
///
/// let store = MemoryReplayStore::builder()
///     .with_capacity(500_000)
///     .with_app_share(AppShare::ALL)
///     .build();
/// assert_eq!(store.capacity(), 500_000);
/// ```
#[derive(Clone, Debug)]
#[must_use = "call `build` to get a store"]
pub struct MemoryReplayStoreBuilder {
    capacity: usize,
    app_share: AppShare,
    clock: Arc<dyn Clock>,
}

impl MemoryReplayStoreBuilder {
    /// The default of [`with_capacity`](Self::with_capacity).
    pub const DEFAULT_CAPACITY: usize = 8_000_000;

    /// How many keys may be held; 8,000,000 by default. When that many are, claims are refused with
    /// [`StoreError::Full`](crate::store::StoreError::Full).
    ///
    /// A key is held for the window and its over-retention, so a store needs about
    /// *requests per second* × *window* × 1.2. Memory is taken as keys arrive, 10 to 21 bytes each,
    /// and for each app up to 40 bytes per live bucket and shard.
    ///
    /// A large store is divided into up to 128 shards of equal capacity, each with a lock of its own,
    /// and a key belongs to one of them. Chance fills them unevenly, so a store of 8,000,000 refuses
    /// its first claim when it is about 99 % full. Below 8,192 keys there is one shard, and the
    /// capacity is exact. A capacity of 0 refuses every claim.
    pub fn with_capacity(mut self, keys: usize) -> Self {
        self.capacity = keys;
        self
    }

    /// How much of the store one app may hold while another app holds a key; [`AppShare::HALF`] by
    /// default. An app is a scope and an AppKey. The share holds in each shard.
    pub fn with_app_share(mut self, share: AppShare) -> Self {
        self.app_share = share;
        self
    }

    /// The clocks; [`SystemClock`] by default. They are read once or more per claim, under a lock.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// An empty store whose memory begins now. It takes its fingerprint key from the operating
    /// system.
    #[must_use]
    pub fn build(self) -> MemoryReplayStore {
        let memory = Memory {
            shards: self.shards(),
            fingerprints: FingerprintKey::random(),
            unknown_through: Reading::take(&*self.clock).before(),
        };
        self.with_memory(memory, None, StartedFrom::Nothing)
    }

    /// A store whose memory begins with what the one before it left in `file`, and whose own will
    /// not be lost. See [`state`](super::state) for the rules.
    ///
    /// ```no_run
    /// use countersign::store::MemoryReplayStore;
    /// use countersign::store::memory_replay::StateFile;
    ///
    /// let store = MemoryReplayStore::builder().open(StateFile::new("/var/lib/orders/replay"))?;
    /// // … serve, and when no request is running any more:
    /// store.close()?;
    /// # Ok::<(), countersign::store::memory_replay::StateFileError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`StateFileError`], if another store has the file or it cannot be written. What is wrong
    /// *in* it is no error: [`MemoryReplayStore::started_from`] tells.
    pub fn open(self, file: StateFile) -> Result<MemoryReplayStore, StateFileError> {
        let locked = Locked::new(file)?;
        let now = Reading::take(&*self.clock);
        let Opened { state, from, memory } = locked.open(|| self.shards(), now)?;
        Ok(self.with_memory(memory, Some(state), from))
    }

    fn shards(&self) -> Shards {
        Shards::new(self.capacity, self.app_share)
    }

    fn with_memory(
        self,
        memory: Memory,
        state: Option<State>,
        from: StartedFrom,
    ) -> MemoryReplayStore {
        let Self { capacity, app_share, clock } = self;
        let closed = AtomicBool::new(false);
        let held = memory.shards.iter().map(|shard| shard.len()).sum();
        let refused = memory.unknown_through.unwrap_or_default().since(clock.wall());
        let telemetry = Telemetry::opened(from, held, refused);
        let tokens = TokenKey::random();
        MemoryReplayStore {
            memory,
            tokens,
            state,
            from,
            closed,
            telemetry,
            clock,
            capacity,
            app_share,
        }
    }
}

impl Default for MemoryReplayStoreBuilder {
    fn default() -> Self {
        Self {
            capacity: Self::DEFAULT_CAPACITY,
            app_share: AppShare::default(),
            clock: Arc::new(SystemClock),
        }
    }
}
