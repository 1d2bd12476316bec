//! What is known of a body before its request is signed.
//!
//! 1. No body, or one that ends at once, is empty.
//! 2. A body of a known length that may be buffered is read.
//! 3. Any other is streamed, and signed by the digest in `Content-MD5`; without one it is refused.

use bytes::Bytes;
use http::HeaderMap;
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::NotSent;
use super::body::{Buffered, SignedBody};
use crate::header;
use crate::middleware::request_body::BoxError;
use crate::protocol::ContentMd5;
use crate::sign::SignableBody;

/// A request's body: all of it, or a stream with its digest.
pub(super) enum Content<B> {
    None,
    Buffered(Buffered),
    Streamed(B, ContentMd5),
}

impl<B> Content<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    pub(super) async fn of(
        body: Option<B>,
        digest: Option<ContentMd5>,
        max: usize,
    ) -> Result<Self, NotSent> {
        let Some(body) = body else {
            return Ok(Self::None);
        };
        let length = if body.is_end_stream() { Some(0) } else { body.size_hint().exact() };
        match (length.map(usize::try_from), digest) {
            (Some(Ok(length)), _) if length <= max => read(body, max).await.map(Self::Buffered),
            (_, Some(digest)) => Ok(Self::Streamed(body, digest)),
            (Some(_), None) => Err(NotSent::BodyTooLong { max }),
            (None, None) => Err(NotSent::StreamWithoutDigest),
        }
    }

    pub(super) fn signable(&self) -> SignableBody<'_> {
        match self {
            Self::None => SignableBody::Empty,
            Self::Buffered(buffered) => SignableBody::Bytes(&buffered.bytes),
            Self::Streamed(_, digest) => SignableBody::Digest(*digest),
        }
    }

    /// The same once more, if it was read.
    pub(super) fn duplicate(&self) -> Option<Self> {
        match self {
            Self::None => Some(Self::None),
            Self::Buffered(buffered) => Some(Self::Buffered(buffered.clone())),
            Self::Streamed(..) => None,
        }
    }

    pub(super) fn into_body(self) -> Option<SignedBody<B>> {
        match self {
            Self::None => None,
            Self::Buffered(buffered) => Some(SignedBody::buffered(buffered)),
            Self::Streamed(body, _) => Some(SignedBody::streamed(body)),
        }
    }
}

/// The digest that a request's own headers declare.
pub(super) fn declared_digest(headers: &HeaderMap) -> Option<ContentMd5> {
    ContentMd5::decode(headers.get(header::CONTENT_MD5)?.as_bytes().trim_ascii())
}

async fn read<B>(body: B, max: usize) -> Result<Buffered, NotSent>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    // A body may be longer than it says.
    let collected = Limited::new(body, max).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            NotSent::BodyTooLong { max }
        } else {
            NotSent::Body(error)
        }
    })?;
    let trailers = collected.trailers().cloned();
    Ok(Buffered { bytes: collected.to_bytes(), trailers })
}
