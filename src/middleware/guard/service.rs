use std::fmt;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::check::Exchange;
use super::options::Options;
use super::{Gate, ResponseFuture};
use crate::error::{Catalogue, ErrorCode};
use crate::middleware::request_body::BoxError;
use crate::middleware::{RequestBody, RequestId, ResponseBody};

/// Lets only those requests reach the inner service that its gate accepts: what all layers of this
/// crate are. Made by a [`GuardLayer`](super::GuardLayer).
///
/// A gate is what one layer knows and others do not, and only this crate makes them. Use a guard by
/// the name that it has with its gate: [`AppAuth`](crate::middleware::AppAuth).
pub struct Guard<S, G, C = ErrorCode> {
    inner: S,
    gate: Arc<G>,
    options: Arc<Options<C>>,
}

impl<S, G, C> Guard<S, G, C> {
    pub(super) const fn new(inner: S, gate: Arc<G>, options: Arc<Options<C>>) -> Self {
        Self { inner, gate, options }
    }
}

impl<S, G, C, B, ResBody> Service<Request<B>> for Guard<S, G, C>
where
    S: Service<Request<RequestBody<B>>, Response = Response<ResBody>> + Clone,
    G: Gate<Code = C>,
    C: Catalogue,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B, C>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that was polled ready is used; its clone may not be.
        let clone = self.inner.clone();
        let inner = mem::replace(&mut self.inner, clone);

        let (mut parts, body) = request.into_parts();
        let request_id = RequestId::of(&mut parts.extensions);
        let (gate, options) = (Arc::clone(&self.gate), Arc::clone(&self.options));
        let exchange = Exchange::new(gate, options, parts, RequestBody::new(body));
        let checking = Box::pin(exchange.check());
        ResponseFuture::new(checking, inner, Arc::clone(&self.options), request_id)
    }
}

impl<S: Clone, G, C> Clone for Guard<S, G, C> {
    fn clone(&self) -> Self {
        let (gate, options) = (Arc::clone(&self.gate), Arc::clone(&self.options));
        Self { inner: self.inner.clone(), gate, options }
    }
}

impl<S, G: fmt::Debug, C: Catalogue> fmt::Debug for Guard<S, G, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("gate", &self.gate)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
