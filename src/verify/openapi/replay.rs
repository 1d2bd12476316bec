//! Step 7: the claim, made last ([`pipeline`](crate::verify::pipeline)).
//!
//! 1. the timestamp's window has ended since step 3: `InvalidTimeStamp.Expired`
//! 2. the store cannot vouch for a request of that age: `InvalidTimeStamp.Expired`
//! 3. nonce used: `SignatureNonceUsed`
//!
//! The claim's key is (AccessKeyId, nonce) in the verifier's scope, whatever the scheme and the path;
//! a ROA request without a nonce is known by its signature, where the policy allows that.

use std::time::Duration;

use super::{Intact, VerifiedOpenApi};
use crate::clock::UnixMillis;
use crate::error::{OpenApiError, OpenApiRejection};
use crate::few::Few;
use crate::verify::RestartRule;
use crate::verify::pipeline::{self, ClaimRecord, Claimable, Identity};

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
    /// `InvalidTimeStamp.Expired`.
    pub fn replay(
        self,
        now: UnixMillis,
        keep: Duration,
    ) -> Result<ReplayStage<'r>, OpenApiRejection> {
        ReplayStage::of(self, now, keep, None)
    }
}

impl Claimable for Intact<'_> {
    type Codes = OpenApiError;
    type Verified = VerifiedOpenApi;

    fn age_rule(&self) -> (Duration, RestartRule) {
        let policy = self.authentic.presented.facts.head.policy;
        (policy.window.max_age, policy.restart_rule)
    }

    fn timestamp(&self) -> Option<UnixMillis> {
        Some(self.authentic.presented.facts.credentials.timestamp)
    }

    fn identity(&self) -> Option<Identity> {
        let credentials = &self.authentic.presented.facts.credentials;
        // No nonce of a header begins with a NUL. In a parameter it may, so that one is marked, too.
        let nonce = match &credentials.nonce {
            Some(nonce) if nonce.first() == Some(&0) => marked(b"\0n", nonce),
            Some(nonce) => nonce.clone(),
            None => marked(b"\0s", credentials.signature.as_bytes()),
        };
        // No AppKey on the wire contains a NUL.
        let owner = Some(["\0acs\0", &credentials.access_key_id].concat().into());
        Some(Identity { nonce, owner, signed_at: Some(credentials.timestamp) })
    }

    fn key(&self) -> &str {
        &self.authentic.presented.facts.credentials.access_key_id
    }

    fn accept(self, record: ClaimRecord) -> VerifiedOpenApi {
        VerifiedOpenApi::new(self, record)
    }
}

fn marked(mark: &[u8], bytes: &[u8]) -> Few<u8, 40> {
    [mark, bytes].concat().as_slice().into()
}
