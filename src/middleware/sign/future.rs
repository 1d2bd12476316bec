use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tower_service::Service;

use super::content::{Content, declared_digest};
use super::message::sealed::Answer as _;
use super::settings::Settings;
use super::{Answer, CallError, NotSent, SignableMessage};

type Reading<B> = Pin<Box<dyn Future<Output = Result<Content<B>, NotSent>> + Send>>;

pin_project! {
    /// Answers a request once it is signed and sent.
    pub struct ResponseFuture<S, M>
    where
        S: Service<M::Signed>,
        M: SignableMessage,
    {
        #[pin]
        state: State<S::Future, Reading<M::Body>>,
        inner: S,
        settings: Arc<Settings>,
        // To be signed next.
        head: Option<M::Head>,
        // What is signed once more if the server's clock turns out to be another one.
        spare: Option<(M::Head, Content<M::Body>)>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, R> {
        Reading { reading: R },
        Calling { #[pin] calling: F },
        // For the inner service, to send once more.
        Waiting,
    }
}

impl<S, M> ResponseFuture<S, M>
where
    S: Service<M::Signed>,
    M: SignableMessage,
{
    pub(super) fn new(request: M, inner: S, settings: Arc<Settings>) -> Self {
        let (head, body) = request.take_apart();
        let digest = declared_digest(M::headers(&head));
        let reading: Reading<M::Body> = Box::pin(Content::of(body, digest, settings.max_buffered));
        let state = State::Reading { reading };
        Self { state, inner, settings, head: Some(head), spare: None }
    }
}

impl<S, M> Future for ResponseFuture<S, M>
where
    S: Service<M::Signed, Response: Answer>,
    M: SignableMessage,
{
    type Output = Result<S::Response, CallError<S::Error>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let (head, content) = match this.state.as_mut().project() {
                StateProjection::Reading { reading } => {
                    let content = ready!(reading.as_mut().poll(cx))?;
                    let Some(head) = this.head.take() else {
                        return Poll::Pending; // Polled after the end.
                    };
                    if this.settings.learns() {
                        *this.spare = M::duplicate(&head).zip(content.duplicate());
                    }
                    (head, content)
                }
                StateProjection::Calling { calling } => {
                    let answer = ready!(calling.poll(cx)).map_err(CallError::Inner)?;
                    let learned = this.settings.learn(answer.headers());
                    if !learned || this.spare.is_none() {
                        return Poll::Ready(Ok(answer));
                    }
                    this.state.set(State::Waiting);
                    continue;
                }
                StateProjection::Waiting => {
                    ready!(this.inner.poll_ready(cx)).map_err(CallError::Inner)?;
                    let Some(spare) = this.spare.take() else {
                        return Poll::Pending; // It is there, or this is not waited for.
                    };
                    spare
                }
            };
            let request = this.settings.sign::<M>(head, content)?;
            let calling = this.inner.call(request);
            this.state.set(State::Calling { calling });
        }
    }
}

impl<S, M> fmt::Debug for ResponseFuture<S, M>
where
    S: Service<M::Signed>,
    M: SignableMessage,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("settings", &self.settings).finish_non_exhaustive()
    }
}
