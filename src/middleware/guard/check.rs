//! What becomes of a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::Request;
use http::request::Parts;
use http_body::Body;

use super::options::Options;
use super::{Enforcement, Gate, Held, PresentedCredential, RejectionContext};
use crate::error::{Catalogue, Rejection};
use crate::middleware::request_body::BoxError;
use crate::middleware::{OriginalTarget, RequestBody, RequestId, telemetry};
use crate::protocol::BodyLength;

/// What becomes of a request.
#[allow(clippy::large_enum_variant, reason = "nearly every request passes")]
pub(super) enum Checked<B, C> {
    /// It goes to the inner service, with what may be taken back.
    Pass(Request<RequestBody<B>>, Passed, Held),
    /// It is answered.
    Refuse(Rejection<C>),
}

/// As what a request passes.
pub(super) enum Passed {
    /// If the flag is raised meanwhile, its body was too long.
    Verified { too_long: Option<Arc<AtomicBool>> },
    /// As a stranger's, or refused and only observed.
    Unverified,
}

impl Passed {
    pub(super) fn body_was_too_long(&self) -> bool {
        match self {
            Self::Verified { too_long: Some(raised) } => raised.load(Ordering::Relaxed),
            Self::Verified { too_long: None } | Self::Unverified => false,
        }
    }
}

#[allow(
    clippy::manual_async_fn,
    reason = "that would keep its arguments twice in a future that is boxed"
)]
pub(super) fn check<G, B>(
    gate: Arc<G>,
    options: Arc<Options<G::Code>>,
    parts: Parts,
    mut body: RequestBody<B>,
    request_id: RequestId,
) -> impl Future<Output = (Checked<B, G::Code>, <G::Code as Catalogue>::Asked)> + Send
where
    G: Gate,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin,
{
    async move {
        let mut held = Held::default();
        let outcome = telemetry::in_span(G::LAYER, &request_id, async {
            let outcome = gate.verify(&parts, &mut body, &mut held).await;
            match &outcome {
                Ok(Some(identity)) => gate.accepted(identity),
                Ok(None) => telemetry::anonymous(),
                Err(rejection) => {
                    report(&options, rejection, gate.presented(&parts), &parts, &request_id);
                }
            }
            outcome
        })
        .await;
        let asked = gate.asked(&parts, body.bytes_read());
        let checked = match (outcome, options.enforcement) {
            (Err(rejection), Enforcement::Enforce) => {
                if let Some(taking_back) = held.take_back() {
                    taking_back.await;
                }
                Checked::Refuse(rejection)
            }
            (outcome, enforcement) => {
                let (request, passed) = hand_on(&*gate, enforcement, outcome, parts, body);
                Checked::Pass(request, passed, held)
            }
        };
        (checked, asked)
    }
}

/// The request as the inner service gets it. What an outer layer said of it is overruled.
fn hand_on<G, B>(
    gate: &G,
    enforcement: Enforcement,
    outcome: Result<Option<G::Identity>, Rejection<G::Code>>,
    mut parts: Parts,
    mut body: RequestBody<B>,
) -> (Request<RequestBody<B>>, Passed)
where
    G: Gate,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let own = gate.own_headers();
    if !own.is_empty() {
        own.strip(&mut parts.headers);
        body.strip_trailers(own.clone());
    }
    parts.extensions.remove::<Rejection<G::Code>>();
    let identity = outcome.unwrap_or_else(|rejection| {
        parts.extensions.insert(rejection);
        None
    });
    let passed = match identity {
        Some(_) => {
            let unbounded = body.length() == BodyLength::Unknown;
            let bounds = unbounded && enforcement == Enforcement::Enforce;
            Passed::Verified { too_long: bounds.then(|| body.limit_to(gate.max_body())) }
        }
        None => Passed::Unverified,
    };
    gate.hand_on(identity, &mut parts);
    (Request::from_parts(parts, body), passed)
}

fn report<C: Catalogue>(
    options: &Options<C>,
    rejection: &Rejection<C>,
    presented: PresentedCredential<'_>,
    parts: &Parts,
    request_id: &RequestId,
) {
    let context = RejectionContext {
        method: &parts.method,
        path: OriginalTarget::of(parts).path(),
        mechanism: presented.mechanism,
        app_key: presented.app_key,
        request_id,
        enforcement: options.enforcement,
    };
    telemetry::rejected(rejection, &context);
    if let Some(hook) = &options.on_rejection {
        hook(rejection, &context);
    }
}
