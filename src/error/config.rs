//! What can be wrong before the first request.

/// A configuration that would not protect anything, or could never match.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A secret, AppKey or AppCode of zero bytes: anyone could present it.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// An AppKey that no request could present.
    #[error("the AppKey is longer than {max} bytes")]
    AppKeyTooLong {
        /// The longest AppKey that is accepted, in bytes.
        max: usize,
    },
    /// An app with neither a secret nor an AppCode: nobody could call as it.
    #[error("the app has neither a secret nor an AppCode")]
    NoCredential,
    /// Two apps with one AppKey or one AppCode: it would be chance which of them answers.
    #[error("two apps have the same {0}")]
    Duplicate(&'static str),
    /// A back-end key that no gateway takes.
    #[error("a back-end key has 6 to 20 visible ASCII characters")]
    BackendKey,
    /// A back-end secret that no gateway takes.
    #[error("a back-end secret has 6 to 30 characters")]
    BackendSecret,
    /// Two back-end pairs with one key, or one secret under two keys: a recorded request would be
    /// another one under the other key.
    #[error("two back-end pairs have the same {0}")]
    DuplicatePair(&'static str),
    /// No back-end pair: every request would be refused.
    #[error("there is no back-end pair")]
    NoBackendPair,
}
