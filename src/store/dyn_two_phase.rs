//! Claims that can be taken back, in a store that is chosen at run time.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{
    Claim, ClaimToken, Claimed, DynReplayStore, Released, ReplayStore, Reserved, StoreError,
    TwoPhaseReplayStore,
};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// [`TwoPhaseReplayStore`] as a trait object: use `Arc<dyn DynTwoPhaseReplayStore>` where the store
/// is chosen at run time. It is implemented for every [`TwoPhaseReplayStore`].
pub trait DynTwoPhaseReplayStore: DynReplayStore {
    /// [`TwoPhaseReplayStore::reserve`], boxed.
    fn reserve_dyn<'a>(&'a self, claim: Claim<'a>) -> BoxFuture<'a, Reserved>;

    /// [`TwoPhaseReplayStore::release`], boxed.
    fn release_dyn<'a>(&'a self, claim: Claim<'a>, token: ClaimToken) -> BoxFuture<'a, Released>;

    /// [`TwoPhaseReplayStore::try_release_now`].
    fn try_release_now_dyn(&self, claim: Claim<'_>, token: ClaimToken) -> Option<Released>;
}

impl<S: TwoPhaseReplayStore> DynTwoPhaseReplayStore for S {
    fn reserve_dyn<'a>(&'a self, claim: Claim<'a>) -> BoxFuture<'a, Reserved> {
        Box::pin(self.reserve(claim))
    }

    fn release_dyn<'a>(&'a self, claim: Claim<'a>, token: ClaimToken) -> BoxFuture<'a, Released> {
        Box::pin(self.release(claim, token))
    }

    fn try_release_now_dyn(&self, claim: Claim<'_>, token: ClaimToken) -> Option<Released> {
        self.try_release_now(claim, token)
    }
}

impl ReplayStore for Arc<dyn DynTwoPhaseReplayStore> {
    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        (**self).claim_dyn(claim).await
    }
}

impl TwoPhaseReplayStore for Arc<dyn DynTwoPhaseReplayStore> {
    async fn reserve(&self, claim: Claim<'_>) -> Result<Reserved, StoreError> {
        (**self).reserve_dyn(claim).await
    }

    async fn release(&self, claim: Claim<'_>, token: ClaimToken) -> Result<Released, StoreError> {
        (**self).release_dyn(claim, token).await
    }

    fn try_release_now(&self, claim: Claim<'_>, token: ClaimToken) -> Option<Released> {
        (**self).try_release_now_dyn(claim, token)
    }
}
