//! What can be wrong before the first request.

use std::fmt;

use http::HeaderName;

/// A configuration that would not protect anything, or could never match.
///
/// `Debug` says what `Display` does, because that is what a `main` prints that returns it:
///
/// ```
/// use countersign::credential::AppKey;
///
/// let error = AppKey::new("").unwrap_err();
/// assert_eq!(error.to_string(), "the AppKey is empty");
/// assert_eq!(format!("{error:?}"), "ConfigError(the AppKey is empty)");
/// ```
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
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
    /// An AccessKeyId that no signature of OpenAPI could name.
    #[error(
        "an AccessKeyId has 1 to 128 visible ASCII characters, and none of `,`, `/`, `:` and `;`"
    )]
    AccessKeyId,
    /// An app without a secret, an AppCode and an AccessKey: nobody could call as it.
    #[error("the app has neither a secret nor an AppCode nor an AccessKey")]
    NoCredential,
    /// Two apps with one AppKey, AppCode or AccessKeyId: it would be chance which of them answers.
    #[error("two apps have the same {0}")]
    Duplicate(&'static str),
    /// A credential that no header's value can be, or that would lose white space on the way.
    #[error("{0} cannot be the value of a header")]
    NoHeaderValue(&'static str),
    /// A header that a signer was told to sign, and that no verifier would see as it was signed.
    #[error("`{header}` cannot be a signed header: {reason}")]
    NotSignable {
        /// The header's name.
        header: HeaderName,
        /// Why not.
        reason: &'static str,
    },
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
    /// A public key that verifies no signature of an OpenAPI request.
    #[error("this is no RSA public key of 2048 to 8192 bits")]
    NoRsaPublicKey,
    /// No back-end pair: every request would be refused.
    #[error("there is no back-end pair")]
    NoBackendPair,
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConfigError({self})")
    }
}
