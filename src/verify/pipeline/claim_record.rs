//! What was claimed for a verified request, and what becomes of a claim that was made before.
//!
//! 1. An outer layer of the same verifier has made the claim, and it stands: it is not made again.
//!    It is that layer's to take back.
//! 2. The outer layer was laxer: the store is asked whether it remembers that far back.
//! 3. Else the claim is made: for good, or so that it can be taken back.

use std::fmt;

use super::{MadeClaim, VerifierId};
use crate::store::{Claimed, Standing};

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

    pub(super) fn standing(&self) -> Option<Standing> {
        self.standing.clone()
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

/// What is left to do for a claim.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outstanding {
    Nothing,
    /// To ask whether the store remembers as far back as this claim demands.
    Memory,
    Claim,
}

impl Outstanding {
    /// `earlier` is what was claimed for the same key.
    pub(super) fn of(made: &MadeClaim, by: VerifierId, earlier: Option<&ClaimRecord>) -> Self {
        let before = earlier.and_then(|earlier| earlier.made_by(by));
        match before.filter(|before| before.is_same_as(made)) {
            None => Self::Claim,
            Some(before) if before.asked_as_much_as(made) => Self::Nothing,
            Some(_) => Self::Memory,
        }
    }

    /// What the store's answer says of the claim: one that the outer layer has made is used.
    pub(super) const fn read(self, answer: Claimed) -> Claimed {
        match (self, answer) {
            (Self::Memory, Claimed::Used) => Claimed::Fresh,
            (_, answer) => answer,
        }
    }
}
