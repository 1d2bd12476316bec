use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http_body::Body;

use super::steps;
use crate::error::{ErrorCode, Rejection};
use crate::middleware::guard::{Gate, Held, PresentedCredential, Releasing};
use crate::middleware::own_headers::OwnHeaders;
use crate::middleware::request_body::BoxError;
use crate::middleware::span::LayerName;
use crate::middleware::telemetry;
use crate::middleware::{Release, RequestBody};
use crate::protocol::ProxyHeaders;
use crate::store::{ReplayStore, TwoPhaseReplayStore};
use crate::verify::Mechanism;
use crate::verify::backend::{BackendVerifier, VerifiedGateway};

/// What a [`BackendSignatureLayer`](super::BackendSignatureLayer) decides by: a verifier.
pub struct BackendSignatureGate<R> {
    verifier: BackendVerifier<R>,
    releasing: Option<Releasing>,
    /// None: what the layer knows is in the request's extensions only.
    own_headers: OwnHeaders,
}

impl<R> BackendSignatureGate<R> {
    pub(super) fn new(verifier: BackendVerifier<R>) -> Self {
        Self { verifier, releasing: None, own_headers: OwnHeaders::default() }
    }

    pub(super) fn set_release(&mut self, release: Release)
    where
        R: TwoPhaseReplayStore,
    {
        self.releasing = Releasing::new(release, self.verifier.two_phase_store());
    }
}

impl<R: ReplayStore> Gate for BackendSignatureGate<R> {
    type Code = ErrorCode;
    type Identity = VerifiedGateway;

    const LAYER: LayerName = LayerName::Backend;

    async fn verify<B>(
        &self,
        parts: &Parts,
        body: &mut RequestBody<B>,
        held: &mut Held,
    ) -> Result<Option<VerifiedGateway>, Rejection>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin,
    {
        let intact = steps::before_claim(&self.verifier, parts, body).await?;
        let releasing = self.releasing.as_ref();
        let (store, earlier) = (releasing.map(|by| &by.store), parts.extensions.get());
        let (verified, claim) = self.verifier.claim_in(store, intact, earlier).await?;
        held.add(claim, releasing);
        Ok(Some(verified))
    }

    fn accepted(&self, verified: &VerifiedGateway) {
        let (key, secret_version) = (verified.key().as_str(), verified.secret_version());
        telemetry::accepted(Mechanism::BackendSignature, Some(key), Some(secret_version));
        telemetry::strict_findings(verified.strict_findings());
    }

    fn presented<'r>(&self, parts: &'r Parts) -> PresentedCredential<'r> {
        let proxy = ProxyHeaders::collect(&parts.headers);
        let mechanism = proxy.is_presented().then_some(Mechanism::BackendSignature);
        PresentedCredential { mechanism, app_key: proxy.presented_key() }
    }

    fn own_headers(&self) -> &OwnHeaders {
        &self.own_headers
    }

    fn hand_on(&self, verified: Option<VerifiedGateway>, parts: &mut Parts) {
        parts.extensions.remove::<VerifiedGateway>();
        if let Some(verified) = verified {
            parts.extensions.insert(verified);
        }
    }

    fn max_body(&self) -> u64 {
        self.verifier.policy().limits().max_body
    }
}

impl<R> Clone for BackendSignatureGate<R> {
    fn clone(&self) -> Self {
        Self {
            verifier: self.verifier.clone(),
            releasing: self.releasing.clone(),
            own_headers: self.own_headers.clone(),
        }
    }
}

impl<R> fmt::Debug for BackendSignatureGate<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendSignatureGate")
            .field("verifier", &self.verifier)
            .field("releasing", &self.releasing)
            .finish_non_exhaustive()
    }
}
