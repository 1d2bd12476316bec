//! What is accepted: secure by default, compatible by name.

mod knobs;
mod limits;
mod setters;
mod strict_row;

use std::time::Duration;

use http::HeaderName;

pub use knobs::{
    Ambiguity, AmbiguousPath, AppCodeCarriers, ContentMd5Rule, EmptyBodyMd5, KeyCoverage, Presence,
    RepeatedParameters, ReplayIdentity, RestartRule, SignatureMethods, SignedContentType,
    TimestampUnit, UnknownKey, Window,
};
pub use limits::Limits;
pub use strict_row::{StrictFindings, StrictRow};

pub(super) use self::setters::setters;
use super::pipeline::Windowed;
use super::refuse::ParamRules;
use crate::protocol::Readings;

/// Which of the requests that the gateway would accept are accepted here.
///
/// [`strict`](Self::strict) is the default: of what the gateway accepts, the part that can neither
/// be replayed nor be made to mean something else. [`gateway_compatible`](Self::gateway_compatible) is all of it.
/// Every row is a knob of its own:
///
/// | knob | `strict` | `gateway_compatible` |
/// |---|---|---|
/// | [`with_timestamp`](Self::with_timestamp) | must be signed | optional |
/// | [`with_nonce`](Self::with_nonce) | must be signed | optional |
/// | [`with_key_coverage`](Self::with_key_coverage) | must be signed | as sent |
/// | [`with_content_md5`](Self::with_content_md5) | required with a body that is no form | optional |
/// | [`with_empty_body_md5`](Self::with_empty_body_md5) | accepted | accepted |
/// | [`with_signature_methods`](Self::with_signature_methods) | SHA-256 | SHA-256 and SHA-1 |
/// | [`with_app_code`](Self::with_app_code) | header | header |
/// | [`with_signed_content_type`](Self::with_signed_content_type) | must agree | replaces |
/// | [`with_repeated_parameters`](Self::with_repeated_parameters) | refused if they differ | first value |
/// | [`with_ambiguous_names`](Self::with_ambiguous_names) | refused | accepted |
/// | [`with_ambiguous_values`](Self::with_ambiguous_values) | accepted | accepted |
/// | [`with_ambiguous_paths`](Self::with_ambiguous_paths) | raw only | decoded or raw |
/// | [`with_repeated_headers`](Self::with_repeated_headers) | refused | first value |
/// | [`with_restart_rule`](Self::with_restart_rule) | refuse | accept |
/// | [`with_replay_identity`](Self::with_replay_identity) | nonce | nonce |
/// | [`with_unknown_key`](Self::with_unknown_key) | `A400IK` | `A400IK` |
/// | [`with_timestamp_unit`](Self::with_timestamp_unit) | milliseconds | milliseconds |
/// | [`with_window`](Self::with_window) | 15 min both ways | 15 min both ways |
/// | [`with_readings`](Self::with_readings) | the safe ones | the safe ones |
/// | [`with_disclosed_header`](Self::with_disclosed_header) | none | none |
/// | [`with_limits`](Self::with_limits) | defaults | defaults |
///
/// ```
/// use countersign::verify::{ContentMd5Rule, Policy};
///
/// // Strict, but for callers that cannot digest what they PUT.
/// let policy = Policy::strict().with_content_md5(ContentMd5Rule::Optional);
/// assert_ne!(policy, Policy::strict());
/// assert_eq!(Policy::default(), Policy::strict());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(crate) timestamp: Presence,
    pub(crate) nonce: Presence,
    pub(crate) key_coverage: KeyCoverage,
    pub(crate) content_md5: ContentMd5Rule,
    pub(crate) empty_body_md5: EmptyBodyMd5,
    pub(crate) signature_methods: SignatureMethods,
    pub(crate) app_code: AppCodeCarriers,
    pub(crate) signed_content_type: SignedContentType,
    pub(crate) repeated_parameters: RepeatedParameters,
    pub(crate) ambiguous_names: Ambiguity,
    pub(crate) ambiguous_values: Ambiguity,
    pub(crate) ambiguous_paths: AmbiguousPath,
    pub(crate) repeated_headers: Ambiguity,
    pub(crate) restart_rule: RestartRule,
    pub(crate) replay_identity: ReplayIdentity,
    pub(crate) unknown_key: UnknownKey,
    pub(crate) timestamp_unit: TimestampUnit,
    pub(crate) window: Window,
    pub(crate) readings: Readings,
    pub(crate) disclosed_headers: Vec<HeaderName>,
    pub(crate) limits: Limits,
}

impl Policy {
    /// The safe part of what the gateway accepts.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            timestamp: Presence::Signed,
            nonce: Presence::Signed,
            key_coverage: KeyCoverage::Signed,
            content_md5: ContentMd5Rule::Required,
            empty_body_md5: EmptyBodyMd5::Accept,
            signature_methods: SignatureMethods::HmacSha256,
            app_code: AppCodeCarriers::Header,
            signed_content_type: SignedContentType::MustAgree,
            repeated_parameters: RepeatedParameters::RefuseDiffering,
            ambiguous_names: Ambiguity::Refuse,
            ambiguous_values: Ambiguity::AsGateway,
            ambiguous_paths: AmbiguousPath::RawOnly,
            repeated_headers: Ambiguity::Refuse,
            restart_rule: RestartRule::Refuse,
            replay_identity: ReplayIdentity::Nonce,
            unknown_key: UnknownKey::Named,
            timestamp_unit: TimestampUnit::Millis,
            window: Window::default(),
            readings: Readings::default(),
            disclosed_headers: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// What the gateway accepts, its ambiguities included. Replay protection is then only as good
    /// as what each caller signs.
    #[must_use]
    pub fn gateway_compatible() -> Self {
        Self {
            timestamp: Presence::Optional,
            nonce: Presence::Optional,
            key_coverage: KeyCoverage::AsSent,
            content_md5: ContentMd5Rule::Optional,
            signature_methods: SignatureMethods::HmacSha256AndSha1,
            signed_content_type: SignedContentType::Replaces,
            repeated_parameters: RepeatedParameters::FirstValue,
            ambiguous_names: Ambiguity::AsGateway,
            ambiguous_paths: AmbiguousPath::AsGateway,
            repeated_headers: Ambiguity::AsGateway,
            restart_rule: RestartRule::Accept,
            ..Self::strict()
        }
    }

