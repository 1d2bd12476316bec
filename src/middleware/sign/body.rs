//! A request's body, as the inner service gets it.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::middleware::request_body::BoxError;

pin_project! {
    /// The body of a signed request: from memory, if it was read to be signed, else as it was.
    pub struct SignedBody<B> {
        #[pin]
        content: Content<B>,
    }
}

pin_project! {
    #[project = ContentProjection]
    enum Content<B> {
        Buffered { buffered: Buffered },
        Streamed { #[pin] body: B },
    }
}

/// What was read of a body.
#[derive(Clone, Default)]
pub(super) struct Buffered {
    pub(super) bytes: Bytes,
    pub(super) trailers: Option<HeaderMap>,
}

impl<B> SignedBody<B> {
    pub(super) const fn buffered(buffered: Buffered) -> Self {
        Self { content: Content::Buffered { buffered } }
    }

    pub(super) const fn streamed(body: B) -> Self {
        Self { content: Content::Streamed { body } }
    }
}

#[cfg(feature = "reqwest")]
impl SignedBody<reqwest::Body> {
    /// Bytes stay bytes, so that reqwest can send them again on another connection.
    pub(super) fn into_reqwest(self) -> reqwest::Body {
        match self.content {
            Content::Buffered { buffered: Buffered { bytes, trailers: None } } => bytes.into(),
            Content::Streamed { body } => body,
            content => reqwest::Body::wrap(Self { content }),
        }
    }
}

impl<B> Body for SignedBody<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.project().content.project() {
            ContentProjection::Buffered { buffered } => {
                let bytes = std::mem::take(&mut buffered.bytes);
                let frame = match bytes.is_empty() {
                    false => Some(Frame::data(bytes)),
                    true => buffered.trailers.take().map(Frame::trailers),
                };
                Poll::Ready(frame.map(Ok))
            }
            ContentProjection::Streamed { body } => {
                Poll::Ready(ready!(body.poll_frame(cx)).map(|frame| frame.map_err(Into::into)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Buffered { buffered } => {
                buffered.bytes.is_empty() && buffered.trailers.is_none()
            }
            Content::Streamed { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Buffered { buffered } => {
                SizeHint::with_exact(u64::try_from(buffered.bytes.len()).unwrap_or(u64::MAX))
            }
            Content::Streamed { body } => body.size_hint(),
        }
    }
}

/// How long, not what.
impl<B> fmt::Debug for SignedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.content {
            Content::Buffered { buffered } => {
                write!(f, "SignedBody({} bytes)", buffered.bytes.len())
            }
            Content::Streamed { .. } => f.write_str("SignedBody(streamed)"),
        }
    }
}
