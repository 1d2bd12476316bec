//! Step 7 with its store.
//!
//! 1. An outer layer of the same verifier has made the claim, and it stands: it is not made again.
//!    It is that layer's to take back.
//! 2. The outer layer was laxer: the store is asked whether it remembers that far back.
//! 3. Else the claim is made: for good, or so that it can be taken back.

use std::sync::Arc;

use super::replay::Earlier;
use super::{Intact, ReplayStage, Verified, Verifier};
use crate::error::Rejection;
use crate::store::{
    Claim, Claimed, CredentialStore, DynTwoPhaseReplayStore, HeldClaim, ReplayStore, Standing,
    StoreError, TwoPhaseReplayStore, make_claim,
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
        let claim = pending.claim(&inner.name);
        let ours = earlier.filter(|earlier| earlier.verifier() == Some(inner.id));
        let relation = ours.map_or(Earlier::Unrelated, |earlier| pending.after(earlier));
        let (claimed, held) = relation.claim(&*inner.replay, two_phase, claim).await?;
        let standing = relation.standing(held.as_ref(), || ours.and_then(Verified::standing));
        Ok((pending.settle(claimed)?.by(inner.id, standing), held))
    }
}

impl Earlier {
    /// Makes the claim, as far as that is not done.
    pub(super) async fn claim(
        self,
        replay: &impl ReplayStore,
        two_phase: Option<&Arc<dyn DynTwoPhaseReplayStore>>,
        claim: Claim<'_>,
    ) -> Result<(Claimed, Option<HeldClaim>), StoreError> {
        match self {
            Self::SameClaim => Ok((Claimed::Fresh, None)),
            Self::Unrelated => make_claim(replay, two_phase, claim).await,
            Self::LaxerClaim => match replay.claim(claim).await? {
                Claimed::Fresh | Claimed::Used => Ok((Claimed::Fresh, None)),
                Claimed::Expired => Ok((Claimed::Expired, None)),
            },
        }
    }

    /// Whether the claim still stands, which is for whoever made it to say.
    pub(super) fn standing(
        self,
        held: Option<&HeldClaim>,
        earlier: impl FnOnce() -> Option<Standing>,
    ) -> Option<Standing> {
        match self {
            Self::Unrelated => held.map(HeldClaim::standing),
            Self::SameClaim | Self::LaxerClaim => earlier(),
        }
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
