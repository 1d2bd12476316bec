//! What becomes of a request.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::request::Parts;
use http_body::Body;

use super::options::Options;
use super::{Enforcement, Gate, Held, PresentedCredential, RejectionContext};
use crate::error::{Catalogue, Rejection};
use crate::middleware::request_body::{Allowance, BoxError};
use crate::middleware::span::in_span;
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
    /// Its body may have been too long, if its length was not known.
    Verified { bound: Option<Arc<Allowance>> },
    /// As a stranger's, or refused and only observed.
    Unverified,
}

impl Passed {
    pub(super) fn body_was_too_long(&self) -> bool {
        match self {
            Self::Verified { bound: Some(bound) } => bound.is_exceeded(),
            Self::Verified { bound: None } | Self::Unverified => false,
        }
    }
}

/// A request while it is checked. It lives in a box, and what is checked borrows from it there.
pub(super) struct Exchange<G: Gate, B> {
    gate: Arc<G>,
    options: Arc<Options<G::Code>>,
    parts: Parts,
    body: RequestBody<B>,
    held: Held,
}

impl<G, B> Exchange<G, B>
where
    G: Gate,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin,
{
    pub(super) fn new(
        gate: Arc<G>,
        options: Arc<Options<G::Code>>,
        parts: Parts,
        body: RequestBody<B>,
    ) -> Self {
        Self { gate, options, parts, body, held: Held::default() }
    }

    #[allow(
        clippy::manual_async_fn,
        reason = "that would keep the request twice in a future that is boxed"
    )]
    pub(super) fn check(
        mut self,
    ) -> impl Future<Output = (Checked<B, G::Code>, <G::Code as Catalogue>::Asked)> + Send {
        async move {
            let verification = {
                let request_id = RequestId::of(&mut self.parts.extensions);
                in_span(G::LAYER, &request_id, self.verify())
            };
            let outcome = verification.await;
            let asked = self.gate.asked(&self.parts, self.body.bytes_read());
            let checked = match (outcome, self.options.enforcement) {
                (Err(rejection), Enforcement::Enforce) => {
                    if let Some(taking_back) = self.held.take_back() {
                        taking_back.await;
                    }
                    Checked::Refuse(rejection)
                }
                (outcome, enforcement) => {
                    let passed = self.hand_on(outcome, enforcement);
                    let request = Request::from_parts(self.parts, self.body);
                    Checked::Pass(request, passed, self.held)
                }
            };
            (checked, asked)
        }
    }

    /// The gate's decision, which is told whoever listens.
    async fn verify(&mut self) -> Result<Option<G::Identity>, Rejection<G::Code>> {
        let outcome = self.gate.verify(&self.parts, &mut self.body, &mut self.held).await;
        match &outcome {
            Ok(Some(identity)) => self.gate.accepted(identity),
            Ok(None) => telemetry::anonymous(),
            Err(rejection) => self.report(rejection),
        }
        outcome
    }

    fn report(&mut self, rejection: &Rejection<G::Code>) {
        let request_id = RequestId::of(&mut self.parts.extensions);
        let PresentedCredential { mechanism, app_key } = self.gate.presented(&self.parts);
        let context = RejectionContext {
            method: &self.parts.method,
            path: OriginalTarget::of(&self.parts).path(),
            mechanism,
            app_key,
            request_id: &request_id,
            enforcement: self.options.enforcement,
        };
        telemetry::rejected(rejection, &context);
        if let Some(hook) = &self.options.on_rejection {
            hook(rejection, &context);
        }
    }

    /// The request as the inner service gets it. What an outer layer said of it is overruled.
    fn hand_on(
        &mut self,
        outcome: Result<Option<G::Identity>, Rejection<G::Code>>,
        enforcement: Enforcement,
    ) -> Passed {
        let Self { gate, parts, body, .. } = self;
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
                Passed::Verified { bound: bounds.then(|| body.limit_to(gate.max_body())) }
            }
            None => Passed::Unverified,
        };
        gate.hand_on(identity, parts);
        passed
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;
    use crate::error::Dialect;
    use crate::middleware::app_auth::AppAuthGate;
    use crate::store::{MemoryCredentials, MemoryReplayStore};
    use crate::verify::Verifier;

    #[test]
    fn a_check_takes_no_more_memory_than_is_quickly_had() {
        let verifier = Verifier::new(MemoryCredentials::new([]).unwrap(), MemoryReplayStore::new());
        let options = Arc::new(Options::new(Dialect::default()));
        let (parts, body) = Request::new(Full::<Bytes>::default()).into_parts();
        let gate = Arc::new(AppAuthGate::new(verifier));
        let exchange = Exchange::new(gate, options, parts, RequestBody::new(body));
        // The most that the C library's allocator keeps at hand.
        assert!(size_of_val(&exchange.check()) <= 1032);
    }
}
