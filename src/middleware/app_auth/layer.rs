use super::{AppAuthGate, Authentication, IdentityHeaders};
use crate::error::Dialect;
use crate::middleware::{Guard, GuardLayer, Release};
use crate::store::{CredentialStore, TwoPhaseReplayStore};
use crate::verify::Verifier;

/// Puts [`AppAuth`] around a service. See the [module's documentation](super). The options that it
/// shares with every layer are [`GuardLayer`]'s: enforcement, caching, the look of a refusal, the hook.
pub type AppAuthLayer<C, R> = GuardLayer<AppAuthGate<C, R>>;

/// Lets only authentic requests reach the inner service. Made by [`AppAuthLayer`].
pub type AppAuth<S, C, R> = Guard<S, AppAuthGate<C, R>>;

impl<C, R> AppAuthLayer<C, R> {
    /// A layer that refuses what `verifier` refuses, in the gateway's VPC dialect.
    #[must_use]
    pub fn new(verifier: Verifier<C, R>) -> Self {
        Self::with_gate(AppAuthGate::new(verifier), Dialect::default())
    }

    /// Whether a request must present a credential. Default: [`Authentication::Required`].
    #[must_use]
    pub fn with_authentication(self, authentication: Authentication) -> Self {
        self.change_gate(|gate| gate.set_authentication(authentication))
    }

    /// Forwards the verified identity to the inner service as headers. Default: it is in the
    /// request's extensions only.
    #[must_use]
    pub fn with_identity_headers(self, headers: IdentityHeaders) -> Self {
        self.change_gate(|gate| gate.set_identity_headers(headers))
    }
}

impl<C: CredentialStore, R: TwoPhaseReplayStore> AppAuthLayer<C, R> {
    /// When a nonce is taken back, so that the same request may come once more. Default:
    /// [`Release::Never`], because a handler may have acted before it failed.
    #[must_use]
    pub fn with_release(self, release: Release) -> Self {
        self.change_gate(|gate| gate.set_release(release))
    }
}
