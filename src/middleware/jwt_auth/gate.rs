use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http_body::Body;

use super::forwarding::{ForwardedClaims, header_names, strip_target};
use crate::error::{ErrorCode, Rejection};
use crate::jwt::{JwtPolicy, JwtVerifier, PresentedToken, ValidToken, VerifiedToken};
use crate::middleware::guard::{Gate, Held, PresentedCredential, Releasing};
use crate::middleware::own_headers::OwnHeaders;
use crate::middleware::request_body::BoxError;
use crate::middleware::span::LayerName;
use crate::middleware::telemetry;
use crate::middleware::{OriginalTarget, Release, RequestBody};
use crate::protocol::{BodyLength, RequestHead};
use crate::store::{ReplayStore, TwoPhaseReplayStore};
use crate::verify::Mechanism;

/// What a [`JwtAuthLayer`](super::JwtAuthLayer) decides by: a verifier, and where claims go.
pub struct JwtAuthGate<R> {
    verifier: JwtVerifier<R>,
    max_body: u64,
    releasing: Option<Releasing>,
    /// The headers that claims are forwarded in.
    own_headers: OwnHeaders,
}

/// A token that passed every check but the last, with its claims ready to be forwarded.
pub(in crate::middleware) struct BeforeClaim {
    valid: ValidToken,
    claims: ForwardedClaims,
}

/// A verified token, with its claims ready to be forwarded.
#[derive(Debug)]
pub(in crate::middleware) struct Bearer {
    token: VerifiedToken,
    claims: ForwardedClaims,
}

impl<R> JwtAuthGate<R> {
    pub(in crate::middleware) fn new(verifier: JwtVerifier<R>) -> Self {
        let own_headers = header_names(verifier.policy()).collect();
        Self { verifier, max_body: u64::MAX, releasing: None, own_headers }
    }

    pub(super) fn set_max_body(&mut self, bytes: u64) {
        self.max_body = bytes;
    }

    pub(in crate::middleware) fn set_release(&mut self, release: Release)
    where
        R: TwoPhaseReplayStore,
    {
        self.releasing = Releasing::new(release, self.verifier.two_phase_store());
    }

    pub(in crate::middleware) fn policy(&self) -> &JwtPolicy {
        self.verifier.policy()
    }

    /// Tells the inner service what the token says: of no token, nothing.
    pub(in crate::middleware) fn tell(&self, bearer: Option<Bearer>, parts: &mut Parts) {
        parts.extensions.remove::<VerifiedToken>();
        match bearer {
            None => strip_target(self.policy(), parts),
            Some(Bearer { token, claims }) => {
                claims.write(parts);
                parts.extensions.insert(token);
            }
        }
    }
}

impl<R: ReplayStore> JwtAuthGate<R> {
    /// Step 1.
    pub(in crate::middleware) fn present<'r>(
        &self,
        parts: &'r Parts,
    ) -> Result<Option<PresentedToken<'r>>, Rejection> {
        let target = OriginalTarget::of(parts);
        let head = RequestHead::new(&parts.method, target, &parts.headers, BodyLength::Unknown);
        self.verifier.present(head)
    }

    /// What becomes of a request without a token.
    pub(in crate::middleware) fn accept_absence(&self) -> Result<(), Rejection> {
        self.verifier.accept_absence()
    }

    /// Steps 2 to 5.
    pub(in crate::middleware) async fn before_claim(
        &self,
        presented: PresentedToken<'_>,
        parts: &Parts,
    ) -> Result<BeforeClaim, Rejection> {
        let token = self.verifier.authenticate(presented).await?;
        let valid = self.verifier.check(token)?;
        let claims = ForwardedClaims::new(self.policy(), valid.claims(), parts)?;
        Ok(BeforeClaim { valid, claims })
    }

    /// Step 6.
    pub(in crate::middleware) async fn claim(
        &self,
        BeforeClaim { valid, claims }: BeforeClaim,
        parts: &Parts,
        held: &mut Held,
    ) -> Result<Bearer, Rejection> {
        let releasing = self.releasing.as_ref();
        let (store, earlier) = (releasing.map(|by| &by.store), parts.extensions.get());
        let (token, claim) = self.verifier.claim_in(store, valid, earlier).await?;
        held.add(claim, releasing);
        Ok(Bearer { token, claims })
    }
}

impl<R: ReplayStore> Gate for JwtAuthGate<R> {
    type Code = ErrorCode;
    type Identity = Bearer;

    const LAYER: LayerName = LayerName::Jwt;

    async fn verify<B>(
        &self,
        parts: &Parts,
        body: &mut RequestBody<B>,
        held: &mut Held,
    ) -> Result<Option<Bearer>, Rejection>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin,
    {
        let Some(presented) = self.present(parts)? else {
            return self.accept_absence().map(|()| None);
        };
        body.check_length(self.max_body)?;
        let before_claim = self.before_claim(presented, parts).await?;
        self.claim(before_claim, parts, held).await.map(Some)
    }

    fn accepted(&self, _: &Bearer) {
        telemetry::accepted(Mechanism::Jwt, None, None);
    }

    fn presented<'r>(&self, parts: &'r Parts) -> PresentedCredential<'r> {
        let mechanism = match self.present(parts) {
            Ok(None) => None,
            Ok(Some(_)) | Err(_) => Some(Mechanism::Jwt),
        };
        PresentedCredential { mechanism, app_key: None }
    }

    fn own_headers(&self) -> &OwnHeaders {
        &self.own_headers
    }

    fn hand_on(&self, bearer: Option<Bearer>, parts: &mut Parts) {
        self.tell(bearer, parts);
    }

    fn max_body(&self) -> u64 {
        self.max_body
    }
}

impl<R> Clone for JwtAuthGate<R> {
    fn clone(&self) -> Self {
        Self {
            verifier: self.verifier.clone(),
            max_body: self.max_body,
            releasing: self.releasing.clone(),
            own_headers: self.own_headers.clone(),
        }
    }
}

impl<R> fmt::Debug for JwtAuthGate<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtAuthGate")
            .field("verifier", &self.verifier)
            .field("max_body", &self.max_body)
            .field("releasing", &self.releasing)
            .finish_non_exhaustive()
    }
}
