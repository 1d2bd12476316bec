//! What was claimed for a verified request, and what becomes of a claim that was made before.
//!
//! 1. An outer layer of the same verifier has made the claim, and it stands: it is not made again.
//!    It is that layer's to take back.
//! 2. The outer layer was laxer: the store is asked whether it remembers that far back.
//! 3. Else the claim is made: for good, or so that it can be taken back.

use std::fmt;
use std::sync::Arc;

use super::{MadeClaim, VerifierId};
use crate::store::{
    Claim, Claimed, DynTwoPhaseReplayStore, HeldClaim, ReplayStore, Standing, StoreError,
    make_claim,
};

/// What was claimed, by which verifier.
#[derive(Clone)]
pub struct ClaimRecord {
    made: Option<MadeClaim>,
    /// Whether the claim stands, if it can be taken back.
    standing: Option<Standing>,
    verifier: Option<VerifierId>,
}

impl ClaimRecord {
    pub(super) const fn new(
        made: Option<MadeClaim>,
        verifier: Option<VerifierId>,
        standing: Option<Standing>,
    ) -> Self {
        Self { made, standing, verifier }
    }

    pub(in crate::verify) const fn is_made(&self) -> bool {
        self.made.is_some()
    }

    /// The claim, if this verifier has made it, unless it was taken back.
    fn made_by(&self, verifier: VerifierId) -> Option<&MadeClaim> {
        let stands = self.standing.as_ref().is_none_or(Standing::holds);
        self.made.as_ref().filter(|_| stands && self.verifier == Some(verifier))
    }
}

/// Whether there is a claim.
impl fmt::Debug for ClaimRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimRecord").field("made", &self.made).finish_non_exhaustive()
    }
}

/// Who claims, and where: in `two_phase` if there is one, the same store under another name.
pub(super) struct Claimer<'a, R> {
    pub(super) id: VerifierId,
    pub(super) replay: &'a R,
    pub(super) two_phase: Option<&'a Arc<dyn DynTwoPhaseReplayStore>>,
}

impl<R: ReplayStore> Claimer<'_, R> {
    /// Makes the claim, as far as that is not done. `earlier` is what was claimed for the same key.
    pub(super) async fn claim(
        &self,
        claim: &Claim<'_>,
        made: &MadeClaim,
        earlier: Option<&ClaimRecord>,
    ) -> Result<(Claimed, Option<HeldClaim>, Option<Standing>), StoreError> {
        let before = earlier.and_then(|earlier| earlier.made_by(self.id));
        let standing = earlier.and_then(|earlier| earlier.standing.clone());
        match before.filter(|before| before.is_same_as(made)) {
            None => {
                let (claimed, held) = make_claim(self.replay, self.two_phase, claim).await?;
                let standing = held.as_ref().map(HeldClaim::standing);
                Ok((claimed, held, standing))
            }
            Some(before) if before.asked_as_much_as(made) => Ok((Claimed::Fresh, None, standing)),
            Some(_) => match self.replay.claim(*claim).await? {
                Claimed::Fresh | Claimed::Used => Ok((Claimed::Fresh, None, standing)),
                Claimed::Expired => Ok((Claimed::Expired, None, standing)),
            },
        }
    }
}
