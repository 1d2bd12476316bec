//! The opposite of what stores do: accepting what could not be claimed.

use super::{Claim, Claimed, ReplayStore, StoreError};

/// Accepts requests while the store is unavailable or misconfigured, replays included: for services
/// that would rather run twice than not at all.
///
/// Default without it: such a request is refused with `X503BZ`. A store that is *full* still refuses:
/// whoever fills it could otherwise replay at will. Accepted claims that were not made are counted as
/// `countersign_unclaimed_total` (feature `metrics`) and warned of (feature `tracing`).
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
        match self.0.claim(claim).await {
            Err(StoreError::Unavailable(error) | StoreError::Misconfigured(error)) => {
                #[cfg(feature = "metrics")]
                metrics::counter!("countersign_unclaimed_total").increment(1);
                #[cfg(feature = "tracing")]
                tracing::warn!(%error, "the request is accepted without a claim");
                let _ = error;
                Ok(Claimed::Fresh)
            }
            answer => answer,
        }
    }
}
