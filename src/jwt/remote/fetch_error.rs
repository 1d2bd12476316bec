//! Why a key set could not be fetched: for the operator, never for the caller.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::jwt::JwtConfigError;

/// One fetch of a key set has failed. The keys that were fetched before stay in use.
///
/// No variant shows the URL, which may hold a credential.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// It was not done in time: connecting, headers and body together.
    #[error("it took longer than {0:?}")]
    Timeout(Duration),
    /// The endpoint answers with another status than 200.
    #[error("the endpoint answers {0}")]
    Status(StatusCode),
    /// The endpoint redirects to another origin, or too often.
    #[error("the endpoint's redirect is not followed")]
    Redirect(#[source] Arc<dyn Error + Send + Sync>),
    /// The document has more bytes than this.
    #[error("the document is longer than {0} bytes")]
    TooLong(usize),
    /// The document is no JWK set, or none of its keys is usable.
    #[error("the document is of no use")]
    Document(#[source] JwtConfigError),
    /// The endpoint cannot be reached, is not who it should be, or breaks off.
    #[error("the endpoint cannot be asked")]
    Transport(#[source] Arc<dyn Error + Send + Sync>),
    /// The fetcher panicked.
    #[error("the fetcher panicked")]
    Panicked,
    /// Nothing is fetched any more: the runtime that the fetching ran on is gone.
    #[error("the runtime that keys are fetched on is gone")]
    Ended,
}

impl FetchError {
    /// The transport's failure with its cause.
    pub fn transport(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Transport(Arc::from(source.into()))
    }

    /// The label that it is counted by.
    #[cfg(feature = "metrics")]
    pub(super) const fn outcome(&self) -> &'static str {
        match self {
            Self::Timeout(_) => "timeout",
            Self::Status(_) => "status",
            Self::Redirect(_) => "redirect",
            Self::TooLong(_) => "too_long",
            Self::Document(_) => "document",
            Self::Transport(_) => "transport",
            Self::Panicked => "panicked",
            Self::Ended => "ended",
        }
    }
}
