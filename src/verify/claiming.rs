//! Step 7 with its store: what an outer layer of the same verifier has claimed, and not taken back, is
//! not claimed again ([`claim_record`](super::claim_record)).

use std::sync::Arc;

use super::claim_record::Claimer;
use super::{Intact, ReplayStage, Verified, Verifier};
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
    pub(crate) async fn claim_in(
        &self,
        two_phase: Option<&Arc<dyn DynTwoPhaseReplayStore>>,
        intact: Intact<'_>,
        earlier: Option<&Verified>,
    ) -> Result<(Verified, Option<HeldClaim>), Rejection> {
        let inner = &self.0;
        let pending = match intact.replay(inner.clock.wall(), self.longest_window())? {
            ReplayStage::Unclaimable(verified) => return Ok((verified.by(inner.id, None), None)),
            ReplayStage::Claim(pending) => pending,
        };
        let claimer = Claimer { id: inner.id, replay: &*inner.replay, two_phase };
        let (claim, record) = (pending.claim(&inner.name), pending.record_of(earlier));
        let (claimed, held, standing) = claimer.claim(claim, pending.made(), record).await?;
        Ok((pending.settle(claimed)?.by(inner.id, standing), held))
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
        Arc::<R>::clone(&self.0.replay)
    }
}
