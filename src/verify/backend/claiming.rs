//! Step 6 with its store: what an outer layer of the same verifier has claimed, and not taken back,
//! is not claimed again.

use std::sync::Arc;

use super::{BackendVerifier, Intact, VerifiedGateway};
use crate::error::Rejection;
use crate::store::{DynTwoPhaseReplayStore, HeldClaim, ReplayStore, TwoPhaseReplayStore};

impl<R: ReplayStore> BackendVerifier<R> {
    /// Step 6. `earlier` is the identity that an outer layer has put on the same request: what this
    /// verifier has claimed for it is not claimed again.
    ///
    /// # Errors
    ///
    /// `S403TE`, `S403NU`, and `X503BZ` if the replay store cannot answer.
    pub async fn claim(
        &self,
        intact: Intact<'_>,
        earlier: Option<&VerifiedGateway>,
    ) -> Result<VerifiedGateway, Rejection> {
        let (verified, _none) = self.claim_in(None, intact, earlier).await?;
        Ok(verified)
    }

    /// Step 6, in `two_phase` if there is one: this verifier's own store under another name.
    pub(crate) fn claim_in(
        &self,
        two_phase: Option<&Arc<dyn DynTwoPhaseReplayStore>>,
        intact: Intact<'_>,
        earlier: Option<&VerifiedGateway>,
    ) -> impl Future<Output = Result<(VerifiedGateway, Option<HeldClaim>), Rejection>> + Send {
        self.0.claim(two_phase, intact, earlier)
    }
}

impl<R: TwoPhaseReplayStore> BackendVerifier<R> {
    /// [`claim`](Self::claim), but so that it can be taken back when the request could not be
    /// handled. There is nothing to take back of a request that claims nothing, or whose claim an
    /// outer layer has made.
    ///
    /// # Errors
    ///
    /// As [`claim`](Self::claim).
    pub async fn reserve(
        &self,
        intact: Intact<'_>,
        earlier: Option<&VerifiedGateway>,
    ) -> Result<(VerifiedGateway, Option<HeldClaim>), Rejection> {
        self.claim_in(Some(&self.two_phase_store()), intact, earlier).await
    }

    pub(crate) fn two_phase_store(&self) -> Arc<dyn DynTwoPhaseReplayStore> {
        self.0.two_phase_store()
    }
}
