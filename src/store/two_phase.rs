//! Claims that can be taken back, once.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::{Claim, Claimed, ReplayStore, StoreError};
use crate::random;

/// A [`ReplayStore`] whose claims can be released while their requests have not been handled: for
/// services that let a caller send the very same request again after a failure of their own.
///
/// # Contract
///
/// A key goes from fresh to *pending* ([`reserve`](Self::reserve)), from there perhaps to *released*
/// ([`release`](Self::release)), from there to pending again, and then it is used: there is at most
/// one release in a key's life. Pending answers [`Used`](Claimed::Used) like used: whether the
/// first request is still running or done makes no difference to a second one. So nothing needs to
/// be written when a request succeeds; whoever holds the token lets it go.
///
/// - `release` compares the token in the same atomic step that releases: a claim is released by who
///   made it, and by nobody after it.
/// - A released key is forgotten no later and no earlier than it would have been. The claim that gets
///   it is kept through the later of both `until`s.
/// - A key whose `until` has passed is not released: it is over.
/// - When the answer to a `reserve` is lost, the key is used. When that to a `release` is lost, the
///   key may be used or released: whoever released it counts it as used, and at most one more claim
///   gets it.
/// - A claim on a released key is [`Fresh`](super::Claimed::Fresh), with or without `reserve`, for
///   exactly one claim.
///
/// `conformance::two_phase` (feature `test-util`) asks all of this.
pub trait TwoPhaseReplayStore: ReplayStore {
    /// Claims a key as [`ReplayStore::claim`] does, with a token if it is fresh.
    ///
    /// # Errors
    ///
    /// As [`ReplayStore::claim`].
    fn reserve(
        &self,
        claim: Claim<'_>,
    ) -> impl Future<Output = Result<Reserved, StoreError>> + Send;

    /// Takes a claim back, if `token` is its own and it was not taken back before.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be asked, or its answer is lost. Whoever asked then counts
    /// the key as used.
    fn release(
        &self,
        claim: Claim<'_>,
        token: ClaimToken,
    ) -> impl Future<Output = Result<Released, StoreError>> + Send;

    /// [`release`](Self::release) for when nobody can wait any more, e.g. in a `Drop`. `None`, the
    /// default, is a store that has to be waited for.
    fn try_release_now(&self, claim: Claim<'_>, token: ClaimToken) -> Option<Released> {
        let _ = (claim, token);
        None
    }
}

impl<S: TwoPhaseReplayStore> TwoPhaseReplayStore for Arc<S> {
    async fn reserve(&self, claim: Claim<'_>) -> Result<Reserved, StoreError> {
        (**self).reserve(claim).await
    }

    async fn release(&self, claim: Claim<'_>, token: ClaimToken) -> Result<Released, StoreError> {
        (**self).release(claim, token).await
    }

    fn try_release_now(&self, claim: Claim<'_>, token: ClaimToken) -> Option<Released> {
        (**self).try_release_now(claim, token)
    }
}

/// Which claim it was. 128 bits that nobody else can guess: whoever has them can release the claim.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimToken(u128);

impl ClaimToken {
    /// A token of these bits: random ones, or a MAC.
    #[must_use]
    pub const fn new(bits: u128) -> Self {
        Self(bits)
    }

    /// A token that nobody else has.
    pub(super) fn random() -> Self {
        Self(random::token())
    }

    /// The bits.
    #[must_use]
    pub const fn get(self) -> u128 {
        self.0
    }
}

/// Not shown: who knows it can release the claim.
impl fmt::Debug for ClaimToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimToken(…)")
    }
}

/// A [`TwoPhaseReplayStore`]'s answer to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a request may pass only if its claim is Fresh"]
pub enum Reserved {
    /// As [`Claimed::Fresh`], with what releases it.
    Fresh(ClaimToken),
    /// As [`Claimed::Used`].
    Used,
    /// As [`Claimed::Expired`].
    Expired,
}

impl Reserved {
    /// The answer without the token.
    pub const fn claimed(self) -> Claimed {
        match self {
            Self::Fresh(_) => Claimed::Fresh,
            Self::Used => Claimed::Used,
            Self::Expired => Claimed::Expired,
        }
    }
}

/// A [`TwoPhaseReplayStore`]'s answer to a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// One more claim on the key will be fresh.
    Released,
    /// The key is another claim's, was released before, or is over: nothing was changed.
    Kept,
}
