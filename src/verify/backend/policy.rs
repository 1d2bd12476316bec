//! What is accepted from a gateway: secure by default, compatible by name.

use std::time::Duration;

use http::HeaderName;

use crate::verify::pipeline::Windowed;
use crate::verify::policy::setters;
use crate::verify::refuse::ParamRules;
use crate::verify::{Ambiguity, AmbiguousPath, Limits, RepeatedParameters, RestartRule, Window};

/// Whether a body that the signature does not cover passes. A form is covered by its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyCoverage {
    /// It does not: `I400MH`.
    Required,
    /// It does. It is what the gateway sends when its own caller sent no `Content-MD5`, and anyone
    /// between gateway and service can change it.
    AsSent,
}

/// What is asked of timestamp and nonce. The gateway forwards what its own caller sent, if it is told
/// to, and signs it, if the API declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayProtection {
    /// A timestamp that is there must be inside the window; if the signature covers it and a nonce, a
    /// request passes once.
    WhereCovered,
    /// A timestamp must be there and covered, so that a recorded request grows stale.
    TimestampRequired,
    /// A timestamp and a nonce must be there and covered: every request passes once.
    Required,
}

/// What an `A403IS` shows of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownParameters {
    /// Their names, and how long their values are.
    Names,
    /// Their values, too.
    Values,
}

/// Which requests of a gateway are accepted.
///
/// [`strict`](Self::strict) is the default: what cannot be made to mean something else on the way.
/// [`gateway_compatible`](Self::gateway_compatible) is all that a gateway sends. Every row is a knob
/// of its own:
///
/// | knob | `strict` | `gateway_compatible` |
/// |---|---|---|
/// | [`with_body_coverage`](Self::with_body_coverage) | required | as sent |
/// | [`with_replay_protection`](Self::with_replay_protection) | where covered | where covered |
/// | [`with_repeated_parameters`](Self::with_repeated_parameters) | refused if they differ | first value |
/// | [`with_ambiguous_names`](Self::with_ambiguous_names) | refused | accepted |
/// | [`with_ambiguous_values`](Self::with_ambiguous_values) | accepted | accepted |
/// | [`with_ambiguous_paths`](Self::with_ambiguous_paths) | raw only | decoded or raw |
/// | [`with_repeated_headers`](Self::with_repeated_headers) | refused | first value |
/// | [`with_restart_rule`](Self::with_restart_rule) | refuse | accept |
/// | [`with_covered_header`](Self::with_covered_header) | none | none |
/// | [`with_window`](Self::with_window) | 15 min both ways | 15 min both ways |
/// | [`with_disclosed_header`](Self::with_disclosed_header) | none | none |
/// | [`with_shown_parameters`](Self::with_shown_parameters) | names | names |
/// | [`with_limits`](Self::with_limits) | defaults | defaults |
///
/// ```
/// use countersign::verify::backend::{BackendPolicy, BodyCoverage, ReplayProtection};
/// use http::HeaderName;
///
/// // Callers that digest nothing, but an API that forwards and declares timestamp and nonce, and a
/// // service that believes the gateway who calls.
/// let policy = BackendPolicy::strict()
///     .with_body_coverage(BodyCoverage::AsSent)
///     .with_replay_protection(ReplayProtection::Required)
///     .with_covered_header(HeaderName::from_static("caappid"));
/// assert_ne!(policy, BackendPolicy::strict());
/// assert_eq!(BackendPolicy::default(), BackendPolicy::strict());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendPolicy {
    pub(super) body_coverage: BodyCoverage,
    pub(super) replay_protection: ReplayProtection,
    pub(super) repeated_parameters: RepeatedParameters,
    pub(super) ambiguous_names: Ambiguity,
    pub(super) ambiguous_values: Ambiguity,
    pub(super) ambiguous_paths: AmbiguousPath,
    pub(super) repeated_headers: Ambiguity,
    pub(super) restart_rule: RestartRule,
    pub(super) covered_headers: Vec<HeaderName>,
    pub(super) window: Window,
    pub(super) disclosed_headers: Vec<HeaderName>,
    pub(super) shown_parameters: ShownParameters,
    pub(super) limits: Limits,
}

