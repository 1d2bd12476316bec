//! The stores that are shipped keep the rules that every replay store has to keep.

use std::sync::Arc;
use std::time::Duration;

use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::store::conformance::{self, Backend, BoundedBackend};
use countersign::store::{MemoryReplayStore, MemoryReplayStoreBuilder};

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
}
