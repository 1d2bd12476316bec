//! What a signer can be told, each choice a type of its own.

use http::HeaderValue;

/// What the `Accept` line says. HTTP libraries that add `Accept: */*` on their own break a signature
/// that was made without it (protocol §1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcceptPolicy {
    /// A request without `Accept` gets this one. The default, with `*/*`: reqwest would add just that
    /// after signing, hyper adds nothing, and it means what no `Accept` means.
    IfAbsent(HeaderValue),
    /// The request is signed as it is. What sends it must add no `Accept`.
    AsSent,
}

impl Default for AcceptPolicy {
    fn default() -> Self {
        Self::IfAbsent(HeaderValue::from_static("*/*"))
    }
}

/// What the `Date` line says. Servers sign it as text and judge freshness by `X-Ca-Timestamp`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DatePolicy {
    /// A `Date` that the request has is signed; none is added. The default: no server needs one.
    #[default]
    AsSent,
    /// `Date` is set to the time of signing, as the Java SDK does.
    Now,
}

/// Whether forms get a `Content-MD5`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormDigest {
    /// They do not: their parameters are signed, and the gateway documents the header for other
    /// bodies only. The default.
    #[default]
    Omit,
    /// They do, for servers that ask for one
    /// ([`ContentMd5Rule::RequiredForForms`](crate::verify::ContentMd5Rule::RequiredForForms)).
    Add,
}

/// The stage of an API that a gateway routes to (protocol §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// `RELEASE`, which is also what no `X-Ca-Stage` means.
    Release,
    /// `PRE`
    Pre,
    /// `TEST`
    Test,
}

impl Stage {
    /// The value of `X-Ca-Stage`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Release => "RELEASE",
            Self::Pre => "PRE",
            Self::Test => "TEST",
        }
    }
}
