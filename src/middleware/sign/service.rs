use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use tower_service::Service;

use super::settings::Settings;
use super::{Answer, CallError, ResponseFuture, SignableMessage};

/// Signs what it sends. Made by a [`SignLayer`](super::SignLayer).
#[derive(Clone, Debug)]
pub struct Sign<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> Sign<S> {
    pub(super) const fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }
}

impl<S, M> Service<M> for Sign<S>
where
    M: SignableMessage,
    S: Service<M::Signed, Response: Answer> + Clone,
{
    type Response = S::Response;
    type Error = CallError<S::Error>;
    type Future = ResponseFuture<S, M>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(CallError::Inner)
    }

    fn call(&mut self, request: M) -> Self::Future {
        // The service that was polled ready is used; its clone may not be.
        let clone = self.inner.clone();
        let inner = mem::replace(&mut self.inner, clone);
        ResponseFuture::new(request, inner, Arc::clone(&self.settings))
    }
}
