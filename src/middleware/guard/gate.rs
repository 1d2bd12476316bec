use bytes::Bytes;
use http::request::Parts;
use http_body::Body;

use super::Held;
use crate::error::{Catalogue, Rejection};
use crate::middleware::RequestBody;
use crate::middleware::own_headers::OwnHeaders;
use crate::middleware::request_body::BoxError;
use crate::middleware::span::LayerName;
use crate::verify::Mechanism;

/// What one layer knows and others do not: its credentials, and how the inner service is told of them.
pub(in crate::middleware) trait Gate: Send + Sync + 'static {
    /// Whose codes it refuses with.
    type Code: Catalogue;

    /// What a request has proven.
    type Identity: Send;

    /// What its spans are named after.
    const LAYER: LayerName;

    /// Decides about a request; `None` is a stranger where strangers may pass. What is read of the
    /// body stays in it; claims that may be taken back are `held`.
    fn verify<B>(
        &self,
        parts: &Parts,
        body: &mut RequestBody<B>,
        held: &mut Held,
    ) -> impl Future<Output = Result<Option<Self::Identity>, Rejection<Self::Code>>> + Send
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin;

    /// Logs and counts an accepted request.
    fn accepted(&self, identity: &Self::Identity);

    /// What a refused request presented, right or wrong.
    fn presented<'r>(&self, parts: &'r Parts) -> PresentedCredential<'r>;

    /// What an answer to the request depends on. `read` is what the verification has read of the body.
    fn asked(&self, parts: &Parts, read: &[u8]) -> <Self::Code as Catalogue>::Asked {
        let _ = (parts, read);
        Default::default()
    }

    /// The headers that are only this layer's to write. They are stripped before it may.
    fn own_headers(&self) -> &OwnHeaders;

    /// Tells the inner service who calls: `None` is nobody, whatever an outer layer of this kind has
    /// said.
    fn hand_on(&self, identity: Option<Self::Identity>, parts: &mut Parts);

    /// The most bytes that an accepted request's body may have.
    fn max_body(&self) -> u64;
}

/// As much of a refused request's credential as may be told.
pub(in crate::middleware) struct PresentedCredential<'r> {
    pub(in crate::middleware) mechanism: Option<Mechanism>,
    pub(in crate::middleware) app_key: Option<&'r str>,
}
