use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http_body::Body;

use super::{Authentication, IdentityHeaders, steps};
use crate::credential::AppKey;
use crate::error::{ErrorCode, Rejection};
use crate::middleware::guard::{Gate, Held, PresentedCredential, Releasing};
use crate::middleware::own_headers::OwnHeaders;
use crate::middleware::request_body::BoxError;
use crate::middleware::span::LayerName;
use crate::middleware::telemetry;
use crate::middleware::{Release, RequestBody};
use crate::protocol::CaHeaders;
use crate::store::{CredentialStore, HeldClaim, ReplayStore, TwoPhaseReplayStore};
use crate::verify::{Intact, Mechanism, Verified, Verifier};

/// What an [`AppAuthLayer`](super::AppAuthLayer) decides by: a verifier, and what is done with the
/// identity.
pub struct AppAuthGate<C, R> {
    verifier: Verifier<C, R>,
    authentication: Authentication,
    releasing: Option<Releasing>,
    identity_headers: Option<IdentityHeaders>,
    /// The names of the identity headers.
    own_headers: OwnHeaders,
}

impl<C, R> AppAuthGate<C, R> {
    pub(in crate::middleware) fn new(verifier: Verifier<C, R>) -> Self {
        let (authentication, own_headers) = (Authentication::default(), OwnHeaders::default());
        Self { verifier, authentication, releasing: None, identity_headers: None, own_headers }
    }

    pub(in crate::middleware) fn set_authentication(&mut self, authentication: Authentication) {
        self.authentication = authentication;
    }

    pub(in crate::middleware) fn set_release(&mut self, release: Release)
    where
        C: CredentialStore,
        R: TwoPhaseReplayStore,
    {
        self.releasing = Releasing::new(release, self.verifier.two_phase_store());
    }

    pub(in crate::middleware) fn set_identity_headers(&mut self, headers: IdentityHeaders) {
        self.own_headers = headers.names().into_iter().collect();
        self.identity_headers = Some(headers);
    }
}

impl<C: CredentialStore, R: ReplayStore> AppAuthGate<C, R> {
    /// Steps 1 to 6; `None` is a stranger where strangers may pass.
    pub(in crate::middleware) fn before_claim<'r, B>(
        &'r self,
        parts: &'r Parts,
        body: &mut RequestBody<B>,
    ) -> impl Future<Output = Result<Option<Intact<'r>>, Rejection>> + Send
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin,
    {
        steps::before_claim(&self.verifier, self.authentication, parts, body)
    }

    /// Step 7. What may be taken back of it is to be [held](Self::hold).
    pub(in crate::middleware) fn claim<'r>(
        &'r self,
        intact: Intact<'r>,
        parts: &'r Parts,
    ) -> impl Future<Output = Result<(Verified, Option<HeldClaim>), Rejection>> + Send {
        let store = self.releasing.as_ref().map(|by| &by.store);
        self.verifier.claim_in(store, intact, parts.extensions.get())
    }

    pub(in crate::middleware) fn hold(&self, claim: Option<HeldClaim>, held: &mut Held) {
        held.add(claim, self.releasing.as_ref());
    }
}

impl<C: CredentialStore, R: ReplayStore> Gate for AppAuthGate<C, R> {
    type Code = ErrorCode;
    type Identity = Verified;

    const LAYER: LayerName = LayerName::App;

    #[allow(
        clippy::manual_async_fn,
        reason = "that would keep its arguments twice in a future that is boxed"
    )]
    fn verify<B>(
        &self,
        parts: &Parts,
        body: &mut RequestBody<B>,
        held: &mut Held,
    ) -> impl Future<Output = Result<Option<Verified>, Rejection>> + Send
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin,
    {
        async move {
            let Some(intact) = self.before_claim(parts, body).await? else {
                return Ok(None);
            };
            let (verified, claim) = self.claim(intact, parts).await?;
            self.hold(claim, held);
            Ok(Some(verified))
        }
    }

    fn accepted(&self, verified: &Verified) {
        let (app_id, secret_version) = (verified.app_id(), verified.secret_version());
        telemetry::accepted(verified.mechanism(), Some(app_id), secret_version);
        telemetry::strict_findings(verified.strict_findings());
    }

    fn presented<'r>(&self, parts: &'r Parts) -> PresentedCredential<'r> {
        let ca = CaHeaders::collect(&parts.headers);
        let mechanism = Mechanism::presented(&ca);
        let key = ca.key.filter(|key| key.len() <= AppKey::MAX_LEN);
        PresentedCredential { mechanism, app_key: key.and_then(|key| str::from_utf8(key).ok()) }
    }

    fn own_headers(&self) -> &OwnHeaders {
        &self.own_headers
    }

    fn hand_on(&self, verified: Option<Verified>, parts: &mut Parts) {
        let Some(verified) = verified else {
            parts.extensions.remove::<Verified>();
            return;
        };
        if let Some(headers) = &self.identity_headers {
            headers.write(&verified, &mut parts.headers);
        }
        parts.extensions.insert(verified);
    }

    fn max_body(&self) -> u64 {
        self.verifier.policy().limits().max_body
    }
}

impl<C, R> Clone for AppAuthGate<C, R> {
    fn clone(&self) -> Self {
        Self {
            verifier: self.verifier.clone(),
            authentication: self.authentication,
            releasing: self.releasing.clone(),
            identity_headers: self.identity_headers.clone(),
            own_headers: self.own_headers.clone(),
        }
    }
}

impl<C, R> fmt::Debug for AppAuthGate<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppAuthGate")
            .field("verifier", &self.verifier)
            .field("authentication", &self.authentication)
            .field("releasing", &self.releasing)
            .field("identity_headers", &self.identity_headers)
            .finish_non_exhaustive()
    }
}
