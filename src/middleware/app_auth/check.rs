//! Takes the verifier's steps, and reads the body where one asks for it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use http::Request;
use http::request::Parts;
use http_body::Body;
use tokio::time::timeout;

use super::AppAuthLayer;
use super::options::{Authentication, Enforcement, Options, RejectionContext};
use crate::credential::AppKey;
use crate::error::{ErrorCode, Rejection};
use crate::middleware::request_body::BoxError;
use crate::middleware::telemetry::{self, LayerName};
use crate::middleware::{OriginalTarget, RequestBody, RequestId};
use crate::protocol::{BodyLength, CaHeaders, RequestHead};
use crate::store::{CredentialStore, ReplayStore};
use crate::verify::{BodyStage, FormReservation, Limits, Mechanism, Timely, Verified, Verifier};

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
        let caller = caller(&layer.verifier, options.authentication, &parts, &mut body).await;
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

/// The verifier's steps; `None` is a stranger on a route that lets strangers pass.
async fn caller<C, R, B>(
    verifier: &Verifier<C, R>,
    authentication: Authentication,
    parts: &Parts,
    body: &mut RequestBody<B>,
) -> Result<Option<Verified>, Rejection>
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
        read_form(&timely, limits, &mut held, body).await?;
        verifier.authenticate(timely, body.bytes_read())?
    } else {
        verifier.authenticate(timely, b"")?
    };
    let intact = match verifier.authorize(authentic).await?.body() {
        BodyStage::Uncovered(intact) => intact,
        BodyStage::Digest(mut check) => {
            check.update(body.bytes_read())?;
            let rest = async {
                while let Some(bytes) = body.read_on().await? {
                    check.update(&bytes)?;
                }
                Ok(())
            };
            in_time(limits, rest).await?;
            check.finish()?
        }
    };
    let earlier = parts.extensions.get::<Verified>();
    verifier.claim(intact, earlier).await.map(Some)
}

/// Step 4's read: bounded in length, in time and in what all such reads may hold together.
async fn read_form<B>(
    timely: &Timely<'_>,
    limits: &Limits,
    held: &mut FormReservation,
    body: &mut RequestBody<B>,
) -> Result<(), Rejection>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let limit = usize::try_from(timely.body_limit()).unwrap_or(usize::MAX);
    let read = async {
        while let Some(bytes) = body.read_on().await? {
            if body.bytes_read().len() > limit {
                return Err(ErrorCode::I413RL.into());
            }
            held.hold(bytes.len())?;
        }
        Ok(())
    };
    in_time(limits, read).await
}

async fn in_time(
    limits: &Limits,
    read: impl Future<Output = Result<(), Rejection>>,
) -> Result<(), Rejection> {
    timeout(limits.body_read_timeout, read).await.unwrap_or_else(|_elapsed| {
        Err(Rejection::new(ErrorCode::I400BD).with("it did not arrive in time"))
    })
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
