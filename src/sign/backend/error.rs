//! Why a request is not signed.

use http::HeaderName;

use crate::protocol::{SignedHeadersError, TooManyParams};

/// A request that is not signed, because a verifier would refuse it, or a signature would cover only
/// a part of it. It names headers and parameters, never their values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackendSignError {
    /// The target has no path: `CONNECT`.
    #[error("the request target has no path")]
    NoPath,
    /// A header that decides security occurs twice, or a signed one has two values.
    #[error("the header `{0}` occurs more than once")]
    RepeatedHeader(HeaderName),
    /// The list of signed headers is one that verifiers refuse.
    #[error("X-Ca-Proxy-Signature-Headers {0}")]
    SignedHeaders(#[from] SignedHeadersError),
    /// More parameters than a verifier reads.
    #[error("the request {0}")]
    TooManyParams(#[from] TooManyParams),
    /// A parameter has two values, of which only one would be signed.
    #[error("the parameter `{0}` occurs twice with different values")]
    RepeatedParameter(String),
    /// A parameter's name contains `&` or `=` once decoded, or is a form's bare name with an escape:
    /// other parameters have the same string to sign.
    #[error("the parameter `{0}` has a name that reads as other parameters once decoded")]
    AmbiguousParameter(String),
    /// The request carries a `Content-MD5` that is no digest, or another body's.
    #[error("Content-MD5 is not the digest of the body")]
    ContentMd5,
    /// A form's parameters are signed, so its bytes must be known.
    #[error("a form is signed by its parameters: give its bytes")]
    FormWithoutBytes,
    /// The operating system has no random bytes for a nonce.
    #[error("there is no randomness for a nonce")]
    NoRandomness,
    /// The request has more headers than a map can hold.
    #[error("the request has too many headers to add one")]
    TooManyHeaders,
}
