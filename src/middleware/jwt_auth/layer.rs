use super::JwtAuthGate;
use crate::error::Dialect;
use crate::jwt::JwtVerifier;
use crate::middleware::{Guard, GuardLayer, Release};
use crate::store::TwoPhaseReplayStore;

/// Puts [`JwtAuth`] around a service. See the [module's documentation](super). What is said to every
/// layer is at [`GuardLayer`].
pub type JwtAuthLayer<R> = GuardLayer<JwtAuthGate<R>>;

/// Lets only requests with a valid token reach the inner service. Made by [`JwtAuthLayer`].
pub type JwtAuth<S, R> = Guard<S, JwtAuthGate<R>>;

impl<R> JwtAuthLayer<R> {
    /// A layer that refuses what `verifier` refuses, in the gateway's VPC dialect.
    ///
    /// If the policy says that app authentication will do instead (`orAppAuth`), use
    /// [`JwtAppAuthLayer`](crate::middleware::JwtAppAuthLayer): this layer knows no apps, so a request
    /// without a token is refused by it.
    #[must_use]
    pub fn new(verifier: JwtVerifier<R>) -> Self {
        Self::with_gate(JwtAuthGate::new(verifier), Dialect::default())
    }

    /// The most bytes that the body of a request with a token may have: `I413RL`. One that passes
    /// without a token (`bypassEmptyToken`) has no limit. Default: no limit, because a token says
    /// nothing about a body.
    #[must_use]
    pub fn with_max_body(self, bytes: u64) -> Self {
        self.change_gate(|gate| gate.set_max_body(bytes))
    }
}

impl<R: TwoPhaseReplayStore> JwtAuthLayer<R> {
    /// When the `jti` of a token that is used once is taken back, so that the token may come once
    /// more. Default: [`Release::Never`], because a handler may have acted before it failed.
    #[must_use]
    pub fn with_release(self, release: Release) -> Self {
        self.change_gate(|gate| gate.set_release(release))
    }
}
