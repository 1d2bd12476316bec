use super::BackendSignatureGate;
use crate::error::Dialect;
use crate::middleware::{Guard, GuardLayer, Release};
use crate::store::TwoPhaseReplayStore;
use crate::verify::backend::BackendVerifier;

/// Puts [`BackendSignature`] around a service. See the [module's documentation](super). The options
/// that it shares with every layer are [`GuardLayer`]'s: enforcement, caching, the look of a refusal,
/// the hook.
pub type BackendSignatureLayer<R> = GuardLayer<BackendSignatureGate<R>>;

/// Lets only requests that the gateway has signed reach the inner service. Made by
/// [`BackendSignatureLayer`].
pub type BackendSignature<S, R> = Guard<S, BackendSignatureGate<R>>;

impl<R> BackendSignatureLayer<R> {
    /// A layer that refuses what `verifier` refuses, in the gateway's VPC dialect.
    #[must_use]
    pub fn new(verifier: BackendVerifier<R>) -> Self {
        Self::with_gate(BackendSignatureGate::new(verifier), Dialect::default())
    }
}

impl<R: TwoPhaseReplayStore> BackendSignatureLayer<R> {
    /// When a nonce is taken back, so that the same request may come once more. Default:
    /// [`Release::Never`], because a handler may have acted before it failed.
    #[must_use]
    pub fn with_release(self, release: Release) -> Self {
        self.change_gate(|gate| gate.set_release(release))
    }
}