impl BackendPolicy {
    /// What cannot be made to mean something else on the way from the gateway.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            body_coverage: BodyCoverage::Required,
            replay_protection: ReplayProtection::WhereCovered,
            repeated_parameters: RepeatedParameters::RefuseDiffering,
            ambiguous_names: Ambiguity::Refuse,
            ambiguous_values: Ambiguity::AsGateway,
            ambiguous_paths: AmbiguousPath::RawOnly,
            repeated_headers: Ambiguity::Refuse,
            restart_rule: RestartRule::Refuse,
            covered_headers: Vec::new(),
            window: Window::default(),
            disclosed_headers: Vec::new(),
            shown_parameters: ShownParameters::Names,
            limits: Limits::default(),
        }
    }

    /// Whatever a gateway signs, its ambiguities included.
    #[must_use]
    pub fn gateway_compatible() -> Self {
        Self {
            body_coverage: BodyCoverage::AsSent,
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

    /// Refuses a request that has this header and whose signature does not cover it, or not all of its
    /// values (`I400HD`), whatever [`with_repeated_headers`](Self::with_repeated_headers) says. Name
    /// what handlers believe because the gateway says it, e.g. who called: else whoever has recorded
    /// one request could add it. Default: none.
    #[must_use]
    pub fn with_covered_header(mut self, name: HeaderName) -> Self {
        self.covered_headers.push(name);
        self
    }

    /// Shows the value of this header in the string to sign of an `A403IS`. Without it only `x-ca-*`
    /// headers are shown, because the gateway may have added the others, and its caller sees the
    /// answer. `Authorization`, `Cookie` and `X-Ca-Proxy-*` are never shown. Default: none.
    #[must_use]
    pub fn with_disclosed_header(mut self, name: HeaderName) -> Self {
        self.disclosed_headers.push(name);
        self
    }

    pub(super) const fn param_rules(&self) -> ParamRules {
        ParamRules {
            repeated: self.repeated_parameters,
            names: self.ambiguous_names,
            values: self.ambiguous_values,
        }
    }
}

setters! { BackendPolicy:
    /// Whether a body passes that the signature does not cover. Strict: it does not, because the
    /// signature then says nothing about what it says. Newer gateways cover a body only if their own
    /// caller sent a `Content-MD5`; make callers send one, or accept such bodies by name.
    with_body_coverage body_coverage: BodyCoverage;
    /// What is asked of timestamp and nonce. Both: that they are right where they are, because an API
    /// forwards and declares them only where it is told to. Define the API so, and ask for them.
    with_replay_protection replay_protection: ReplayProtection;
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
    /// How a path may be signed whose decoded form could be another request's
    /// ([`Policy::with_ambiguous_paths`](crate::verify::Policy::with_ambiguous_paths)). Strict: raw
    /// only.
    with_ambiguous_paths ambiguous_paths: AmbiguousPath;
    /// What happens when a declared header occurs again with another value, or is declared twice.
    /// Strict: refused, because only the first value is signed.
    with_repeated_headers repeated_headers: Ambiguity;
    /// What happens to requests signed before an in-memory replay store started, if they can be
    /// claimed at all. Strict: refused (`S403TE`), because they may have been accepted before.
    with_restart_rule restart_rule: RestartRule;
    /// How far a forwarded timestamp may be from the service's clock. Both: 15 minutes either way, as
    /// at the gateway, which has judged it before. It is the gateway's caller that is stamped with: a
    /// caller whose clock is at the window's edge for the gateway may be beyond it here.
    with_window window: Window;
    /// What an `A403IS` shows of parameters. Both: names and lengths, because the gateway adds
    /// parameters of its own, and its caller sees the answer.
    with_shown_parameters shown_parameters: ShownParameters;
    /// The bounds on what a request may cost.
    with_limits limits: Limits;
}

impl Windowed for BackendPolicy {
    fn max_age(&self) -> Duration {
        self.window.max_age
    }
}

impl Default for BackendPolicy {
    fn default() -> Self {
        Self::strict()
    }
}
