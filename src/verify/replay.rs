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

use std::sync::Arc;
use std::time::Duration;

use super::claim_record::ClaimRecord;
use super::policy::{ReplayIdentity, RestartRule};
use super::presented::Credential;
use super::signed::Timestamp;
use super::{Intact, SignedRequest, Verified, refuse};
use crate::clock::UnixMillis;
use crate::error::{ErrorCode, Rejection};
use crate::header;
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
#[derive(Clone, PartialEq, Eq)]
pub(super) struct MadeClaim {
    /// The nonce, or what stands in for it.
    nonce: Arc<[u8]>,
    until: UnixMillis,
    signed_at: Option<UnixMillis>,
    /// Since when the store had to remember.
    since: Option<UnixMillis>,
}

/// Without the nonce: it is chosen by the caller and may be personal.
impl std::fmt::Debug for MadeClaim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MadeClaim({} bytes until {})", self.nonce.len(), self.until)
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
        let policy = self.authentic.presented.facts.policy;
        let Credential::Signature(request) = &self.authentic.presented.facts.credential else {
            return Ok(ReplayStage::Unclaimable(Verified::new(self, None)));
        };
        let max_age = policy.window.max_age;
        check_still_timely(request.timestamp, max_age, now)?;
        let signed_at = request.timestamp.filter(|timestamp| timestamp.signed).map(|t| t.at);
        let Some(nonce) = claimed_nonce(policy.replay_identity, request, signed_at) else {
            return Ok(ReplayStage::Unclaimable(Verified::new(self, None)));
        };
        let until = signed_at.unwrap_or(now).saturating_add(max_age.max(keep));
        let made = MadeClaim::new(nonce, until, signed_at, policy.restart_rule);
        Ok(ReplayStage::Claim(PendingClaim { intact: self, made }))
    }
}

/// `S403TE` if the timestamp's window has ended since step 3.
pub(super) fn check_still_timely(
    timestamp: Option<Timestamp>,
    max_age: Duration,
    now: UnixMillis,
) -> Result<(), Rejection> {
    let last = timestamp.map(|timestamp| timestamp.at.saturating_add(max_age));
    match last.is_some_and(|last| last < now) {
        true => Err(refuse::expired("its window ended while it was read")),
        false => Ok(()),
    }
}

impl MadeClaim {
    pub(super) fn new(
        nonce: Arc<[u8]>,
        until: UnixMillis,
        signed_at: Option<UnixMillis>,
        restart_rule: RestartRule,
    ) -> Self {
        let since = signed_at.filter(|_| restart_rule == RestartRule::Refuse);
        Self { nonce, until, signed_at, since }
    }

    /// What to ask the replay store.
    pub(super) fn claim<'a>(&'a self, scope: &'a str, key: &'a str) -> Claim<'a> {
        let claim = Claim::new(scope, key, &self.nonce, self.until);
        Claim { signed_at: self.signed_at, remembered_since: self.since, ..claim }
    }

    /// Whether a claim for the same key is this one.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.nonce == other.nonce
    }

    /// Whether the store had to remember for this claim what it would for the other.
    pub(super) const fn asked_as_much_as(&self, other: &Self) -> bool {
        self.since.is_some() || other.since.is_none()
    }
}

/// `S403NU`, or `S403TE` for what the store cannot vouch for.
pub(super) fn check_claimed(claimed: Claimed) -> Result<(), Rejection> {
    match claimed {
        Claimed::Fresh => Ok(()),
        Claimed::Used => Err(ErrorCode::S403NU.into()),
        Claimed::Expired => Err(refuse::expired("the replay store's memory does not cover it")),
    }
}

/// A request without a nonce may be known by its signature. Under that rule an unsigned nonce does
/// not count: whoever records the request could add one, or another.
fn claimed_nonce(
    identity: ReplayIdentity,
    request: &SignedRequest<'_>,
    signed_at: Option<UnixMillis>,
) -> Option<Arc<[u8]>> {
    let signed_nonce = request.nonce.filter(|_| request.headers.declares(&header::NONCE));
    match (identity, signed_nonce, signed_at) {
        (ReplayIdentity::Nonce, _, _) | (_, _, None) => request.nonce.map(Arc::from),
        (ReplayIdentity::NonceOrSignature, Some(nonce), _) => Some(nonce.into()),
        // Such a claim cannot meet a nonce's: a header's value contains no NUL.
        (ReplayIdentity::NonceOrSignature, None, Some(_)) => {
            Some([b"\0", request.signature.as_bytes()].concat().into())
        }
    }
}

impl PendingClaim<'_> {
    /// What to ask the replay store. `scope` is the verifier's name.
    #[must_use]
    pub fn claim<'a>(&'a self, scope: &'a str) -> Claim<'a> {
        self.made.claim(scope, self.intact.authentic.app.key().as_str())
    }

    /// Takes the second part of step 7 with the store's answer.
    ///
    /// # Errors
    ///
    /// `S403NU`, `S403TE`.
    pub fn settle(self, claimed: Claimed) -> Result<Verified, Rejection> {
        check_claimed(claimed)?;
        Ok(Verified::new(self.intact, Some(self.made)))
    }

    pub(super) const fn made(&self) -> &MadeClaim {
        &self.made
    }

    /// What was claimed for `earlier`, if it has this request's AppKey.
    pub(super) fn record_of<'a>(&self, earlier: Option<&'a Verified>) -> Option<&'a ClaimRecord> {
        let same_key = |earlier: &&Verified| earlier.app_key() == self.intact.authentic.app.key();
        earlier.filter(same_key).map(Verified::record)
    }
}
