//! What is accepted of OpenAPI clients: secure by default, compatible by name.

use std::time::Duration;

use http::HeaderName;

use crate::credential::OpenApiSchemes;
use crate::protocol::openapi::AcsReadings;
use crate::verify::pipeline::Windowed;
use crate::verify::policy::setters;
use crate::verify::{Ambiguity, Limits, ReplayIdentity, RestartRule, Window};

/// What a `SignatureDoesNotMatch` shows of a security token, which is a part of what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenInAnswers {
    /// `***`
    Masked,
    /// The token, so that a client finds its own string to sign in the answer. Whoever reads the
    /// answer has the token.
    Shown,
}

/// Which requests of OpenAPI clients are accepted.
///
/// [`strict`](Self::strict) is the default: what can neither be replayed nor be made to mean something
/// else. [`compatible`](Self::compatible) is all that the official clients send. Every row is a knob
/// of its own:
///
/// | knob | `strict` | `compatible` |
/// |---|---|---|
/// | [`with_schemes`](Self::with_schemes) | all | all |
/// | [`with_unnamed_methods`](Self::with_unnamed_methods) | refused | HMAC-SHA1, version 1.0 |
/// | [`with_malformed_parameters`](Self::with_malformed_parameters) | refused | accepted |
/// | [`with_ambiguous_values`](Self::with_ambiguous_values) | accepted | accepted |
/// | [`with_uncovered_bodies`](Self::with_uncovered_bodies) | refused | accepted |
/// | [`with_unsigned_headers`](Self::with_unsigned_headers) | refused | accepted |
/// | [`with_absent_digest`](Self::with_absent_digest) | refused | that of the body |
/// | [`with_replay_identity`](Self::with_replay_identity) | nonce | nonce or signature |
/// | [`with_restart_rule`](Self::with_restart_rule) | refuse | accept |
/// | [`with_window`](Self::with_window) | 15 min both ways | 15 min both ways |
/// | [`with_readings`](Self::with_readings) | the safe ones | the safe ones |
/// | [`with_token_in_answers`](Self::with_token_in_answers) | masked | masked |
/// | [`with_max_disclosed`](Self::with_max_disclosed) | 3,968 bytes | 3,968 bytes |
/// | [`with_disclosed_header`](Self::with_disclosed_header) | none | none |
/// | [`with_limits`](Self::with_limits) | defaults | defaults |
///
/// ```
/// use countersign::credential::{OpenApiScheme, OpenApiSchemes};
/// use countersign::verify::ReplayIdentity;
/// use countersign::verify::openapi::OpenApiPolicy;
///
/// // New clients only.
/// let v3 = OpenApiPolicy::strict().with_schemes(OpenApiSchemes::only(OpenApiScheme::V3));
/// assert_ne!(v3, OpenApiPolicy::strict());
///
/// // Strict, but for a ROA client that sends no nonce.
/// let policy = OpenApiPolicy::strict().with_replay_identity(ReplayIdentity::NonceOrSignature);
/// assert_ne!(policy, OpenApiPolicy::default());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenApiPolicy {
    pub(super) schemes: OpenApiSchemes,
    pub(super) unnamed_methods: Ambiguity,
    pub(super) malformed_parameters: Ambiguity,
    pub(super) ambiguous_values: Ambiguity,
    pub(super) uncovered_bodies: Ambiguity,
    pub(super) unsigned_headers: Ambiguity,
    pub(super) absent_digest: Ambiguity,
    pub(super) replay_identity: ReplayIdentity,
    pub(super) restart_rule: RestartRule,
    pub(super) window: Window,
    pub(super) readings: AcsReadings,
    pub(super) token_in_answers: TokenInAnswers,
    pub(super) max_disclosed: usize,
    pub(super) disclosed_headers: Vec<HeaderName>,
    pub(super) limits: Limits,
}

