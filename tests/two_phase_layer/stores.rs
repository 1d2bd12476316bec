//! Stores in memory that behave as if they were elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use countersign::clock::ManualClock;
use countersign::store::{
    Claim, ClaimToken, Claimed, MemoryReplayStore, Released, ReplayStore, Reserved, StoreError,
    TwoPhaseReplayStore,
};

/// Where a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the process: it answers at once.
    Here,
    /// Behind a wire: it has to be waited for, before and after it acts.
    There,
}

#[derive(Debug)]
pub(crate) struct TestStore {
    memory: MemoryReplayStore,
    place: Place,
    /// It is asked and does not answer.
    pub(crate) stalls: AtomicBool,
    /// It refuses to release.
    pub(crate) is_down: AtomicBool,
    releases: AtomicUsize,
}

impl TestStore {
    pub(crate) fn new(place: Place, clock: &Arc<ManualClock>) -> Arc<Self> {
        let memory = MemoryReplayStore::builder().with_clock(Arc::clone(clock)).build();
        Arc::new(Self {
            memory,
            place,
            stalls: AtomicBool::new(false),
            is_down: AtomicBool::new(false),
            releases: AtomicUsize::new(0),
        })
    }

    /// How often it was asked to release.
    pub(crate) fn releases(&self) -> usize {
        self.releases.load(Ordering::SeqCst)
    }

    async fn way(&self) {
        if self.stalls.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.place == Place::There {
            tokio::task::yield_now().await;
        }
    }
}

impl ReplayStore for TestStore {
    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        Ok(self.reserve(claim).await?.claimed())
    }
}

impl TwoPhaseReplayStore for TestStore {
    async fn reserve(&self, claim: Claim<'_>) -> Result<Reserved, StoreError> {
        self.way().await;
        let answer = self.memory.reserve_now(claim);
        self.way().await;
        answer
    }

    async fn release(&self, claim: Claim<'_>, token: ClaimToken) -> Result<Released, StoreError> {
        self.releases.fetch_add(1, Ordering::SeqCst);
        self.way().await;
        if self.is_down.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("connection reset"));
        }
        let answer = self.memory.release_now(claim, token);
        self.way().await;
        Ok(answer)
    }

    fn try_release_now(&self, claim: Claim<'_>, token: ClaimToken) -> Option<Released> {
        match self.place {
            Place::There => None,
            Place::Here => {
                self.releases.fetch_add(1, Ordering::SeqCst);
                Some(self.memory.release_now(claim, token))
            }
        }
    }
}
