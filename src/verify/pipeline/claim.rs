//! The claim, made last, so that a forged or corrupted request neither fills the store nor burns a
//! caller's nonce.
//!
//! 1. the timestamp's window has ended since it was checked, e.g. while a slow body arrived: expired
//! 2. the store cannot vouch for a request of that age: expired
//! 3. nonce used
//!
//! A nonce is kept until its *timestamp* leaves the window, not for a window from now: a request
//! stamped ahead of the server's clock would else be fresh again after it is forgotten. An unsigned
//! timestamp could be changed, so there the window runs from now: best effort.

use std::time::Duration;

use super::window::{check_still_timely, expired};
use super::{ClaimRecord, MadeClaim, VerifierId};
use crate::clock::UnixMillis;
use crate::error::{Catalogue, Rejection};
use crate::few::Few;
use crate::store::{Claim, Claimed, Standing};
use crate::verify::RestartRule;

/// A request that lacks only its claim: of an app, of a gateway, of an OpenAPI client.
pub trait Claimable: Sized {
    /// Whose codes it is refused with.
    type Codes: Catalogue;
    /// What it is once it is claimed.
    type Verified: Proven;

    /// How old it may be, and what a replay store's start means for it.
    fn age_rule(&self) -> (Duration, RestartRule);

    /// The timestamp that step 3 has judged.
    fn timestamp(&self) -> Option<UnixMillis>;

    /// When step 3 has judged the timestamp, if nothing was waited for since: no body, no authorizer.
    /// Then the clock is not read again.
    fn judged_at(&self) -> Option<UnixMillis> {
        None
    }

    /// What it claims; `None` is nothing.
    fn identity(&self) -> Option<Identity>;

    /// Under which key it was signed.
    fn key(&self) -> &str;

    /// The request with what it has claimed.
    fn accept(self, record: ClaimRecord) -> Self::Verified;
}

/// What a request has proven, with the claim that was made for it.
pub trait Proven: Sized {
    /// Under which key it was signed.
    fn signing_key(&self) -> &str;

    /// Its claim.
    fn record(&self) -> &ClaimRecord;
}

/// What tells a request from every other of its key.
pub struct Identity {
    /// Its nonce, mostly, or what stands in for it.
    pub(in crate::verify) nonce: Few<u8, 40>,
    /// Who claims it, if that is not the key as it stands.
    pub(in crate::verify) owner: Option<Box<str>>,
    /// When it was signed, if the signature covers that.
    pub(in crate::verify) signed_at: Option<UnixMillis>,
}

/// Without the nonce: it is chosen by the caller and may be personal.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("signed_at", &self.signed_at).finish_non_exhaustive()
    }
}

/// Where the last step stands.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "it lives on the stack between two calls")]
pub enum ReplayStage<I: Claimable> {
    /// The request presents nothing that could be claimed, and the policy allows that.
    Unclaimable(I::Verified),
    /// The request's claim is to be made.
    Claim(PendingClaim<I>),
}

/// A request that lacks only its claim.
#[derive(Debug)]
pub struct PendingClaim<I> {
    intact: I,
    made: MadeClaim,
    by: Option<VerifierId>,
}

impl<I: Claimable> ReplayStage<I> {
    /// `now` is read again, after the body. `keep` is the longest window of the policies that share
    /// the replay store; `by` tells its verifier from others.
    pub(in crate::verify) fn of(
        intact: I,
        now: UnixMillis,
        keep: Duration,
        by: Option<VerifierId>,
    ) -> Result<Self, Rejection<I::Codes>> {
        let (max_age, restart_rule) = intact.age_rule();
        check_still_timely(intact.timestamp(), max_age, now)?;
        let Some(Identity { nonce, owner, signed_at }) = intact.identity() else {
            return Ok(Self::Unclaimable(intact.accept(ClaimRecord::new(None, by, None))));
        };
        let until = signed_at.unwrap_or(now).saturating_add(max_age.max(keep));
        let made = MadeClaim::new(nonce, owner, until, signed_at, restart_rule);
        Ok(Self::Claim(PendingClaim { intact, made, by }))
    }
}

impl<I: Claimable> PendingClaim<I> {
    /// What to ask the replay store. `scope` is the verifier's name.
    #[must_use]
    pub fn claim<'a>(&'a self, scope: &'a str) -> Claim<'a> {
        self.made.claim(scope, self.intact.key())
    }

    /// Takes the second part of the step with the store's answer.
    ///
    /// # Errors
    ///
    /// The nonce was used (`S403NU`, for the gateway's schemes), or the store cannot vouch for so old
    /// a request (`S403TE`).
    pub fn settle(self, claimed: Claimed) -> Result<I::Verified, Rejection<I::Codes>> {
        self.settle_standing(claimed, None)
    }

    /// [`settle`](Self::settle) for a claim that may be taken back.
    pub(super) fn settle_standing(
        self,
        claimed: Claimed,
        standing: Option<Standing>,
    ) -> Result<I::Verified, Rejection<I::Codes>> {
        let Self { intact, made, by } = self;
        match claimed {
            Claimed::Fresh => Ok(intact.accept(ClaimRecord::new(Some(made), by, standing))),
            Claimed::Used => Err(I::Codes::NONCE_USED.into()),
            Claimed::Expired => Err(expired("the replay store's memory does not cover it")),
        }
    }

    pub(super) const fn made(&self) -> &MadeClaim {
        &self.made
    }

    /// What was claimed for `earlier`, if it has this request's key.
    pub(super) fn record_of<'a>(
        &self,
        earlier: Option<&'a I::Verified>,
    ) -> Option<&'a ClaimRecord> {
        let same_key = |earlier: &&I::Verified| earlier.signing_key() == self.intact.key();
        earlier.filter(same_key).map(Proven::record)
    }
}
