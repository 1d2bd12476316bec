//! Step 6: the claim, made last, if timestamp and nonce are there and the signature covers both.
//!
//! 1. the timestamp's window has ended since step 3: `S403TE`
//! 2. the store cannot vouch for a request of that age: `S403TE`
//! 3. nonce used: `S403NU`
//!
//! The claim's key is (key of the pair, AppKey, nonce) in the verifier's scope: the nonce is chosen by
//! the gateway's caller, and two callers may choose the same. The AppKey counts if `X-Ca-Key` is there
//! and covered.

use std::time::Duration;

use super::presented::Facts;
use super::{Intact, VerifiedGateway};
use crate::clock::UnixMillis;
use crate::error::{ErrorCode, Rejection};
use crate::few::Few;
use crate::protocol::CaHeader;
use crate::verify::RestartRule;
use crate::verify::pipeline::{self, ClaimRecord, Claimable, Identity};

/// Where step 6 stands.
pub type ReplayStage<'r> = pipeline::ReplayStage<Intact<'r>>;

/// A request that lacks only its claim.
pub type PendingClaim<'r> = pipeline::PendingClaim<Intact<'r>>;

impl<'r> Intact<'r> {
    /// Takes the first part of step 6: `now` is read again, after the body. `keep` is the longest
    /// window of the policies that share the replay store.
    ///
    /// # Errors
    ///
    /// `S403TE`.
    pub fn replay(self, now: UnixMillis, keep: Duration) -> Result<ReplayStage<'r>, Rejection> {
        ReplayStage::of(self, now, keep, None)
    }
}

impl Claimable for Intact<'_> {
    type Codes = ErrorCode;
    type Verified = VerifiedGateway;

    fn age_rule(&self) -> (Duration, RestartRule) {
        let policy = self.authentic.facts.policy;
        (policy.window.max_age, policy.restart_rule)
    }

    fn timestamp(&self) -> Option<UnixMillis> {
        self.authentic.facts.timestamp
    }

    fn identity(&self) -> Option<Identity> {
        let facts = &self.authentic.facts;
        let signed_at = facts.timestamp.filter(|_| facts.headers.covers(CaHeader::Timestamp))?;
        let nonce = covered_nonce(facts)?;
        // No AppKey on the wire contains a NUL.
        let owner = format!("\0backend\0{}", self.authentic.pair.key());
        Some(Identity { nonce, owner: Some(owner.into()), signed_at: Some(signed_at) })
    }

    fn key(&self) -> &str {
        self.authentic.pair.key().as_str()
    }

    fn accept(self, record: ClaimRecord) -> VerifiedGateway {
        VerifiedGateway::new(self, record)
    }
}

/// The nonce with its caller, if both are covered. A header's value contains no NUL.
fn covered_nonce(facts: &Facts<'_>) -> Option<Few<u8, 40>> {
    let nonce = facts.nonce.filter(|_| facts.headers.covers(CaHeader::Nonce))?;
    match facts.ca.key.filter(|_| facts.headers.covers(CaHeader::Key)) {
        Some(caller) => Some([caller, b"\0", nonce].concat().as_slice().into()),
        None => Some(nonce.into()),
    }
}
