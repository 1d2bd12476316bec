use super::JwtAppAuthGate;
use crate::error::Dialect;
use crate::jwt::{JwtConfigError, JwtVerifier};
use crate::middleware::app_auth::IdentityHeaders;
use crate::middleware::{Guard, GuardLayer, Release};
use crate::store::{CredentialStore, TwoPhaseReplayStore};
use crate::verify::Verifier;

/// Puts [`JwtAppAuth`] around a service. See the [module's documentation](super). What is said to
/// every layer is at [`GuardLayer`].
pub type JwtAppAuthLayer<J, C, R> = GuardLayer<JwtAppAuthGate<J, C, R>>;

/// Lets only requests with a valid token, an authentic app, or both reach the inner service. Made by
/// [`JwtAppAuthLayer`].
pub type JwtAppAuth<S, J, C, R> = Guard<S, JwtAppAuthGate<J, C, R>>;

impl<J, C, R> JwtAppAuthLayer<J, C, R> {
    /// A layer that asks `tokens` and `apps`, in the gateway's VPC dialect.
    #[must_use]
    pub fn new(tokens: JwtVerifier<J>, apps: Verifier<C, R>) -> Self {
        Self::with_gate(JwtAppAuthGate::new(tokens, apps), Dialect::default())
    }

    /// Forwards the verified app to the inner service as headers. Default: it is in the request's
    /// extensions only.
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] if a claim is forwarded in a header of that name, or one that looks like it:
    /// whoever has a token could be any app.
    pub fn with_identity_headers(self, headers: IdentityHeaders) -> Result<Self, JwtConfigError> {
        if self.gate().claims_stand_in(&headers) {
            let problem = "a claim is forwarded where the app's identity stands";
            return Err(JwtConfigError::new("claimParameters", problem));
        }
        Ok(self.change_gate(|gate| gate.set_identity_headers(headers)))
    }
}

impl<J, C, R> JwtAppAuthLayer<J, C, R>
where
    J: TwoPhaseReplayStore,
    C: CredentialStore,
    R: TwoPhaseReplayStore,
{
    /// When nonce and `jti` are taken back, so that the same request may come once more. Default:
    /// [`Release::Never`], because a handler may have acted before it failed.
    #[must_use]
    pub fn with_release(self, release: Release) -> Self {
        self.change_gate(|gate| gate.set_release(release))
    }
}
