//! Step 7: the claim, made last, so that a forged or corrupted request neither fills the store nor
//! burns a caller's nonce.
//!
//! 1. the timestamp's window has ended since step 3, e.g. while a slow body arrived: `S403TE`
//! 2. nonce used: `S403NU`
//! 3. the store cannot vouch for a request of that age: `S403TE`
//!
//! A nonce is kept until its *timestamp* leaves the window, not for a window from now: a request
//! stamped ahead of the server's clock would else be fresh again after it is forgotten. An unsigned
//! timestamp could be changed, so there the window runs from now: best effort.

use std::sync::Arc;

use super::policy::{ReplayIdentity, RestartRule};
use super::presented::Credential;
use super::{Intact, SignedRequest, Verified};
use crate::clock::UnixMillis;
use crate::error::{ErrorCode, Rejection};
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
    /// The store must remember since then.
    since: Option<UnixMillis>,
}

/// What a verified request has claimed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct MadeClaim {
    /// The nonce, or what stands in for it.
    pub(super) nonce: Arc<[u8]>,
    pub(super) until: UnixMillis,
}

/// Without the nonce: it is chosen by the caller and may be personal.
impl std::fmt::Debug for MadeClaim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MadeClaim({} bytes until {})", self.nonce.len(), self.until)
    }
}

impl<'r> Intact<'r> {
    /// Takes the first part of step 7: `now` is read again, after the body.
    ///
    /// # Errors
    ///
    /// `S403TE`.
    pub fn replay(self, now: UnixMillis) -> Result<ReplayStage<'r>, Rejection> {
        let policy = self.authentic.presented.facts.policy;
        let Credential::Signature(request) = &self.authentic.presented.facts.credential else {
            return Ok(ReplayStage::Unclaimable(Verified::new(self, None)));
        };
        let max_age = policy.window.max_age;
        let last = request.timestamp.map(|timestamp| timestamp.at.saturating_add(max_age));
        if last.is_some_and(|last| last < now) {
            return Err(ErrorCode::S403TE.into());
        }
        let signed_at = request.timestamp.filter(|timestamp| timestamp.signed).map(|t| t.at);
        let until = signed_at.unwrap_or(now).saturating_add(max_age);
        let Some(nonce) = claimed_nonce(policy.replay_identity, request, signed_at) else {
            return Ok(ReplayStage::Unclaimable(Verified::new(self, None)));
        };
        let made = MadeClaim { nonce, until };
        let since = signed_at.filter(|_| policy.restart_rule == RestartRule::Refuse);
        Ok(ReplayStage::Claim(PendingClaim { intact: self, made, since }))
    }
}

/// A request without a nonce may be known by its signature. Such a claim cannot meet a nonce's,
/// because a header's value contains no NUL.
fn claimed_nonce(
    identity: ReplayIdentity,
    request: &SignedRequest<'_>,
    signed_at: Option<UnixMillis>,
) -> Option<Arc<[u8]>> {
    match (request.nonce, identity, signed_at) {
        (Some(nonce), _, _) => Some(nonce.into()),
        (None, ReplayIdentity::NonceOrSignature, Some(_)) => {
            Some([b"\0", request.signature.as_bytes()].concat().into())
        }
        (None, _, _) => None,
    }
}

impl PendingClaim<'_> {
    /// What to ask the replay store. `scope` is the verifier's name.
    #[must_use]
    pub fn claim<'a>(&'a self, scope: &'a str) -> Claim<'a> {
        let key = self.intact.authentic.app.key().as_str();
        let claim = Claim::new(scope, key, &self.made.nonce, self.made.until);
        match self.since {
            Some(since) => claim.remembered_since(since),
            None => claim,
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
            Claimed::Expired => Err(ErrorCode::S403TE.into()),
        }
    }

    /// Whether this request's claim is the one that `earlier` has made: then the request has passed
    /// a layer of this verifier before, and is not a replay of itself.
    pub(super) fn was_made_by(&self, earlier: &Verified) -> bool {
        earlier.app_key() == self.intact.authentic.app.key()
            && earlier
                .claim()
                .is_some_and(|made| made.nonce == self.made.nonce && made.until >= self.made.until)
    }
}
