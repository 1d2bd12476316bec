use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http_body::Body;

use super::steps;
use crate::error::{OpenApiAsked, OpenApiError, OpenApiRejection};
use crate::middleware::guard::{Gate, Held, PresentedCredential, Releasing};
use crate::middleware::own_headers::OwnHeaders;
use crate::middleware::request_body::BoxError;
use crate::middleware::span::LayerName;
use crate::middleware::telemetry;
use crate::middleware::{OriginalTarget, Release, RequestBody};
use crate::protocol::{BodyLength, RequestHead};
use crate::store::{CredentialStore, ReplayStore, TwoPhaseReplayStore};
use crate::verify::Mechanism;
use crate::verify::openapi::{OpenApiVerifier, VerifiedOpenApi, asked, presented_key};

/// What an [`OpenApiLayer`](super::OpenApiLayer) decides by: a verifier.
pub struct OpenApiGate<C, R> {
    verifier: OpenApiVerifier<C, R>,
    releasing: Option<Releasing>,
    /// None: what the layer knows is in the request's extensions only.
    own_headers: OwnHeaders,
}

impl<C, R> OpenApiGate<C, R> {
    pub(super) fn new(verifier: OpenApiVerifier<C, R>) -> Self {
        Self { verifier, releasing: None, own_headers: OwnHeaders::default() }
    }

    pub(super) fn set_release(&mut self, release: Release)
    where
        C: CredentialStore,
        R: TwoPhaseReplayStore,
    {
        self.releasing = Releasing::new(release, self.verifier.two_phase_store());
    }
}

impl<C: CredentialStore, R: ReplayStore> Gate for OpenApiGate<C, R> {
    type Code = OpenApiError;
    type Identity = VerifiedOpenApi;

    const LAYER: LayerName = LayerName::OpenApi;

    async fn verify<B>(
        &self,
        parts: &Parts,
        body: &mut RequestBody<B>,
        held: &mut Held,
    ) -> Result<Option<VerifiedOpenApi>, OpenApiRejection>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin,
    {
        let (stage, form, _budget) = steps::read_form(&self.verifier, parts, body).await?;
        let intact = steps::before_claim(&self.verifier, stage, &form, body).await?;
        let releasing = self.releasing.as_ref();
        let (store, earlier) = (releasing.map(|by| &by.store), parts.extensions.get());
        let (verified, claim) = self.verifier.claim_in(store, intact, earlier).await?;
        held.add(claim, releasing);
        Ok(Some(verified))
    }

    fn accepted(&self, verified: &VerifiedOpenApi) {
        telemetry::accepted(Mechanism::openapi(verified.scheme()), Some(verified.app_id()), None);
        telemetry::strict_findings(verified.strict_findings());
    }

    fn presented<'r>(&self, parts: &'r Parts) -> PresentedCredential<'r> {
        let (mechanism, app_key) = presented_key(&head(parts)).unzip();
        PresentedCredential { mechanism, app_key }
    }

    fn asked(&self, parts: &Parts, read: &[u8]) -> OpenApiAsked {
        asked(&head(parts), read)
    }

    fn own_headers(&self) -> &OwnHeaders {
        &self.own_headers
    }

    fn hand_on(&self, verified: Option<VerifiedOpenApi>, parts: &mut Parts) {
        parts.extensions.remove::<VerifiedOpenApi>();
        if let Some(verified) = verified {
            parts.extensions.insert(verified);
        }
    }

    fn max_body(&self) -> u64 {
        self.verifier.policy().limits().max_body
    }
}

fn head(parts: &Parts) -> RequestHead<'_> {
    let target = OriginalTarget::of(parts);
    RequestHead::new(&parts.method, target, &parts.headers, BodyLength::Unknown)
}

impl<C, R> Clone for OpenApiGate<C, R> {
    fn clone(&self) -> Self {
        Self {
            verifier: self.verifier.clone(),
            releasing: self.releasing.clone(),
            own_headers: self.own_headers.clone(),
        }
    }
}

impl<C, R> fmt::Debug for OpenApiGate<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenApiGate")
            .field("verifier", &self.verifier)
            .field("releasing", &self.releasing)
            .finish_non_exhaustive()
    }
}
