//! Why a call was not answered.

use crate::middleware::request_body::BoxError;
use crate::sign::SignError;

/// What [`Sign`](super::Sign) answers instead of a response.
#[derive(Debug, thiserror::Error)]
pub enum CallError<E> {
    /// The request was not sent.
    #[error("the request was not sent: {0}")]
    NotSent(#[source] NotSent),
    /// The inner service failed.
    #[error(transparent)]
    Inner(E),
}

/// Why a request was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotSent {
    /// It cannot be signed.
    #[error(transparent)]
    Unsigned(#[from] SignError),
    /// Its URL names nothing that can be asked for.
    #[error("the URL is no request target")]
    Url,
    /// Its body is a stream of unknown length, and nothing says its digest.
    #[error("a streamed body is signed by its digest: set Content-MD5")]
    StreamWithoutDigest,
    /// Its body is longer than the layer buffers, and nothing says its digest.
    #[error("the body is longer than {max} bytes: set Content-MD5, and it is streamed")]
    BodyTooLong {
        /// The most bytes that are buffered
        /// ([`SignLayer::with_max_buffered`](super::SignLayer::with_max_buffered)).
        max: usize,
    },
    /// Its body could not be read.
    #[error("the body could not be read")]
    Body(#[source] BoxError),
}

impl<E> From<NotSent> for CallError<E> {
    fn from(reason: NotSent) -> Self {
        Self::NotSent(reason)
    }
}
