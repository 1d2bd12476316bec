use super::OpenApiGate;
use crate::error::{OpenApiBody, OpenApiError};
use crate::middleware::{Guard, GuardLayer, Release};
use crate::store::{CredentialStore, TwoPhaseReplayStore};
use crate::verify::openapi::OpenApiVerifier;

/// Puts [`OpenApi`] around a service. See the [module's documentation](super). The options that it
/// shares with every layer are [`GuardLayer`]'s: enforcement, caching, the look of a refusal, the hook.
pub type OpenApiLayer<C, R> = GuardLayer<OpenApiGate<C, R>, OpenApiError>;

/// Lets only authentic requests of OpenAPI clients reach the inner service. Made by [`OpenApiLayer`].
pub type OpenApi<S, C, R> = Guard<S, OpenApiGate<C, R>, OpenApiError>;

impl<C, R> OpenApiLayer<C, R> {
    /// A layer that refuses what `verifier` refuses, with the documented body.
    #[must_use]
    pub fn new(verifier: OpenApiVerifier<C, R>) -> Self {
        Self::with_gate(OpenApiGate::new(verifier), OpenApiBody)
    }
}

impl<C: CredentialStore, R: TwoPhaseReplayStore> OpenApiLayer<C, R> {
    /// When a nonce is taken back, so that the same request may come once more. Default:
    /// [`Release::Never`], because a handler may have acted before it failed.
    #[must_use]
    pub fn with_release(self, release: Release) -> Self {
        self.change_gate(|gate| gate.set_release(release))
    }
}
