//! Takes the verifier's steps 1 to 5, and reads the body where one asks for it.

use bytes::Bytes;
use http::request::Parts;
use http_body::Body;

use crate::error::Rejection;
use crate::middleware::reading::{feed, read_whole};
use crate::middleware::request_body::BoxError;
use crate::middleware::{OriginalTarget, RequestBody};
use crate::protocol::RequestHead;
use crate::store::ReplayStore;
use crate::verify::backend::{BackendVerifier, BodyStage, Intact, SignatureStage};

/// The steps before the claim.
pub(super) async fn before_claim<'r, R, B>(
    verifier: &'r BackendVerifier<R>,
    parts: &'r Parts,
    body: &mut RequestBody<B>,
) -> Result<Intact<'r>, Rejection>
where
    R: ReplayStore,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let target = OriginalTarget::of(parts);
    let head = RequestHead::new(&parts.method, target, &parts.headers, body.length());
    let limits = verifier.policy().limits();
    let authentic = match verifier.present(head)?.authenticate()? {
        SignatureStage::Authentic(authentic) => authentic,
        SignatureStage::Unread(unread) => {
            let mut held = verifier.form_budget().reservation();
            read_whole(body, unread.limit(), limits, &mut held).await?;
            unread.authenticate(body.bytes_read())?
        }
    };
    match authentic.body()? {
        BodyStage::Settled(intact) => Ok(intact),
        BodyStage::Check(mut check) => {
            feed(body, limits, |bytes| check.update(bytes)).await?;
            check.finish()
        }
    }
}
