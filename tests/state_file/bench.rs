//! A folder with state files, and stores that are opened on them one after the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::store::memory_replay::{StartedFrom, StateFile, StateFileError};
use countersign::store::{Claim, Claimed, MemoryReplayStore, MemoryReplayStoreBuilder, StoreError};

pub(crate) const START: UnixMillis = UnixMillis::new(1_646_365_291_734);
pub(crate) const WINDOW: Duration = Duration::from_secs(900);
pub(crate) const STEP: Duration = StateFile::DEFAULT_STEP;
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);

/// It is deleted on drop.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("state-{}-{number}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn mark(&self) -> PathBuf {
        self.path("replay")
    }

    pub(crate) fn snapshot(&self) -> PathBuf {
        self.path("replay.snapshot")
    }

    /// The names of the files in it.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A service's replay store: the clock goes on, the store is opened again and again.
pub(crate) struct Bench {
    pub(crate) folder: Folder,
    pub(crate) clock: Arc<ManualClock>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { folder: Folder::new(), clock: Arc::new(ManualClock::at(START)) }
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.wall()
    }

    pub(crate) fn file(&self) -> StateFile {
        StateFile::new(self.folder.mark())
    }

    /// A store of one shard.
    pub(crate) fn builder(&self) -> MemoryReplayStoreBuilder {
        let builder = MemoryReplayStore::builder().with_capacity(1_000);
        builder.with_clock(Arc::clone(&self.clock))
    }

    pub(crate) fn try_open(&self) -> Result<MemoryReplayStore, StateFileError> {
        self.builder().open(self.file())
    }

    pub(crate) fn open(&self) -> MemoryReplayStore {
        self.try_open().unwrap()
    }

    /// Opens it, and checks what it began with.
    pub(crate) fn open_from(&self, from: StartedFrom) -> MemoryReplayStore {
        let store = self.open();
        assert_eq!(store.started_from(), from);
        store
    }

    /// Opens a store, claims, and closes it.
    pub(crate) fn run(&self, work: impl FnOnce(&MemoryReplayStore)) {
        let store = self.open();
        work(&store);
        store.close().unwrap();
    }

    /// Opens a store, claims, and loses it.
    pub(crate) fn crash(&self, work: impl FnOnce(&MemoryReplayStore)) {
        work(&self.open());
    }
}

/// A claim of the strict policy: signed at `at`, and the store must remember since then.
pub(crate) fn strict(nonce: &[u8], at: UnixMillis) -> Claim<'_> {
    let claim = Claim::new("orders", "203710001", nonce, at.saturating_add(WINDOW));
    claim.signed_at(at).remembered_since(at)
}

/// The same request under a policy without the restart rule.
pub(crate) fn lax(nonce: &[u8], at: UnixMillis) -> Claim<'_> {
    Claim::new("orders", "203710001", nonce, at.saturating_add(WINDOW)).signed_at(at)
}

/// The answer to a strict claim of a store that is not full and not down.
pub(crate) fn claim(store: &MemoryReplayStore, nonce: &[u8], at: UnixMillis) -> Claimed {
    store.claim_now(strict(nonce, at)).unwrap()
}

pub(crate) fn is_unavailable(answer: &Result<Claimed, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable(_)))
}