impl OpenApiPolicy {
    /// The safe part of what the clients send.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            schemes: OpenApiSchemes::ALL,
            unnamed_methods: Ambiguity::Refuse,
            malformed_parameters: Ambiguity::Refuse,
            ambiguous_values: Ambiguity::AsGateway,
            uncovered_bodies: Ambiguity::Refuse,
            unsigned_headers: Ambiguity::Refuse,
            absent_digest: Ambiguity::Refuse,
            replay_identity: ReplayIdentity::Nonce,
            restart_rule: RestartRule::Refuse,
            window: Window::default(),
            readings: AcsReadings::default(),
            token_in_answers: TokenInAnswers::Masked,
            max_disclosed: crate::error::MAX_REQUEST_TEXT,
            disclosed_headers: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// What the official clients send, with what they leave unsigned.
    #[must_use]
    pub fn compatible() -> Self {
        Self {
            unnamed_methods: Ambiguity::AsGateway,
            malformed_parameters: Ambiguity::AsGateway,
            uncovered_bodies: Ambiguity::AsGateway,
            unsigned_headers: Ambiguity::AsGateway,
            absent_digest: Ambiguity::AsGateway,
            replay_identity: ReplayIdentity::NonceOrSignature,
            restart_rule: RestartRule::Accept,
            ..Self::strict()
        }
    }

    /// The bounds on what a request may cost.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Shows the value of this header in the string to sign of a `SignatureDoesNotMatch`. Without it
    /// only those of the signature's own lines and the `x-acs-*` headers are shown, because a proxy
    /// may have added the others. Default: none.
    #[must_use]
    pub fn with_disclosed_header(mut self, name: HeaderName) -> Self {
        self.disclosed_headers.push(name);
        self
    }
}

setters! { OpenApiPolicy:
    /// Which schemes are accepted at all; an AccessKey may be kept to fewer. Both: all. RPC and ROA
    /// are HMAC-SHA1 and leave much of a request unsigned: where all clients are new, accept V3 alone.
    with_schemes schemes: OpenApiSchemes;
    /// What happens to an RPC or ROA request that names no signature method or version. Strict:
    /// refused, because every client names them.
    with_unnamed_methods unnamed_methods: Ambiguity;
    /// What happens to a parameter that not everyone decodes alike: a `%` without its digits, text
    /// that is no UTF-8. Strict: refused, because a handler may read another value than was signed.
    with_malformed_parameters malformed_parameters: Ambiguity;
    /// What happens to a ROA parameter whose value contains `&` once decoded: the string to sign is
    /// not encoded, so `a=1%26b=2` signs like `a=1&b=2`. Both: accepted, because real clients send
    /// such values. A *name* that reads as others is always refused.
    with_ambiguous_values ambiguous_values: Ambiguity;
    /// What happens to a body that the signature does not cover: of an RPC request one that is no
    /// form, of a ROA request one without `Content-MD5`. Strict: refused, because anyone on the way
    /// can change it. (Newer clients send ROA bodies without a digest; let them use V3.)
    with_uncovered_bodies uncovered_bodies: Ambiguity;
    /// What happens to a V3 request that leaves its `Host`, its `Content-Type` or an `x-acs-*` header
    /// unsigned. Strict: refused, because a handler may believe what anyone could have added. Date
    /// and nonce must always be signed.
    with_unsigned_headers unsigned_headers: Ambiguity;
    /// What happens to a V3 request without `x-acs-content-sha256`. Strict: refused. Otherwise its body
    /// is read first, up to [`Limits::max_form`], and its digest is what must be signed.
    with_absent_digest absent_digest: Ambiguity;
    /// What identifies a request in the replay store. Strict: its nonce, which must be there.
    /// [`ReplayIdentity::NonceOrSignature`] also accepts a ROA request without one, as one official
    /// client sends it, and then two equal requests of one second are one.
    with_replay_identity replay_identity: ReplayIdentity;
    /// What happens to requests signed before an in-memory replay store started. Strict: refused
    /// (`InvalidTimeStamp.Expired`), because they may have been accepted before.
    with_restart_rule restart_rule: RestartRule;
    /// How far a timestamp may be from the server's clock. Both: 15 minutes either way, as documented.
    with_window window: Window;
    /// Which readings of the rules verify besides the documents'. Both: those by which a signature
    /// covers no other request.
    with_readings readings: AcsReadings;
    /// What a `SignatureDoesNotMatch` shows of a security token. Both: nothing, because an answer is
    /// logged where a request is not. A client that compares the string then reports another one.
    with_token_in_answers token_in_answers: TokenInAnswers;
    /// The longest string to sign that a `SignatureDoesNotMatch` shows, in bytes. Both: 3,968, which
    /// is also the most.
    with_max_disclosed max_disclosed: usize;
    /// The bounds on what a request may cost.
    with_limits limits: Limits;
}

impl Windowed for OpenApiPolicy {
    fn max_age(&self) -> Duration {
        self.window.max_age
    }
}

impl Default for OpenApiPolicy {
    fn default() -> Self {
        Self::strict()
    }
}
