//! A layer as one writes it in an afternoon: it reads the body, asks, and hands both on.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service};

#[derive(Clone)]
pub(crate) struct AroundLayer<F>(F);

impl<F> AroundLayer<F> {
    pub(crate) const fn new(accepts: F) -> Self {
        Self(accepts)
    }
}

impl<S, F: Clone> Layer<S> for AroundLayer<F> {
    type Service = Around<S, F>;

    fn layer(&self, inner: S) -> Self::Service {
        Around { inner, accepts: self.0.clone() }
    }
}

#[derive(Clone)]
pub(crate) struct Around<S, F> {
    inner: S,
    accepts: F,
}

impl<S, F, B, A> Service<Request<B>> for Around<S, F>
where
    S: Service<Request<Full<Bytes>>, Response = Response<A>, Future: Send> + Clone + Send + 'static,
    F: Fn(&Parts, &[u8]) -> bool + Clone + Send + 'static,
    B: Body<Data: Send, Error: std::fmt::Debug> + Send + 'static,
    A: Default,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<A>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let accepts = self.accepts.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            if !accepts(&parts, &body) {
                let mut refusal = Response::new(A::default());
                *refusal.status_mut() = StatusCode::FORBIDDEN;
                return Ok(refusal);
            }
            inner.call(Request::from_parts(parts, Full::new(body))).await
        })
    }
}
