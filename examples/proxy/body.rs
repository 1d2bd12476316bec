//! Bodies on their way through: each frame as it comes, and not held. Who sends none for a while has
//! stopped, and the connections of the exchange are closed.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use super::headers::reserved::strip_trailers;
use super::metrics::{self, InFlight};
use super::progress::Progress;
use crate::common::BoxError;

/// No frame came in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no byte of the body came for a while")]
pub(crate) struct Stalled;

/// A body that must not stop for longer than it may. The time does not run while nobody reads it.
struct Steady<B> {
    inner: B,
    pause: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin> Steady<B> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            self.waiting = None;
            let mut frame = frame.map(|frame| frame.map_err(Into::into));
            if let Some(Ok(frame)) = &mut frame {
                frame.trailers_mut().map(strip_trailers);
            }
            return Poll::Ready(frame);
        }
        let pause = self.pause;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
        waiting.as_mut().poll(cx).map(|()| Some(Err(Stalled.into())))
    }
}

/// A request's body. How far it has come is told to whoever waits for the answer.
pub(crate) struct FromCaller<B> {
    body: Steady<B>,
    progress: Arc<Progress>,
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin> FromCaller<B> {
    pub(crate) fn new(inner: B, pause: Duration) -> (Self, Arc<Progress>) {
        let progress = Arc::<Progress>::default();
        let body = Steady { inner, pause, waiting: None };
        (Self { body, progress: Arc::clone(&progress) }, progress)
    }
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin> Body for FromCaller<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let frame = this.body.poll(cx);
        match &frame {
            Poll::Pending => this.progress.wait_for_caller(),
            Poll::Ready(Some(Err(error))) if error.is::<Stalled>() => this.progress.stall(),
            Poll::Ready(Some(Err(_))) => this.progress.fail(),
            Poll::Ready(_) => this.progress.advance(),
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.inner.size_hint()
    }
}

/// An answer's body. If it breaks off, so does the caller's connection: what was sent of it cannot
/// become a code.
pub(crate) struct FromService<B> {
    body: Steady<B>,
    _in_flight: InFlight,
}

impl<B> FromService<B> {
    pub(crate) fn new(inner: B, pause: Duration, in_flight: InFlight) -> Self {
        Self { body: Steady { inner, pause, waiting: None }, _in_flight: in_flight }
    }
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin> Body for FromService<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = self.get_mut().body.poll(cx);
        if let Poll::Ready(Some(Err(_))) = &frame {
            metrics::answer_broke_off();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http_body_util::{BodyExt, StreamBody};

    use super::*;
    use crate::proxy::testing::headers;

    const PAUSE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_ends_in_an_error_and_one_that_is_slow_does_not() {
        let slow = stream::unfold(0, async |sent| {
            tokio::time::sleep(PAUSE - Duration::from_secs(1)).await;
            (sent < 5).then(|| (Ok::<_, Infallible>(Frame::data(Bytes::from("x"))), sent + 1))
        });
        let (slow, progress) = FromCaller::new(StreamBody::new(Box::pin(slow)), PAUSE);
        assert_eq!(slow.collect().await.unwrap().to_bytes(), "xxxxx");
        assert!(progress.fault().is_none());

        let stopped = stream::pending::<Result<Frame<Bytes>, Infallible>>();
        let (stopped, progress) = FromCaller::new(StreamBody::new(stopped), PAUSE);
        assert!(stopped.collect().await.unwrap_err().is::<Stalled>());
        assert!(progress.fault().is_some());
    }

    #[tokio::test]
    async fn trailers_are_stripped_of_what_they_must_not_say() {
        let trailers = headers(&[("x-sum", "1"), ("x-forwarded-for", "1.2.3.4")]);
        let frames = stream::iter([Ok::<_, Infallible>(Frame::trailers(trailers))]);
        let (body, _) = FromCaller::new(StreamBody::new(frames), PAUSE);
        let collected = body.collect().await.unwrap();
        assert_eq!(collected.trailers().unwrap(), &headers(&[("x-sum", "1")]));
    }
}
