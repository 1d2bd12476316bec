//! Step 7: the claim, made last ([`pipeline`](super::pipeline)).
//!
//! 1. the timestamp's window has ended since step 3, e.g. while a slow body arrived: `S403TE`
//! 2. the store cannot vouch for a request of that age: `S403TE`
//! 3. nonce used: `S403NU`

use std::time::Duration;

use super::pipeline::{self, ClaimRecord, Claimable, Identity};
use super::policy::{ReplayIdentity, RestartRule};
use super::presented::{Credential, Facts};
use super::{Intact, SignedRequest, Verified};
use crate::clock::UnixMillis;
use crate::error::{ErrorCode, Rejection};
use crate::few::Few;
use crate::protocol::{BodyLength, CaHeader};

/// Where step 7 stands.
pub type ReplayStage<'r> = pipeline::ReplayStage<Intact<'r>>;

/// A request that lacks only its claim.
pub type PendingClaim<'r> = pipeline::PendingClaim<Intact<'r>>;

impl<'r> Intact<'r> {
    /// Takes the first part of step 7: `now` is read again, after the body. `keep` is the longest
    /// window of the policies that share the replay store.
    ///
    /// # Errors
    ///
    /// `S403TE`.
    pub fn replay(self, now: UnixMillis, keep: Duration) -> Result<ReplayStage<'r>, Rejection> {
        ReplayStage::of(self, now, keep, None)
    }

    fn facts(&self) -> &Facts<'r> {
        &self.authentic.presented.facts
    }
}

impl Claimable for Intact<'_> {
    type Codes = ErrorCode;
    type Verified = Verified;

    fn age_rule(&self) -> (Duration, RestartRule) {
        let policy = self.facts().policy;
        (policy.window.max_age, policy.restart_rule)
    }

    fn timestamp(&self) -> Option<UnixMillis> {
        match &self.facts().credential {
            Credential::Signature(request) => request.timestamp,
            Credential::AppCode(_) => None,
        }
    }

    fn judged_at(&self) -> Option<UnixMillis> {
        let unread = self.facts().head.body() == BodyLength::Empty;
        (unread && !self.authentic.has_waited).then_some(self.authentic.now)
    }

    fn identity(&self) -> Option<Identity> {
        let facts = self.facts();
        let Credential::Signature(request) = &facts.credential else {
            return None;
        };
        let signed_at = facts.signed_at(request);
        let nonce = claimed_nonce(facts, request, signed_at)?;
        Some(Identity { nonce, owner: None, signed_at })
    }

    fn key(&self) -> &str {
        self.authentic.app.key().as_str()
    }

    fn accept(self, record: ClaimRecord) -> Verified {
        Verified::new(self, record)
    }
}

/// A request without a nonce may be known by its signature. Under that rule an unsigned nonce does
/// not count: whoever records the request could add one, or another.
fn claimed_nonce(
    facts: &Facts<'_>,
    request: &SignedRequest<'_>,
    signed_at: Option<UnixMillis>,
) -> Option<Few<u8, 40>> {
    let signed_nonce = request.nonce.filter(|_| facts.covered.headers.covers(CaHeader::Nonce));
    match (facts.policy.replay_identity, signed_nonce, signed_at) {
        (ReplayIdentity::Nonce, _, _) | (_, _, None) => request.nonce.map(Few::from),
        (ReplayIdentity::NonceOrSignature, Some(nonce), _) => Some(nonce.into()),
        // Such a claim cannot meet a nonce's: a header's value contains no NUL.
        (ReplayIdentity::NonceOrSignature, None, Some(_)) => {
            Some([b"\0", request.signature.as_bytes()].concat().as_slice().into())
        }
    }
}
