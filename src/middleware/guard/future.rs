use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::CACHE_CONTROL;
use http::{HeaderValue, Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::CacheControl;
use super::check::{Checked, Passed};
use super::options::Options;
use crate::error::{ErrorCode, Rejection, render_handlers, rendered};
use crate::middleware::{RequestBody, RequestId, ResponseBody};

type Checking<B> = Pin<Box<dyn Future<Output = Checked<B>> + Send>>;

pin_project! {
    /// The response future of a [`Guard`](super::Guard).
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<RequestBody<B>>>,
    {
        #[pin]
        state: State<S, S::Future, B>,
        options: Arc<Options>,
        request_id: RequestId,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, F, B> {
        Checking { checking: Checking<B>, inner: S },
        Calling { #[pin] calling: F, passed: Passed },
    }
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<RequestBody<B>>>,
{
    pub(super) fn new(
        checking: Checking<B>,
        inner: S,
        options: Arc<Options>,
        request_id: RequestId,
    ) -> Self {
        Self { state: State::Checking { checking, inner }, options, request_id }
    }
}

impl<S, B, ResBody> Future for ResponseFuture<S, B>
where
    S: Service<Request<RequestBody<B>>, Response = Response<ResBody>>,
{
    type Output = Result<Response<ResponseBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProjection::Checking { checking, inner } => {
                    match ready!(checking.as_mut().poll(cx)) {
                        Checked::Refuse(rejection) => {
                            let response = refuse(&rejection, this.options, this.request_id);
                            return Poll::Ready(Ok(response));
                        }
                        Checked::Pass(request, passed) => {
                            State::Calling { calling: inner.call(request), passed }
                        }
                    }
                }
                StateProjection::Calling { calling, passed } => {
                    let response = ready!(calling.poll(cx))?;
                    if passed.body_was_too_long() {
                        let rejection = ErrorCode::I413RL.into();
                        return Poll::Ready(Ok(refuse(&rejection, this.options, this.request_id)));
                    }
                    let accepted = accept(response, passed, this.options, this.request_id);
                    return Poll::Ready(Ok(accepted));
                }
            };
            this.state.set(next);
        }
    }
}

fn refuse<B>(
    rejection: &Rejection,
    options: &Options,
    request_id: &RequestId,
) -> Response<ResponseBody<B>> {
    let response = rendered(&*options.renderer, rejection);
    let mut response = response.map(ResponseBody::rejection);
    request_id.write(response.headers_mut());
    response
}

fn accept<B>(
    mut response: Response<B>,
    passed: &Passed,
    options: &Options,
    request_id: &RequestId,
) -> Response<ResponseBody<B>> {
    let mut response = match render_handlers(&mut response, &*options.renderer) {
        Some(rendered) => rendered.map(ResponseBody::rejection),
        None => response.map(ResponseBody::inner),
    };
    let headers = response.headers_mut();
    request_id.write(headers);
    let verified = matches!(passed, Passed::Verified { .. });
    if verified && options.cache_control == CacheControl::Private {
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private"));
    }
    response
}

impl<S, B> std::fmt::Debug for ResponseFuture<S, B>
where
    S: Service<Request<RequestBody<B>>>,
{
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseFuture")
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}
