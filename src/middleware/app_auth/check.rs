//! What becomes of a request.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use http::Request;
use http::request::Parts;
use http_body::Body;

use super::AppAuthLayer;
use super::options::{Enforcement, Options, RejectionContext};
use super::steps::before_claim;
use crate::credential::AppKey;
use crate::error::Rejection;
use crate::middleware::request_body::BoxError;
use crate::middleware::telemetry::{self, LayerName};
use crate::middleware::{OriginalTarget, RequestBody, RequestId};
use crate::protocol::{BodyLength, CaHeaders};
use crate::store::{CredentialStore, ReplayStore};
use crate::verify::{Limits, Mechanism, Verified};

/// What becomes of a request.
#[allow(clippy::large_enum_variant, reason = "nearly every request passes")]
pub(super) enum Checked<B> {
    /// It goes to the inner service. If the flag is raised meanwhile, its body was too long.
    Pass { request: Request<RequestBody<B>>, verified: bool, too_long: Option<Arc<AtomicBool>> },
    /// It is answered.
    Refuse(Rejection),
}

/// Who calls, as far as it is to be handed on.
enum Caller {
    Verified(Verified),
    /// The route lets strangers pass, and this is one.
    Anonymous,
    /// Refused, and only observed.
    Refused(Rejection),
}

pub(super) async fn check<C, R, B>(
    layer: AppAuthLayer<C, R>,
    parts: Parts,
    mut body: RequestBody<B>,
    request_id: RequestId,
) -> Checked<B>
where
    C: CredentialStore,
    R: ReplayStore,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let options = &layer.options;
    let verification = async {
        let caller = verify(&layer, &parts, &mut body).await;
        match &caller {
            Ok(Some(identity)) => accepted(identity),
            Ok(None) => telemetry::anonymous(),
            Err(rejection) => report(options, rejection, &parts, &request_id),
        }
        caller
    };
    let caller = match telemetry::in_span(LayerName::AppAuth, &request_id, verification).await {
        Ok(Some(identity)) => Caller::Verified(identity),
        Ok(None) => Caller::Anonymous,
        Err(rejection) => match options.enforcement {
            Enforcement::Enforce => return Checked::Refuse(rejection),
            Enforcement::Observe => Caller::Refused(rejection),
        },
    };
    hand_on(options, layer.verifier.policy().limits(), caller, parts, body)
}

/// The request as the inner service gets it. What an outer layer said of it is overruled.
fn hand_on<B>(
    options: &Options,
    limits: &Limits,
    caller: Caller,
    mut parts: Parts,
    mut body: RequestBody<B>,
) -> Checked<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    parts.extensions.remove::<Verified>();
    parts.extensions.remove::<Rejection>();
    if !options.own_headers.is_empty() {
        options.own_headers.strip(&mut parts.headers);
        body.strip_trailers(options.own_headers.clone());
    }
    let (mut verified, mut too_long) = (false, None);
    match caller {
        Caller::Anonymous => {}
        Caller::Refused(rejection) => drop(parts.extensions.insert(rejection)),
        Caller::Verified(identity) => {
            if let Some(headers) = &options.identity_headers {
                headers.write(&identity, &mut parts.headers);
            }
            let unbounded = body.length() == BodyLength::Unknown;
            if unbounded && options.enforcement == Enforcement::Enforce {
                too_long = Some(body.limit_to(limits.max_body));
            }
            parts.extensions.insert(identity);
            verified = true;
        }
    }
    Checked::Pass { request: Request::from_parts(parts, body), verified, too_long }
}

/// All steps; `None` is a stranger where strangers may pass.
async fn verify<C, R, B>(
    layer: &AppAuthLayer<C, R>,
    parts: &Parts,
    body: &mut RequestBody<B>,
) -> Result<Option<Verified>, Rejection>
where
    C: CredentialStore,
    R: ReplayStore,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let (verifier, authentication) = (&layer.verifier, layer.options.authentication);
    let Some(intact) = before_claim(verifier, authentication, parts, body).await? else {
        return Ok(None);
    };
    let earlier = parts.extensions.get::<Verified>();
    verifier.claim(intact, earlier).await.map(Some)
}

fn accepted(verified: &Verified) {
    let (app_id, secret_version) = (verified.app_id(), verified.secret_version());
    telemetry::accepted(verified.mechanism(), Some(app_id), secret_version);
    telemetry::strict_findings(verified.strict_findings());
}

fn report(options: &Options, rejection: &Rejection, parts: &Parts, request_id: &RequestId) {
    let ca = CaHeaders::collect(&parts.headers);
    let context = RejectionContext {
        method: &parts.method,
        path: OriginalTarget::of(parts).path(),
        mechanism: Mechanism::presented(&ca),
        app_key: ca
            .key
            .filter(|key| key.len() <= AppKey::MAX_LEN)
            .and_then(|key| std::str::from_utf8(key).ok()),
        request_id,
        enforcement: options.enforcement,
    };
    telemetry::rejected(rejection, &context);
    if let Some(hook) = &options.on_rejection {
        hook(rejection, &context);
    }
}
