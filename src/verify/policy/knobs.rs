//! The choices of a policy, each a type of its own.

use std::time::Duration;

use crate::protocol::SignatureMethod;

/// What is asked of a header that protects against replays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Checked if present.
    Optional,
    /// Must be present. Unless it is signed, whoever records a request may change it.
    Required,
    /// Must be present and among the signed headers.
    Signed,
}

/// Whether `X-Ca-Key` must be among the signed headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyCoverage {
    /// It must.
    Signed,
    /// It may be sent unsigned.
    AsSent,
}

/// Which bodies need a `Content-MD5`. Without one the signature says nothing about a body, but for
/// the parameters of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentMd5Rule {
    /// Every body that is no form needs one.
    Required,
    /// A form needs one, too. Its parameters are signed, but not in which bytes they are written,
    /// how often an equal one is repeated, or whether they stand in the query or in the form.
    RequiredForForms,
    /// Checked if present.
    Optional,
}

/// Whether a `Content-MD5` may come with an empty body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyBodyMd5 {
    /// If it is the digest of zero bytes, which two real clients send.
    Accept,
    /// Never, as instances of the classic network type document.
    Refuse,
}

/// Which signature methods verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureMethods {
    /// `HmacSHA256` only.
    HmacSha256,
    /// `HmacSHA256` and `HmacSHA1`.
    HmacSha256AndSha1,
}

impl SignatureMethods {
    pub(crate) fn allow(self, method: SignatureMethod) -> bool {
        match self {
            Self::HmacSha256 => method == SignatureMethod::HmacSha256,
            Self::HmacSha256AndSha1 => true,
        }
    }
}

/// Where an AppCode is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppCodeCarriers {
    /// Nowhere.
    Disabled,
    /// In `Authorization: APPCODE …`.
    Header,
    /// There and in the query, where it ends up in logs and histories.
    HeaderAndQuery,
}

/// What `X-Ca-Signed-Content-Type` may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedContentType {
    /// It must be a signed header and of the same media type as `Content-Type`; parameters such as
    /// a multipart boundary may differ.
    MustAgree,
    /// It replaces `Content-Type` in the string to sign, whatever either says.
    Replaces,
}

/// Whether a request that could be read in two ways is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ambiguity {
    /// It is refused.
    Refuse,
    /// It is read as the gateway reads it.
    AsGateway,
}

/// What happens when a parameter occurs more than once: only one value is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatedParameters {
    /// It is refused, in the query as in the form, also if the values are equal: a handler may count
    /// them.
    Refuse,
    /// It is refused if the values differ, also between query and form.
    RefuseDiffering,
    /// The first value counts; between query and form, either's.
    FirstValue,
}

/// How a path whose decoded form is ambiguous may be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmbiguousPath {
    /// As it is on the wire only.
    RawOnly,
    /// Decoded or raw, like any other.
    AsGateway,
}

/// What a replay store without a memory of its own does with requests that were signed before it
/// started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestartRule {
    /// Refuses them (`S403TE`): they may have been accepted before the restart.
    Refuse,
    /// Accepts them.
    Accept,
}

/// What identifies a request in the replay store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayIdentity {
    /// Its nonce. A request without one is not protected.
    Nonce,
    /// Its nonce; without one, its signature, if its timestamp is signed. Two identical requests
    /// within one millisecond are then one.
    NonceOrSignature,
}

/// How an unknown AppKey is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownKey {
    /// `A400IK`, at once.
    Named,
    /// Like a wrong signature, with the same answer and the work of an app with one valid secret, so
    /// that probing for AppKeys is hard. An app whose secrets are being rotated takes longer.
    AsWrongSignature,
}

/// The unit of `X-Ca-Timestamp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampUnit {
    /// Milliseconds, as documented.
    Millis,
    /// Milliseconds; fewer than 13 digits are seconds.
    MillisOrSeconds,
}

/// How far a timestamp may be from the server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// How old a request may be, inclusive.
    pub max_age: Duration,
    /// How far ahead of the server's clock a request may be stamped, inclusive.
    pub max_ahead: Duration,
}

impl Window {
    /// A window of this length on both sides. It may be very long.
    #[must_use]
    pub const fn symmetric(span: Duration) -> Self {
        Self { max_age: span, max_ahead: span }
    }

    /// A window with sides of its own.
    #[must_use]
    pub const fn new(max_age: Duration, max_ahead: Duration) -> Self {
        Self { max_age, max_ahead }
    }
}

/// 15 minutes on both sides: the documented age, and the same for clocks that are ahead.
impl Default for Window {
    fn default() -> Self {
        Self::symmetric(Duration::from_secs(15 * 60))
    }
}
