//! Takes the verifier's steps 1 to 6, and reads the body where one asks for it. Step 7, the claim, is
//! left to the caller: as a rule it is made for good, so whatever else may refuse the request comes
//! before.

use bytes::Bytes;
use http::request::Parts;
use http_body::Body;

use super::Authentication;
use crate::error::{ErrorCode, Rejection};
use crate::middleware::reading::{feed, read_whole};
use crate::middleware::request_body::BoxError;
use crate::middleware::{OriginalTarget, RequestBody};
use crate::protocol::RequestHead;
use crate::store::{CredentialStore, ReplayStore};
use crate::verify::{BodyStage, Intact, Verifier};

/// The steps before the claim; `None` is a stranger where strangers may pass.
pub(super) async fn before_claim<'r, C, R, B>(
    verifier: &'r Verifier<C, R>,
    authentication: Authentication,
    parts: &'r Parts,
    body: &mut RequestBody<B>,
) -> Result<Option<Intact<'r>>, Rejection>
where
    C: CredentialStore,
    R: ReplayStore,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let target = OriginalTarget::of(parts);
    let head = RequestHead::new(&parts.method, target, &parts.headers, body.length());
    let presented = match verifier.present(head) {
        Ok(presented) => presented,
        Err(rejection)
            if authentication == Authentication::Optional
                && rejection.code() == ErrorCode::A400MA =>
        {
            return Ok(None);
        }
        Err(rejection) => return Err(rejection),
    };
    let known = verifier.identify(presented).await?;
    let timely = verifier.check_freshness(known)?;
    let limits = verifier.policy().limits();
    let authentic = if timely.needs_form() {
        let mut held = verifier.form_budget().reservation();
        read_whole(body, timely.body_limit(), limits, &mut held).await?;
        verifier.authenticate(timely, body.bytes_read())?
    } else {
        verifier.authenticate(timely, b"")?
    };
    let mut stage = verifier.authorize(authentic).await?.body();
    if let BodyStage::Digest(check) = &mut stage {
        feed(body, limits, |bytes| check.update(bytes)).await?;
    }
    match stage {
        BodyStage::Uncovered(intact) => Ok(Some(intact)),
        BodyStage::Digest(check) => check.finish().map(Some),
    }
}
