//! The opposite of what stores do: accepting what could not be claimed.

use super::{
    Claim, ClaimToken, Claimed, Released, ReplayStore, Reserved, StoreError, TwoPhaseReplayStore,
};

/// Accepts requests while the store is unavailable or misconfigured, replays included: for services
/// that would rather run twice than not at all.
///
/// Default without it: such a request is refused with `X503BZ`. A store that is *full* still refuses:
/// whoever fills it could otherwise replay at will. What a store refuses for safety passes, too: Redis
/// with a clock or a policy that is wrong, a memory that was closed.
///
/// Accepted claims that were not made are counted as `countersign_unclaimed_total` (feature `metrics`)
/// and warned of (feature `tracing`).
///
/// Around a [`TwoPhaseReplayStore`] it is one. A claim that was not made has a token that releases
/// nothing, and a release that the store cannot answer is an error as it is without this.
///
/// ```
/// use countersign::store::{Claim, Claimed, DangerouslyFailOpen, ReplayStore, StoreError};
/// use countersign::clock::UnixMillis;
///
/// struct Down;
///
/// impl ReplayStore for Down {
///     async fn claim(&self, _: Claim<'_>) -> Result<Claimed, StoreError> {
///         Err(StoreError::unavailable("no route to host"))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let claim = Claim::new("orders", "203710001", b"a3c5", UnixMillis::MAX);
/// assert!(Down.claim(claim).await.is_err());
/// let open = DangerouslyFailOpen::new(Down);
/// for _ in 0..2 {
///     assert_eq!(open.claim(claim).await.unwrap(), Claimed::Fresh);
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DangerouslyFailOpen<S>(S);

impl<S> DangerouslyFailOpen<S> {
    /// Opens `store` up.
    pub const fn new(store: S) -> Self {
        Self(store)
    }
}

impl<S: ReplayStore> ReplayStore for DangerouslyFailOpen<S> {
    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        let answer = self.0.claim(claim).await;
        answer.or_else(|error| accept_unclaimed(error).map(|()| Claimed::Fresh))
    }
}

impl<S: TwoPhaseReplayStore> TwoPhaseReplayStore for DangerouslyFailOpen<S> {
    async fn reserve(&self, claim: Claim<'_>) -> Result<Reserved, StoreError> {
        let answer = self.0.reserve(claim).await;
        answer.or_else(|error| {
            // Whose claim is there, if one is, nobody knows: the token must not be its own.
            accept_unclaimed(error).map(|()| Reserved::Fresh(ClaimToken::random()))
        })
    }

    async fn release(&self, claim: Claim<'_>, token: ClaimToken) -> Result<Released, StoreError> {
        self.0.release(claim, token).await
    }

    fn try_release_now(&self, claim: Claim<'_>, token: ClaimToken) -> Option<Released> {
        self.0.try_release_now(claim, token)
    }
}

/// A store that is full or busy was asked, and has refused.
fn accept_unclaimed(error: StoreError) -> Result<(), StoreError> {
    let (StoreError::Unavailable(error) | StoreError::Misconfigured(error)) = error else {
        return Err(error);
    };
    #[cfg(feature = "metrics")]
    metrics::counter!("countersign_unclaimed_total").increment(1);
    #[cfg(feature = "tracing")]
    tracing::warn!(%error, "the request is accepted without a claim");
    let _ = error;
    Ok(())
}
