//! Step 6: the claim, made last, if timestamp and nonce are there and the signature covers both.
//!
//! 1. the timestamp's window has ended since step 3: `S403TE`
//! 2. the store cannot vouch for a request of that age: `S403TE`
//! 3. nonce used: `S403NU`
//!
//! The claim's key is (key of the pair, AppKey, nonce) in the verifier's scope: the nonce is chosen by
//! the gateway's caller, and two callers may choose the same. The AppKey counts if `X-Ca-Key` is there
//! and covered.

use std::sync::Arc;
use std::time::Duration;

use super::presented::Facts;
use super::{Intact, VerifiedGateway};
use crate::clock::UnixMillis;
use crate::error::Rejection;
use crate::header;
use crate::store::{Claim, Claimed};
use crate::verify::claim_record::ClaimRecord;
use crate::verify::replay::{MadeClaim, check_claimed, check_still_timely};

/// Where step 6 stands.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "it lives on the stack between two calls")]
pub enum ReplayStage<'r> {
    /// The request has nothing that could be claimed, and the policy allows that.
    Unclaimable(VerifiedGateway),
    /// The request's claim is to be made.
    Claim(PendingClaim<'r>),
}

/// A request that lacks only its claim.
#[derive(Debug)]
pub struct PendingClaim<'r> {
    intact: Intact<'r>,
    /// What takes the AppKey's place: no AppKey on the wire contains a NUL.
    key: String,
    made: MadeClaim,
}

impl<'r> Intact<'r> {
    /// Takes the first part of step 6: `now` is read again, after the body. `keep` is the longest
    /// window of the policies that share the replay store.
    ///
    /// # Errors
    ///
    /// `S403TE`.
    pub fn replay(self, now: UnixMillis, keep: Duration) -> Result<ReplayStage<'r>, Rejection> {
        let facts = &self.authentic.facts;
        let max_age = facts.policy.window.max_age;
        check_still_timely(facts.timestamp, max_age, now)?;
        let covered = facts.timestamp.filter(|timestamp| timestamp.signed);
        let (Some(timestamp), Some(nonce)) = (covered, covered_nonce(facts)) else {
            return Ok(ReplayStage::Unclaimable(VerifiedGateway::new(self, None)));
        };
        let until = timestamp.at.saturating_add(max_age.max(keep));
        let made = MadeClaim::new(nonce, until, Some(timestamp.at), facts.policy.restart_rule);
        let key = format!("\0backend\0{}", self.authentic.pair.key());
        Ok(ReplayStage::Claim(PendingClaim { intact: self, key, made }))
    }
}

/// The nonce with its caller, if both are covered. A header's value contains no NUL.
fn covered_nonce(facts: &Facts<'_>) -> Option<Arc<[u8]>> {
    let nonce = facts.nonce.filter(|_| facts.headers.declares(&header::NONCE))?;
    match facts.ca.key.filter(|_| facts.headers.declares(&header::KEY)) {
        Some(caller) => Some([caller, b"\0", nonce].concat().into()),
        None => Some(nonce.into()),
    }
}

impl PendingClaim<'_> {
    /// What to ask the replay store. `scope` is the verifier's name.
    #[must_use]
    pub fn claim<'a>(&'a self, scope: &'a str) -> Claim<'a> {
        self.made.claim(scope, &self.key)
    }

    /// Takes the second part of step 6 with the store's answer.
    ///
    /// # Errors
    ///
    /// `S403NU`, `S403TE`.
    pub fn settle(self, claimed: Claimed) -> Result<VerifiedGateway, Rejection> {
        check_claimed(claimed)?;
        Ok(VerifiedGateway::new(self.intact, Some(self.made)))
    }

    pub(super) const fn made(&self) -> &MadeClaim {
        &self.made
    }

    /// What was claimed for `earlier`, if it has this request's key.
    pub(super) fn record_of<'a>(
        &self,
        earlier: Option<&'a VerifiedGateway>,
    ) -> Option<&'a ClaimRecord> {
        let same_key =
            |earlier: &&VerifiedGateway| earlier.key() == self.intact.authentic.pair.key();
        earlier.filter(same_key).map(VerifiedGateway::record)
    }
}
