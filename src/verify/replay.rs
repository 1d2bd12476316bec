//! Step 7: the claim, made last, so that a forged or corrupted request neither fills the store nor
//! burns a caller's nonce.
//!
//! 1. the timestamp's window has ended since step 3, e.g. while a slow body arrived: `S403TE`
//! 2. the store cannot vouch for a request of that age: `S403TE`
//! 3. nonce used: `S403NU`
//!
//! A nonce is kept until its *timestamp* leaves the window, not for a window from now: a request
//! stamped ahead of the server's clock would else be fresh again after it is forgotten. An unsigned
//! timestamp could be changed, so there the window runs from now: best effort.

use std::time::Duration;

use super::policy::{ReplayIdentity, RestartRule};
use super::presented::{Credential, Facts};
use super::{Intact, SignedRequest, Verified, refuse};
use crate::clock::UnixMillis;
use crate::error::{ErrorCode, Rejection};
use crate::protocol::CaHeader;
use crate::store::{Claim, Claimed};

/// Where step 7 stands.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "it lives on the stack between two calls")]
pub enum ReplayStage<'r> {
    /// The request presents nothing that could be claimed, and the policy allows that.
    Unclaimable(Verified),
    /// The request's claim is to be made.
    Claim(PendingClaim<'r>),
}

/// A request that lacks only its claim.
#[derive(Debug)]
pub struct PendingClaim<'r> {
    intact: Intact<'r>,
    made: MadeClaim,
}

/// What a verified request has claimed.
#[derive(Clone)]
pub(super) struct MadeClaim {
    pub(super) by: ClaimedBy,
    until: UnixMillis,
    signed_at: Option<UnixMillis>,
    /// Since when the store had to remember.
    since: Option<UnixMillis>,
}

/// What a request is known by when it comes again.
#[derive(Clone)]
pub(super) enum ClaimedBy {
    /// Its nonce.
    Nonce,
    /// These bytes, made of its signature.
    Signature(Box<[u8]>),
}

/// Without what it is known by: a nonce is chosen by the caller and may be personal.
impl std::fmt::Debug for MadeClaim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MadeClaim(until {})", self.until)
    }
}

impl<'r> Intact<'r> {
    /// Takes the first part of step 7: `now` is read again, after the body. `keep` is the longest
    /// window of the policies that share the replay store.
    ///
    /// # Errors
    ///
    /// `S403TE`.
    pub fn replay(self, now: UnixMillis, keep: Duration) -> Result<ReplayStage<'r>, Rejection> {
        let facts = &*self.authentic.presented.facts;
        let policy = facts.policy;
        let Credential::Signature(request) = &facts.credential else {
            return Ok(ReplayStage::Unclaimable(Verified::new(self, None)));
        };
        let max_age = policy.window.max_age;
        let last = request.timestamp.map(|at| at.saturating_add(max_age));
        if last.is_some_and(|last| last < now) {
            return Err(refuse::expired("its window ended while it was read"));
        }
        let signed_at = facts.signed_at(request);
        let until = signed_at.unwrap_or(now).saturating_add(max_age.max(keep));
        let Some(by) = claimed_by(facts, request, signed_at) else {
            return Ok(ReplayStage::Unclaimable(Verified::new(self, None)));
        };
        let since = signed_at.filter(|_| policy.restart_rule == RestartRule::Refuse);
        let made = MadeClaim { by, until, signed_at, since };
        Ok(ReplayStage::Claim(PendingClaim { intact: self, made }))
    }
}

/// A request without a nonce may be known by its signature. Under that rule an unsigned nonce does
/// not count: whoever records the request could add one, or another.
fn claimed_by(
    facts: &Facts<'_>,
    request: &SignedRequest<'_>,
    signed_at: Option<UnixMillis>,
) -> Option<ClaimedBy> {
    let signed_nonce = request.nonce.filter(|_| facts.covered.headers.covers(CaHeader::Nonce));
    match (facts.policy.replay_identity, signed_nonce, signed_at) {
        (ReplayIdentity::Nonce, _, _) | (_, _, None) => request.nonce.map(|_| ClaimedBy::Nonce),
        (ReplayIdentity::NonceOrSignature, Some(_), _) => Some(ClaimedBy::Nonce),
        // Such a claim cannot meet a nonce's: a header's value contains no NUL.
        (ReplayIdentity::NonceOrSignature, None, Some(_)) => {
            let bytes = [b"\0", request.signature.as_bytes()].concat();
            Some(ClaimedBy::Signature(bytes.into()))
        }
    }
}

impl PendingClaim<'_> {
    /// What to ask the replay store. `scope` is the verifier's name.
    #[must_use]
    pub fn claim<'a>(&'a self, scope: &'a str) -> Claim<'a> {
        let key = self.intact.authentic.app.key().as_str();
        let MadeClaim { until, signed_at, since, .. } = self.made;
        let claim = Claim::new(scope, key, self.known_by(), until);
        Claim { signed_at, remembered_since: since, ..claim }
    }

    fn known_by(&self) -> &[u8] {
        match (&self.made.by, &self.intact.authentic.presented.facts.credential) {
            (ClaimedBy::Signature(bytes), _) => bytes,
            (ClaimedBy::Nonce, Credential::Signature(request)) => request.nonce.unwrap_or_default(),
            (ClaimedBy::Nonce, Credential::AppCode(_)) => b"",
        }
    }

    /// Takes the second part of step 7 with the store's answer.
    ///
    /// # Errors
    ///
    /// `S403NU`, `S403TE`.
    pub fn settle(self, claimed: Claimed) -> Result<Verified, Rejection> {
        match claimed {
            Claimed::Fresh => Ok(Verified::new(self.intact, Some(self.made))),
            Claimed::Used => Err(ErrorCode::S403NU.into()),
            Claimed::Expired => Err(refuse::expired("the replay store's memory does not cover it")),
        }
    }

    /// What `earlier` has to do with this request's claim.
    pub(super) fn after(&self, earlier: &Verified) -> Earlier {
        let same = earlier.app_key() == self.intact.authentic.app.key()
            && earlier.known_by() == Some(self.known_by());
        match earlier.claim().filter(|_| same) {
            None => Earlier::Unrelated,
            Some(made) if made.since.is_some() || self.made.since.is_none() => Earlier::SameClaim,
            Some(_) => Earlier::LaxerClaim,
        }
    }
}

/// What an identity that an outer layer of the same verifier has put on a request says about its
/// claim: the request is not a replay of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    /// Nothing.
    Unrelated,
    /// It is made.
    SameClaim,
    /// It is made, but the store was not asked whether it remembers that far back.
    LaxerClaim,
}
