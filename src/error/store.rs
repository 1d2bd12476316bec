//! What a store tells the operator when it cannot answer. It lives here because a rejection carries it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// A store could not answer. The request is refused with `X503BZ`: stores fail closed.
///
/// The source goes to logs, never to the caller.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store holds as many live entries as it may; it refuses rather than forgets.
    #[error("the store is full ({scope})")]
    Full {
        /// Which bound was reached: the whole store's, or one app's share of it.
        scope: FullScope,
        /// When room is expected, if the store knows.
        retry_after: Option<Duration>,
    },
    /// The store is asked as much as it may be; it refuses rather than passes a flood on.
    #[error("the store is busy")]
    Busy {
        /// When it may be asked again, if the store knows.
        retry_after: Option<Duration>,
    },
    /// The store cannot be reached or answered with an error.
    #[error("the store is unavailable")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
    /// The store is there, and its settings break its promise or forbid to ask it. This does not
    /// pass by itself: a service that is just starting may rather not.
    #[error("the store is misconfigured")]
    Misconfigured(#[source] Arc<dyn Error + Send + Sync>),
}

/// Which bound of a [`StoreError::Full`] store was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FullScope {
    /// The bound of the whole store.
    Store,
    /// The share that one app may hold while other apps are active.
    App,
}

impl std::fmt::Display for FullScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Store => "its bound is reached",
            Self::App => "this app's share is used up",
        })
    }
}

impl StoreError {
    /// An outage with its cause.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(source.into()))
    }

    /// Settings that somebody has to mend, and what is wrong with them.
    pub fn misconfigured(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Misconfigured(Arc::from(source.into()))
    }

    /// When a caller may try again, if the store knows.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Full { retry_after, .. } | Self::Busy { retry_after } => *retry_after,
            Self::Unavailable(_) | Self::Misconfigured(_) => None,
        }
    }
}
