//! Step 6 with its store: what an outer layer of the same verifier has claimed, and not taken back,
//! is not claimed again.

use std::sync::Arc;

use super::registered::expired;
use super::valid::End;
use super::{JwtVerifier, ValidToken, VerifiedToken};
use crate::clock::UnixMillis;
use crate::error::{ErrorCode, Rejection};
use crate::store::{
    Claimed, DynTwoPhaseReplayStore, HeldClaim, ReplayStore, TwoPhaseReplayStore, make_claim,
};

impl<R: ReplayStore> JwtVerifier<R> {
    /// Step 6, the last of all checks of a request; the time is read again. `earlier` is the token
    /// that an outer layer has put on the same request: what this verifier has claimed for it is not
    /// claimed again.
    ///
    /// # Errors
    ///
    /// `A403JE`, `A403SV`, and `X503BZ` if the replay store cannot answer.
    pub async fn claim(
        &self,
        valid: ValidToken,
        earlier: Option<&VerifiedToken>,
    ) -> Result<VerifiedToken, Rejection> {
        let (verified, _none) = self.claim_in(None, valid, earlier).await?;
        Ok(verified)
    }

    /// Step 6, in `two_phase` if there is one: this verifier's own store under another name.
    pub(crate) async fn claim_in(
        &self,
        two_phase: Option<&Arc<dyn DynTwoPhaseReplayStore>>,
        valid: ValidToken,
        earlier: Option<&VerifiedToken>,
    ) -> Result<(VerifiedToken, Option<HeldClaim>), Rejection> {
        self.claim_at(self.0.clock.wall(), two_phase, valid, earlier).await
    }

    /// Step 6 at this time.
    pub(super) async fn claim_at(
        &self,
        now: UnixMillis,
        two_phase: Option<&Arc<dyn DynTwoPhaseReplayStore>>,
        valid: ValidToken,
        earlier: Option<&VerifiedToken>,
    ) -> Result<(VerifiedToken, Option<HeldClaim>), Rejection> {
        let inner = &self.0;
        End::check(valid.end, now)?;
        let ValidToken { token, claim, .. } = valid;
        let Some(claim) = claim else {
            return Ok((VerifiedToken::new(token, None, None, inner.id), None));
        };
        let made = earlier.filter(|earlier| {
            earlier.claim_by(inner.id).is_some_and(|made| made.is_same_as(&claim))
        });
        let (claimed, held, standing) = match made {
            Some(earlier) => (Claimed::Fresh, None, earlier.standing()),
            None => {
                let claim = claim.claim(&inner.name);
                let (claimed, held) = make_claim(&*inner.replay, two_phase, &claim).await?;
                let standing = held.as_ref().map(HeldClaim::standing);
                (claimed, held, standing)
            }
        };
        match claimed {
            Claimed::Fresh => {
                Ok((VerifiedToken::new(token, Some(claim), standing, inner.id), held))
            }
            Claimed::Used => Err(ErrorCode::A403SV.into()),
            Claimed::Expired => Err(expired(now)
                .with_detail("it may have been used before the replay store began (RestartRule)")),
        }
    }
}

impl<R: TwoPhaseReplayStore> JwtVerifier<R> {
    /// [`claim`](Self::claim), but so that it can be taken back when the request could not be
    /// handled. There is nothing to take back of a token that may be used again, or whose claim an
    /// outer layer has made.
    ///
    /// # Errors
    ///
    /// As [`claim`](Self::claim).
    pub async fn reserve(
        &self,
        valid: ValidToken,
        earlier: Option<&VerifiedToken>,
    ) -> Result<(VerifiedToken, Option<HeldClaim>), Rejection> {
        self.claim_in(Some(&self.two_phase_store()), valid, earlier).await
    }

    pub(crate) fn two_phase_store(&self) -> Arc<dyn DynTwoPhaseReplayStore> {
        Arc::<R>::clone(&self.0.replay)
    }
}
