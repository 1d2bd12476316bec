use std::fmt;
use std::mem;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::check::check;
use super::{AppAuthLayer, ResponseFuture};
use crate::middleware::{RequestBody, RequestId, ResponseBody};
use crate::store::{CredentialStore, ReplayStore};

/// Lets only authentic requests reach the inner service. Made by [`AppAuthLayer`].
pub struct AppAuth<S, C, R> {
    inner: S,
    layer: AppAuthLayer<C, R>,
}

impl<S, C, R> AppAuth<S, C, R> {
    pub(super) const fn new(inner: S, layer: AppAuthLayer<C, R>) -> Self {
        Self { inner, layer }
    }
}

impl<S, C, R, B, ResBody> Service<Request<B>> for AppAuth<S, C, R>
where
    S: Service<Request<RequestBody<B>>, Response = Response<ResBody>> + Clone,
    C: CredentialStore,
    R: ReplayStore,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that was polled ready is used; its clone may not be.
        let clone = self.inner.clone();
        let inner = mem::replace(&mut self.inner, clone);

        let (mut parts, body) = request.into_parts();
        let request_id = RequestId::of(&mut parts.extensions);
        let checking = check(self.layer.clone(), parts, RequestBody::new(body), request_id.clone());
        ResponseFuture::new(Box::pin(checking), inner, self.layer.options.clone(), request_id)
    }
}

impl<S: Clone, C, R> Clone for AppAuth<S, C, R> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<S, C, R> fmt::Debug for AppAuth<S, C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppAuth").field("layer", &self.layer).finish_non_exhaustive()
    }
}
