//! The stores that are shipped keep the rules that every replay store has to keep.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::store::conformance::{self, Backend, BoundedBackend};
use countersign::store::memory_replay::StateFile;
use countersign::store::{
    DangerouslyFailOpen, DynTwoPhaseReplayStore, MemoryReplayStore, MemoryReplayStoreBuilder,
};

/// Memory, by a clock that stands still unless it is moved.
struct Memory(Arc<ManualClock>);

impl Memory {
    fn new() -> Self {
        Self(Arc::new(ManualClock::at(UnixMillis::new(1_646_365_291_734))))
    }

    fn builder(&self) -> MemoryReplayStoreBuilder {
        MemoryReplayStore::builder().with_clock(Arc::clone(&self.0))
    }
}

impl Backend for Memory {
    type Store = MemoryReplayStore;

    async fn empty(&self) -> MemoryReplayStore {
        self.builder().build()
    }

    fn now(&self) -> UnixMillis {
        self.0.wall()
    }

    async fn pass(&self, span: Duration) {
        self.0.advance(span);
    }

    fn keys(&self) -> u32 {
        300_000
    }
}

impl BoundedBackend for Memory {
    async fn small(&self) -> MemoryReplayStore {
        self.builder().with_capacity(5_000).build()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_every_rule() {
    conformance::all(&Memory::new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_the_rule_of_bounds() {
    conformance::bounds(&Memory::new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_the_rules_of_two_phases() {
    conformance::two_phase(&Memory::new()).await.unwrap();
}

/// Memory, by the system's clock: the rules work where time cannot be moved.
struct RealTime;

impl Backend for RealTime {
    type Store = MemoryReplayStore;

    async fn empty(&self) -> MemoryReplayStore {
        MemoryReplayStore::new()
    }

    fn keys(&self) -> u32 {
        10_000
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_work_in_real_time() {
    conformance::all(&RealTime).await.unwrap();
    conformance::two_phase(&RealTime).await.unwrap();
}

/// Memory behind what may stand before it: a name for a choice at run time, and what fails open.
struct Wrapped;

impl Backend for Wrapped {
    type Store = DangerouslyFailOpen<Arc<dyn DynTwoPhaseReplayStore>>;

    async fn empty(&self) -> Self::Store {
        DangerouslyFailOpen::new(Arc::new(MemoryReplayStore::new()))
    }

    fn keys(&self) -> u32 {
        1_000
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_before_a_store_keeps_its_rules() {
    conformance::all(&Wrapped).await.unwrap();
    conformance::two_phase(&Wrapped).await.unwrap();
}

/// Memory that outlives a restart.
struct OnDisk {
    folder: PathBuf,
    stores: AtomicUsize,
}

impl Backend for OnDisk {
    type Store = MemoryReplayStore;

    async fn empty(&self) -> MemoryReplayStore {
        let number = self.stores.fetch_add(1, Ordering::Relaxed);
        let file = StateFile::new(self.folder.join(number.to_string()));
        MemoryReplayStore::builder().open(file).unwrap()
    }

    fn keys(&self) -> u32 {
        10_000
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_with_a_state_file_keeps_every_rule() {
    let name = format!("conformance-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let on_disk = OnDisk { folder, stores: AtomicUsize::new(0) };
    conformance::all(&on_disk).await.unwrap();
    conformance::two_phase(&on_disk).await.unwrap();
}
