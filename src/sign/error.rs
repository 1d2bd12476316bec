//! Why a request is not signed.

use crate::protocol::{SignedHeadersError, TooManyParams, UnknownSignatureMethod};

/// A request that is not signed, because a server would refuse it or could read it as another one.
///
/// It names headers and parameters, never their values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The target is a host and has no path, as that of `CONNECT`.
    #[error("the request target has no path")]
    NoPath,
    /// The path's decoded form, which the gateway signs, could be another request's: it contains a
    /// `?`, a control character, an escape that decoding produced, or the escape of a character that
    /// needs none. [`PathForm::Raw`](crate::protocol::PathForm::Raw) signs it as it is on the wire.
    #[error("the path would read as another one once decoded: sign its raw form")]
    AmbiguousPath,
    /// A parameter has two values, of which only one would be signed.
    #[error("the parameter `{0}` occurs twice with different values")]
    RepeatedParameter(String),
    /// A parameter's name contains `&` or `=` once decoded, or is a form's bare name with an escape:
    /// other parameters have the same string to sign.
    #[error("the parameter `{0}` has a name that reads as other parameters once decoded")]
    AmbiguousParameter(String),
    /// More parameters than a verifier reads.
    #[error("the request {0}")]
    TooManyParams(#[from] TooManyParams),
    /// A header that may occur once occurs again, or a signed header has two values, of which only
    /// one would be signed.
    #[error("the header `{0}` occurs more than once")]
    RepeatedHeader(String),
    /// The list of signed headers is one that verifiers refuse.
    #[error("X-Ca-Signature-Headers {0}")]
    SignedHeaders(#[from] SignedHeadersError),
    /// The signed headers and the target have more than 64 KiB.
    #[error("the signature would cover more than 64 KiB of headers")]
    TooLong,
    /// A request cannot have more headers.
    #[error("the request has too many headers to add one")]
    TooManyHeaders,
    /// `X-Ca-Signed-Content-Type` is not signed, or names another media type than `Content-Type`.
    #[error("X-Ca-Signed-Content-Type must be signed, and of the media type of Content-Type")]
    SignedContentType,
    /// `Content-Length` is not the body's length.
    #[error("Content-Length is not the length of the body")]
    ContentLength,
    /// `Content-MD5` is not the digest of the body.
    #[error("Content-MD5 is not the digest of the body")]
    ContentMd5,
    /// A form was given by its digest: its parameters are signed, so they must be known.
    #[error("a form is signed by its parameters: give its bytes, not its digest")]
    FormByDigest,
    /// Form fields are the body, and `Content-Type` names another type.
    #[error("Content-Type names no form, and the body is one")]
    NotAForm,
    /// `X-Ca-Signature-Method` names no known method.
    #[error("X-Ca-Signature-Method is {0}")]
    Method(#[from] UnknownSignatureMethod),
    /// The nonce is empty, longer than 256 bytes, or no header can carry it.
    #[error("the nonce is empty, too long, or no header's value")]
    Nonce,
    /// The time of signing is one that `Date` cannot say.
    #[error("the clock reads a time after the year 9999")]
    Date,
    /// The operating system has no random bytes to give.
    #[error("the operating system has no randomness for a nonce")]
    NoRandomness,
}
