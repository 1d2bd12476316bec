use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http_body::Body;

use crate::error::{ErrorCode, Rejection};
use crate::jwt::{AppAuthRule, JwtVerifier};
use crate::middleware::app_auth::{AppAuthGate, Authentication, IdentityHeaders};
use crate::middleware::guard::{Gate, Held, PresentedCredential};
use crate::middleware::jwt_auth::forwarding::header_names;
use crate::middleware::jwt_auth::{Bearer, JwtAuthGate};
use crate::middleware::own_headers::OwnHeaders;
use crate::middleware::request_body::BoxError;
use crate::middleware::span::LayerName;
use crate::middleware::telemetry;
use crate::middleware::{Release, RequestBody};
use crate::store::{CredentialStore, ReplayStore, TwoPhaseReplayStore};
use crate::verify::{Mechanism, Verified, Verifier};

/// What a [`JwtAppAuthLayer`](super::JwtAppAuthLayer) decides by.
pub struct JwtAppAuthGate<J, C, R> {
    tokens: JwtAuthGate<J>,
    apps: AppAuthGate<C, R>,
    own_headers: OwnHeaders,
}

/// What a request has proven: one of the two at least.
#[derive(Debug)]
pub(in crate::middleware) struct Identities {
    bearer: Option<Bearer>,
    app: Option<Verified>,
}

impl<J, C, R> JwtAppAuthGate<J, C, R> {
    pub(super) fn new(tokens: JwtVerifier<J>, apps: Verifier<C, R>) -> Self {
        let mut apps = AppAuthGate::new(apps);
        // Whether the absence of an app's credential is a refusal is decided here.
        apps.set_authentication(Authentication::Optional);
        let own_headers = header_names(tokens.policy()).collect();
        Self { tokens: JwtAuthGate::new(tokens), apps, own_headers }
    }

    /// Whether a claim would be forwarded where the app's identity stands.
    pub(super) fn claims_stand_in(&self, headers: &IdentityHeaders) -> bool {
        let claims: OwnHeaders = header_names(self.tokens.policy()).collect();
        claims.meets(&headers.names().into_iter().collect())
    }

    pub(super) fn set_identity_headers(&mut self, headers: IdentityHeaders) {
        let claims = header_names(self.tokens.policy());
        self.own_headers = headers.names().into_iter().chain(claims).collect();
        self.apps.set_identity_headers(headers);
    }
}

impl<J, C, R> JwtAppAuthGate<J, C, R>
where
    J: TwoPhaseReplayStore,
    C: CredentialStore,
    R: TwoPhaseReplayStore,
{
    pub(super) fn set_release(&mut self, release: Release) {
        self.tokens.set_release(release);
        self.apps.set_release(release);
    }
}

impl<J: ReplayStore, C: CredentialStore, R: ReplayStore> JwtAppAuthGate<J, C, R> {
    async fn either<B>(
        &self,
        parts: &Parts,
        body: &mut RequestBody<B>,
        held: &mut Held,
    ) -> Result<Option<Identities>, Rejection>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin,
    {
        if let Some(presented) = self.tokens.present(parts)? {
            body.check_length(self.max_body())?;
            let before_claim = self.tokens.before_claim(presented, parts).await?;
            let bearer = self.tokens.claim(before_claim, parts, held).await?;
            return Ok(Some(Identities { bearer: Some(bearer), app: None }));
        }
        match self.apps.before_claim(parts, body).await? {
            Some(intact) => {
                let (app, claim) = self.apps.claim(intact, parts).await?;
                self.apps.hold(claim, held);
                Ok(Some(Identities { bearer: None, app: Some(app) }))
            }
            None => self.tokens.accept_absence().map(|()| None),
        }
    }

    /// Whatever may refuse comes before the claims, because as a rule a claim is made for good.
    async fn both<B>(
        &self,
        parts: &Parts,
        body: &mut RequestBody<B>,
        held: &mut Held,
    ) -> Result<Option<Identities>, Rejection>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin,
    {
        let intact = self.apps.before_claim(parts, body).await?.ok_or(ErrorCode::A400MA)?;
        let token = match self.tokens.present(parts)? {
            Some(presented) => Some(self.tokens.before_claim(presented, parts).await?),
            None => self.tokens.accept_absence().map(|()| None)?,
        };
        let (app, claim) = self.apps.claim(intact, parts).await?;
        self.apps.hold(claim, held);
        let bearer = match token {
            Some(before_claim) => Some(self.tokens.claim(before_claim, parts, held).await?),
            None => None,
        };
        Ok(Some(Identities { bearer, app: Some(app) }))
    }
}

impl<J: ReplayStore, C: CredentialStore, R: ReplayStore> Gate for JwtAppAuthGate<J, C, R> {
    type Code = ErrorCode;
    type Identity = Identities;

    const LAYER: LayerName = LayerName::JwtAndApp;

    async fn verify<B>(
        &self,
        parts: &Parts,
        body: &mut RequestBody<B>,
        held: &mut Held,
    ) -> Result<Option<Identities>, Rejection>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin,
    {
        match self.tokens.policy().app_auth_rule() {
            AppAuthRule::Instead => self.either(parts, body, held).await,
            AppAuthRule::Besides => self.both(parts, body, held).await,
        }
    }

    /// One request counts once, with its app if it has one.
    fn accepted(&self, identities: &Identities) {
        match &identities.app {
            Some(verified) => self.apps.accepted(verified),
            None => telemetry::accepted(Mechanism::Jwt, None, None),
        }
    }

    /// What decides, of all that is presented.
    fn presented<'r>(&self, parts: &'r Parts) -> PresentedCredential<'r> {
        let (token, app) = (self.tokens.presented(parts), self.apps.presented(parts));
        let (first, second) = match self.tokens.policy().app_auth_rule() {
            AppAuthRule::Instead => (token, app),
            AppAuthRule::Besides => (app, token),
        };
        if first.mechanism.is_some() { first } else { second }
    }

    fn own_headers(&self) -> &OwnHeaders {
        &self.own_headers
    }

    fn hand_on(&self, identities: Option<Identities>, parts: &mut Parts) {
        let (bearer, app) = identities.map_or((None, None), |both| (both.bearer, both.app));
        self.tokens.hand_on(bearer, parts);
        self.apps.hand_on(app, parts);
    }

    fn max_body(&self) -> u64 {
        self.apps.max_body()
    }
}

impl<J, C, R> Clone for JwtAppAuthGate<J, C, R> {
    fn clone(&self) -> Self {
        Self {
            tokens: self.tokens.clone(),
            apps: self.apps.clone(),
            own_headers: self.own_headers.clone(),
        }
    }
}

impl<J, C, R> fmt::Debug for JwtAppAuthGate<J, C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtAppAuthGate")
            .field("tokens", &self.tokens)
            .field("apps", &self.apps)
            .finish_non_exhaustive()
    }
}
