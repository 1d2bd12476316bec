use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::Held;
use super::answer::{is_failure, refusal, response};
use super::check::{Checked, Passed};
use super::held::TakingBack;
use super::options::Options;
use crate::error::{Catalogue, ErrorCode};
use crate::middleware::{RequestBody, RequestId, ResponseBody};

type Answer<S, B> = Result<
    <S as Service<Request<RequestBody<B>>>>::Response,
    <S as Service<Request<RequestBody<B>>>>::Error,
>;

type Checking<B, C> =
    Pin<Box<dyn Future<Output = (Checked<B, C>, <C as Catalogue>::Asked)> + Send>>;

pin_project! {
    /// The response future of a [`Guard`](super::Guard).
    pub struct ResponseFuture<S, B, C = ErrorCode>
    where
        S: Service<Request<RequestBody<B>>>,
        C: Catalogue,
    {
        #[pin]
        state: State<S, S::Future, B, C, Answer<S, B>>,
        options: Arc<Options<C>>,
        request_id: RequestId,
        // Known when the request is checked.
        asked: C::Asked,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, F, B, C, A>
    where
        C: Catalogue,
    {
        Checking { checking: Checking<B, C>, inner: S },
        // In this order: the inner service is gone before its claim is taken back.
        Calling { #[pin] calling: F, passed: Passed, held: Held },
        TakingBack { taking_back: TakingBack, answer: Option<A>, passed: Passed },
    }
}

impl<S, B, C> ResponseFuture<S, B, C>
where
    S: Service<Request<RequestBody<B>>>,
    C: Catalogue,
{
    pub(super) fn new(
        checking: Checking<B, C>,
        inner: S,
        options: Arc<Options<C>>,
        request_id: RequestId,
    ) -> Self {
        let asked = C::Asked::default();
        Self { state: State::Checking { checking, inner }, options, request_id, asked }
    }
}

impl<S, B, ResBody, C> Future for ResponseFuture<S, B, C>
where
    S: Service<Request<RequestBody<B>>, Response = Response<ResBody>>,
    C: Catalogue,
{
    type Output = Result<Response<ResponseBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let (options, request_id) = (&**this.options, &*this.request_id);
        loop {
            let next = match this.state.as_mut().project() {
                StateProjection::Checking { checking, inner } => {
                    let (checked, asked) = ready!(checking.as_mut().poll(cx));
                    *this.asked = asked;
                    match checked {
                        Checked::Refuse(rejection) => {
                            let refusal = refusal(&rejection, options, request_id, this.asked);
                            return Poll::Ready(Ok(refusal));
                        }
                        Checked::Pass(request, passed, mut held) => {
                            let calling = held.run(|| inner.call(request));
                            State::Calling { calling, passed, held }
                        }
                    }
                }
                StateProjection::Calling { calling, passed, held } => {
                    let answer = ready!(held.run(|| calling.poll(cx)));
                    if !is_failure::<_, _, C>(&answer) || passed.body_was_too_long() {
                        held.keep();
                    }
                    let Some(taking_back) = held.take_back() else {
                        let response =
                            |answered| response(answered, passed, options, request_id, this.asked);
                        return Poll::Ready(answer.map(response));
                    };
                    let passed = mem::replace(passed, Passed::Unverified);
                    State::TakingBack { taking_back, answer: Some(answer), passed }
                }
                StateProjection::TakingBack { taking_back, answer, passed } => {
                    ready!(taking_back.as_mut().poll(cx));
                    let response =
                        |answered| response(answered, passed, options, request_id, this.asked);
                    let answer = answer.take().map(|answer| answer.map(response));
                    return answer.map_or(Poll::Pending, Poll::Ready);
                }
            };
            this.state.set(next);
        }
    }
}

impl<S, B, C> std::fmt::Debug for ResponseFuture<S, B, C>
where
    S: Service<Request<RequestBody<B>>>,
    C: Catalogue,
{
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseFuture")
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}
