//! Takes the verifier's steps 1 to 6, and reads the body where one asks for it.

use bytes::Bytes;
use http::request::Parts;
use http_body::Body;

use crate::error::OpenApiRejection;
use crate::middleware::reading::{feed, read_whole};
use crate::middleware::request_body::BoxError;
use crate::middleware::{OriginalTarget, RequestBody};
use crate::protocol::RequestHead;
use crate::store::{CredentialStore, ReplayStore};
use crate::verify::FormReservation;
use crate::verify::openapi::{BodyStage, HeadStage, Intact, OpenApiVerifier};

/// Step 1 as far as the head decides, and the form that it asks for: what later steps say borrows from
/// it. The room that it takes is held until its sender is known.
pub(super) async fn read_form<'r, C, R, B>(
    verifier: &'r OpenApiVerifier<C, R>,
    parts: &'r Parts,
    body: &mut RequestBody<B>,
) -> Result<(HeadStage<'r>, Bytes, FormReservation), OpenApiRejection>
where
    C: CredentialStore,
    R: ReplayStore,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let target = OriginalTarget::of(parts);
    let head = RequestHead::new(&parts.method, target, &parts.headers, body.length());
    let stage = verifier.present(head)?;
    let mut held = verifier.form_budget().reservation();
    let mut form = Bytes::new();
    if let HeadStage::Unread(unread) = &stage {
        read_whole(body, unread.limit(), verifier.policy().limits(), &mut held).await?;
        form = body.whole();
    }
    Ok((stage, form, held))
}

/// The other steps before the claim.
pub(super) async fn before_claim<'r, C, R, B>(
    verifier: &'r OpenApiVerifier<C, R>,
    stage: HeadStage<'r>,
    form: &'r [u8],
    body: &mut RequestBody<B>,
) -> Result<Intact<'r>, OpenApiRejection>
where
    C: CredentialStore,
    R: ReplayStore,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let presented = match stage {
        HeadStage::Presented(presented) => presented,
        HeadStage::Unread(unread) => unread.with_form(form)?,
    };
    match verifier.authenticate(presented).await?.body()? {
        BodyStage::Settled(intact) => Ok(intact),
        BodyStage::Check(mut check) => {
            feed(body, verifier.policy().limits(), |bytes| check.update(bytes)).await?;
            check.finish()
        }
    }
}