    /// The bounds on what a request may cost.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How far a timestamp may be from the server's clock.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    pub(super) const fn param_rules(&self) -> ParamRules {
        ParamRules {
            repeated: self.repeated_parameters,
            names: self.ambiguous_names,
            values: self.ambiguous_values,
        }
    }

    /// Shows the value of this signed header in the string to sign of an `A403IS`. Without it only
    /// the fixed lines and `x-ca-*` headers are shown, because a proxy may have added the others.
    /// `Authorization`, `Cookie` and `Proxy-*` are never shown.
    #[must_use]
    pub fn with_disclosed_header(mut self, name: HeaderName) -> Self {
        self.disclosed_headers.push(name);
        self
    }
}

setters! { Policy:
    /// Whether `X-Ca-Timestamp` must be there and signed. Strict: signed, because a timestamp that
    /// may be changed keeps a recorded request fresh for ever.
    with_timestamp timestamp: Presence;
    /// Whether `X-Ca-Nonce` must be there and signed. Strict: signed, because a nonce that may be
    /// changed stops no replay. [`Presence::Required`] is the gateway's "force nonce check".
    with_nonce nonce: Presence;
    /// Whether `X-Ca-Key` must be signed. Strict: yes, so that a signature names its app.
    with_key_coverage key_coverage: KeyCoverage;
    /// Which bodies need a `Content-MD5`. Strict: those that are no forms, because nothing else ties
    /// them to the signature.
    with_content_md5 content_md5: ContentMd5Rule;
    /// Whether the digest of zero bytes may come with an empty body. Both: yes, real clients send
    /// it.
    with_empty_body_md5 empty_body_md5: EmptyBodyMd5;
    /// Which signature methods verify. Strict: SHA-256 only.
    with_signature_methods signature_methods: SignatureMethods;
    /// Where an AppCode is accepted, for apps that have one. Both: in the header only.
    with_app_code app_code: AppCodeCarriers;
    /// What `X-Ca-Signed-Content-Type` may do. Strict: it must agree with `Content-Type`, else a
    /// recorded request could be given another type.
    with_signed_content_type signed_content_type: SignedContentType;
    /// What happens when a parameter occurs more than once. Strict: refused if the values differ,
    /// because only one of them is signed and a handler may use the other.
    with_repeated_parameters repeated_parameters: RepeatedParameters;
    /// What happens when a parameter's name contains `&` or `=` after decoding, or a form's bare
    /// name is signed otherwise than a handler reads it. Strict: refused, because other parameters
    /// have the same string to sign.
    with_ambiguous_names ambiguous_names: Ambiguity;
    /// What happens when a parameter's value contains `&` after decoding: `a=1%26b=2` has the same
    /// string to sign as `a=1&b=2`. Both: accepted, because real clients send such values.
    with_ambiguous_values ambiguous_values: Ambiguity;
    /// How a path may be signed that contains, once decoded, a `?`, a control character or a new
    /// escape, or in which a character is escaped that needs no escape. Strict: raw only, else one
    /// signature could open two resources.
    with_ambiguous_paths ambiguous_paths: AmbiguousPath;
    /// What happens when a signed header occurs again with another value, or is declared twice.
    /// Strict: refused, because only the first value is signed.
    with_repeated_headers repeated_headers: Ambiguity;
    /// What happens to requests signed before an in-memory replay store started. Strict: refused
    /// (`S403TE`), because they may have been accepted before. The price: after a restart, callers
    /// whose clocks are behind are refused until their clocks pass the start.
    with_restart_rule restart_rule: RestartRule;
    /// What identifies a request in the replay store. Both: its nonce, as the gateway documents; a
    /// signature as the identity would make two equal requests in one millisecond one.
    with_replay_identity replay_identity: ReplayIdentity;
    /// How an unknown AppKey is answered. Both: `A400IK`, because an AppKey is no secret and the
    /// answer helps honest callers.
    with_unknown_key unknown_key: UnknownKey;
    /// The unit of timestamps. Both: milliseconds, as documented; some third-party clients send
    /// seconds.
    with_timestamp_unit timestamp_unit: TimestampUnit;
    /// How far a timestamp may be from the server's clock. Both: 15 minutes, the documented age,
    /// either way, because a stamp from next year would stay fresh until then. Every nonce is kept
    /// for up to both sides together. Copies of a verifier with other windows keep nonces for the
    /// longest that has served a request so far; one that begins to serve later may refuse, for the
    /// length of its window, what was signed before a shorter one let go (`S403TE`).
    with_window window: Window;
    /// Which readings of the rules verify besides the primary one. Both: those by which a signature
    /// covers no other request than by the primary one.
    with_readings readings: Readings;
    /// The bounds on what a request may cost.
    with_limits limits: Limits;
}

impl Windowed for Policy {
    fn max_age(&self) -> Duration {
        self.window.max_age
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::strict()
    }
}
