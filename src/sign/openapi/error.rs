//! Why an OpenAPI request is not signed.

use crate::protocol::openapi::V3SignedHeadersError;
use crate::protocol::{Param, Params, TooManyParams, openapi};

/// An OpenAPI request that is not signed, because a server would refuse it or could read it as another
/// one. It names headers and parameters, never their values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenApiSignError {
    /// The target is a host and has no path, as that of `CONNECT`.
    #[error("the request target has no path")]
    NoPath,
    /// An RPC request to another path than `/`.
    #[error("an RPC request goes to `/`: its signature covers no path")]
    Path,
    /// A body that the scheme does not sign: of RPC, what is no form; of RPC and ROA, one that is
    /// given by its SHA-256.
    #[error("the signature would not cover the body")]
    Body,
    /// There is neither a `Host` header nor a host in the target.
    #[error("the request has no host to sign")]
    NoHost,
    /// A parameter stands twice, or has a name that reads as others, or is malformed, or is one that
    /// signing adds.
    #[error("the parameter `{0}` cannot be signed")]
    Parameter(String),
    /// More parameters than a verifier reads.
    #[error("the request {0}")]
    TooManyParams(#[from] TooManyParams),
    /// A header that is signed occurs more than once.
    #[error("the header `{0}` occurs more than once")]
    RepeatedHeader(String),
    /// More signed headers than a verifier reads.
    #[error("the list of signed headers {0}")]
    SignedHeaders(#[from] V3SignedHeadersError),
    /// The request cannot carry more headers, or no longer target.
    #[error("the request is too large for what signing adds")]
    TooLarge,
    /// The time of signing is after the year 9999.
    #[error("the clock reads a time after the year 9999")]
    Date,
    /// The operating system has no random bytes to give.
    #[error("the operating system has no randomness for a nonce")]
    NoRandomness,
}

impl OpenApiSignError {
    pub(super) fn parameter(param: Param<'_>) -> Self {
        Self::Parameter(param.handler_name().into_owned())
    }
}

/// What no server reads as it was meant.
pub(super) fn check_params(params: &Params<'_>) -> Result<(), OpenApiSignError> {
    let wrong = openapi::repeated_param(params).or_else(|| openapi::malformed_param(params));
    wrong.map_or(Ok(()), |param| Err(OpenApiSignError::parameter(param)))
}
