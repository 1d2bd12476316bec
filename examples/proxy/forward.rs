//! Sends a verified request to the service, and the service's answer to the caller.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use countersign::error::Rejection;
use countersign::middleware::RequestBody;
use http::{Request, Response, StatusCode, Version};
use http_body::Body;
use http_body_util::{BodyExt, Either, Full};
use hyper::body::Incoming;

use super::backend::Backend;
use super::body::{FromCaller, FromService};
use super::faults;
use super::headers::{connection, framing};
use super::metrics::{self, InFlight};
use super::rewrite::Rules;
use super::upstream::Pool;
use crate::common::BoxError;

/// The service's answer, or a fault's.
pub(crate) type Answer = Either<FromService<Incoming>, Full<Bytes>>;

/// How long the service and the caller may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Patience {
    /// From the end of the request to the head of the answer.
    pub(crate) answer: Duration,
    /// Between two pieces of a body.
    pub(crate) pause: Duration,
}

/// The inner service. It takes the body that only a layer makes: nobody comes here unverified.
#[derive(Clone)]
pub(crate) struct Forward(Arc<Inner>);

struct Inner {
    pool: Pool,
    rules: Rules,
    backend: Option<Backend>,
    patience: Patience,
}

impl Forward {
    pub(crate) fn new(
        pool: Pool,
        rules: Rules,
        backend: Option<Backend>,
        patience: Patience,
    ) -> Self {
        Self(Arc::new(Inner { pool, rules, backend, patience }))
    }

    /// The answer of the service; if there is none, the code that says why. The layer renders it as it
    /// renders its own.
    pub(crate) async fn call<B>(self, request: Request<RequestBody<B>>) -> Response<Answer>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        self.0.exchange(request).await.unwrap_or_else(|rejection| {
            metrics::refused(rejection.code());
            Response::from(rejection).map(|body| Either::Right(Full::new(body)))
        })
    }
}

impl Inner {
    async fn exchange<B>(
        &self,
        request: Request<RequestBody<B>>,
    ) -> Result<Response<Answer>, Rejection>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        let in_flight = InFlight::begin();
        let method = request.method().clone();
        let (mut head, body) = request.into_parts();
        self.rules.rewrite(&mut head, &body)?;
        let body = match &self.backend {
            Some(backend) => backend.sign(&mut head, body, self.patience.pause).await?,
            None => body.boxed_unsync(),
        };
        let (body, progress) = FromCaller::new(body, self.patience.pause);

        let answer = self.pool.request(Request::from_parts(head, body));
        let answer = progress.answer(self.patience.answer, answer).await?;
        let answer = answer.map_err(|error| {
            let callers = progress.fault();
            callers.unwrap_or_else(|| faults::rejection(&error, &self.rules.upstream))
        })?;
        in_flight.answered();

        let (mut head, body) = answer.into_parts();
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(faults::unusable("it switched protocols"));
        }
        if framing::is_foreign(&head.headers) {
            return Err(faults::unusable("the answer has a transfer coding"));
        }
        connection::end_response(&mut head.headers);
        framing::frame_response(&mut head.headers, &method, head.status, &body);
        head.extensions.clear();
        // That of the caller's connection is the server's to choose.
        head.version = Version::default();
        let body = FromService::new(body, self.patience.pause, in_flight);
        Ok(Response::from_parts(head, Either::Left(body)))
    }
}
