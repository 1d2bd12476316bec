//! Step 7 with its store: what an outer layer of the same verifier has claimed, and not taken back, is
//! not claimed again ([`pipeline`](super::pipeline)).

use std::sync::Arc;

use super::{Intact, Verified, Verifier};
use crate::error::Rejection;
use crate::store::{
    CredentialStore, DynTwoPhaseReplayStore, HeldClaim, ReplayStore, TwoPhaseReplayStore,
};

impl<C: CredentialStore, R: ReplayStore> Verifier<C, R> {
    /// Step 7. `earlier` is the identity that an outer layer has put on the same request: what this
    /// verifier has claimed for it is not claimed again.
    ///
    /// # Errors
    ///
    /// `S403TE`, `S403NU`, and `X503BZ` if the replay store cannot answer.
    pub async fn claim(
        &self,
        intact: Intact<'_>,
        earlier: Option<&Verified>,
    ) -> Result<Verified, Rejection> {
        let (verified, _none) = self.claim_in(None, intact, earlier).await?;
        Ok(verified)
    }

    /// Step 7, in `two_phase` if there is one: this verifier's own store under another name.
    pub(crate) fn claim_in(
        &self,
        two_phase: Option<&Arc<dyn DynTwoPhaseReplayStore>>,
        intact: Intact<'_>,
        earlier: Option<&Verified>,
    ) -> impl Future<Output = Result<(Verified, Option<HeldClaim>), Rejection>> + Send {
        self.0.claim(two_phase, intact, earlier)
    }
}

impl<C: CredentialStore, R: TwoPhaseReplayStore> Verifier<C, R> {
    /// [`claim`](Self::claim), but so that it can be taken back when the request could not be
    /// handled. There is nothing to take back of a request that claims nothing (an AppCode's), or
    /// whose claim an outer layer has made.
    ///
    /// # Errors
    ///
    /// As [`claim`](Self::claim).
    pub async fn reserve(
        &self,
        intact: Intact<'_>,
        earlier: Option<&Verified>,
    ) -> Result<(Verified, Option<HeldClaim>), Rejection> {
        self.claim_in(Some(&self.two_phase_store()), intact, earlier).await
    }

    pub(crate) fn two_phase_store(&self) -> Arc<dyn DynTwoPhaseReplayStore> {
        self.0.two_phase_store()
    }
}
