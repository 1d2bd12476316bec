//! What is accepted, knob by knob.

mod carrier;
mod claim_parameter;
mod knobs;

pub(super) use carrier::OtherSchemes;
pub use carrier::TokenCarrier;
pub use claim_parameter::{ClaimParameter, ClaimPlace};
pub use knobs::{AppAuthRule, EmptyToken, Expiration, JtiRule, UndatedTokens};

use std::time::Duration;

use super::{Algorithm, JwtConfigError};
use crate::verify::RestartRule;

/// What a [`JwtVerifier`](super::JwtVerifier) accepts.
///
/// | knob | default | why |
/// |---|---|---|
/// | [`with_carrier`](Self::with_carrier) | the header `Authorization` | where most clients put it |
/// | [`with_empty_token`](Self::with_empty_token) | refused | as the plug-in's `bypassEmptyToken` |
/// | [`with_expiration`](Self::with_expiration) | enforced | as `ignoreExpirationCheck` |
/// | [`with_required_exp`](Self::with_required_exp) | not required | the gateway's documents only say that their sample sets it |
/// | [`with_leeway`](Self::with_leeway) | 0 | a clock that is off should be mended, and a longer life is no favour |
/// | [`with_max_age`](Self::with_max_age) | none | `exp` is the issuer's word on it |
/// | [`with_issuers`](Self::with_issuers) | any | the key says who issued |
/// | [`with_audiences`](Self::with_audiences) | any | the gateway does not look at it. Set it where an issuer serves several services |
/// | [`with_algorithms`](Self::with_algorithms) | what the keys take | the key decides, never the token |
/// | [`with_jti_rule`](Self::with_jti_rule) | any number of uses | as `preventJtiReplay` |
/// | [`with_max_jti_retention`](Self::with_max_jti_retention) | 24 hours | bounds what the replay store holds |
/// | [`with_undated_tokens`](Self::with_undated_tokens) | refused | a `jti` that must be remembered for ever cannot be |
/// | [`with_restart_rule`](Self::with_restart_rule) | refuse | a store that begins empty does not know what was used |
/// | [`with_app_auth_rule`](Self::with_app_auth_rule) | besides | as `orAppAuth` |
/// | [`with_claim_parameters`](Self::with_claim_parameters) | none | as `claimParameters` |
///
/// ```
/// use countersign::jwt::{JtiRule, JwtPolicy};
/// use std::time::Duration;
///
/// let policy = JwtPolicy::new()
///     .with_issuers(["https://login.example.com"])
///     .with_audiences(["orders"])
///     .with_required_exp()
///     .with_jti_rule(JtiRule::SingleUse)
///     .with_leeway(Duration::from_secs(5));
/// # let _ = policy;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtPolicy {
    pub(super) carrier: TokenCarrier,
    pub(super) empty_token: EmptyToken,
    pub(super) expiration: Expiration,
    pub(super) require_exp: bool,
    pub(super) leeway: Duration,
    pub(super) max_age: Option<Duration>,
    pub(super) issuers: Vec<String>,
    pub(super) audiences: Vec<String>,
    pub(super) algorithms: Option<Vec<Algorithm>>,
    pub(super) jti_rule: JtiRule,
    pub(super) max_jti_retention: Duration,
    pub(super) undated_tokens: UndatedTokens,
    pub(super) restart_rule: RestartRule,
    pub(super) app_auth_rule: AppAuthRule,
    pub(super) claim_parameters: Vec<ClaimParameter>,
}

impl JwtPolicy {
    /// The longest token that is looked at, in bytes: 16 KiB. A longer one is `I400JD`.
    pub const MAX_TOKEN: usize = 16 * 1024;
    /// The longest `jti`, in bytes. A longer one is `S403JI` where it must be single.
    pub const MAX_JTI: usize = 256;
    /// The largest leeway of a policy with [`JtiRule::SingleUse`]: 5 minutes. A `jti` is remembered for
    /// that much longer, so that verifiers with other leeways may share it.
    pub const MAX_LEEWAY: Duration = Duration::from_secs(5 * 60);
    /// The default of [`with_max_jti_retention`](Self::with_max_jti_retention): 24 hours.
    pub const DEFAULT_JTI_RETENTION: Duration = Duration::from_secs(24 * 60 * 60);
    /// The most claims that are forwarded.
    pub const MAX_CLAIM_PARAMETERS: usize = 16;

    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            carrier: TokenCarrier::authorization(),
            empty_token: EmptyToken::Refuse,
            expiration: Expiration::Enforce,
            require_exp: false,
            leeway: Duration::ZERO,
            max_age: None,
            issuers: Vec::new(),
            audiences: Vec::new(),
            algorithms: None,
            jti_rule: JtiRule::AnyUse,
            max_jti_retention: Self::DEFAULT_JTI_RETENTION,
            undated_tokens: UndatedTokens::Refuse,
            restart_rule: RestartRule::Refuse,
            app_auth_rule: AppAuthRule::Besides,
            claim_parameters: Vec::new(),
        }
    }

    /// Where the token stands. Default: the header `Authorization`.
    #[must_use]
    pub fn with_carrier(mut self, carrier: TokenCarrier) -> Self {
        self.carrier = carrier;
        self
    }

    /// What becomes of a request without a token. Default: `I400JR`.
    #[must_use]
    pub const fn with_empty_token(mut self, rule: EmptyToken) -> Self {
        self.empty_token = rule;
        self
    }

    /// Whether `exp` is enforced. Default: it is; `A403JE` from the instant it names.
    #[must_use]
    pub const fn with_expiration(mut self, expiration: Expiration) -> Self {
        self.expiration = expiration;
        self
    }

    /// Refuses tokens without `exp`: `A403JT`. Default: they are accepted, as the gateway does.
    #[must_use]
    pub const fn with_required_exp(mut self) -> Self {
        self.require_exp = true;
        self
    }

    /// How far the issuer's clock may be off, for `exp`, `nbf` and `iat` alike. At most
    /// [`MAX_LEEWAY`](Self::MAX_LEEWAY) where tokens are of single use. Default: 0.
    #[must_use]
    pub const fn with_leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// How long after its `iat` a token is accepted, whatever its `exp` says: `A403JE`. It then needs
    /// an `iat`: `A403JT`. Default: no limit.
    #[must_use]
    pub const fn with_max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Which `iss` are accepted; others, and none, are `A403JT`. Default: any.
    #[must_use]
    pub fn with_issuers(mut self, issuers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.issuers = issuers.into_iter().map(Into::into).collect();
        self
    }

    /// Which `aud` are accepted: one of the token's must be among them, else `A403JT`. Default: any.
    #[must_use]
    pub fn with_audiences(
        mut self,
        audiences: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.audiences = audiences.into_iter().map(Into::into).collect();
        self
    }

    /// Which algorithms are accepted, of those that the keys take. Default: all of them.
    #[must_use]
    pub fn with_algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// Whether a token's `jti` is accepted once. Default: any number of times.
    #[must_use]
    pub const fn with_jti_rule(mut self, rule: JtiRule) -> Self {
        self.jti_rule = rule;
        self
    }

    /// How long after its `iat` a token of single use is accepted at most, because no `jti` is
    /// remembered for ever: `A403JE` afterwards. Default: 24 hours.
    ///
    /// Verifiers that share a name and a store need not agree on it below 24 hours. Beyond, they must:
    /// what a shorter one has let go, a longer one would accept again. A token without `iat` is
    /// bounded by its `exp` alone, and remembered until then.
    #[must_use]
    pub const fn with_max_jti_retention(mut self, retention: Duration) -> Self {
        self.max_jti_retention = retention;
        self
    }

    /// What becomes of a token of single use with neither `exp` nor `iat`. Default: `S403JI`.
    #[must_use]
    pub const fn with_undated_tokens(mut self, rule: UndatedTokens) -> Self {
        self.undated_tokens = rule;
        self
    }

    /// What becomes of a token of single use that may have been used before the replay store's memory
    /// begins: under [`RestartRule::Refuse`] it is `A403JE`, so that the caller gets a new one. It
    /// is told by `iat` or `nbf`, less the leeway; of a token with neither nothing is known, and it
    /// passes once more after a restart. Default: refuse.
    #[must_use]
    pub const fn with_restart_rule(mut self, rule: RestartRule) -> Self {
        self.restart_rule = rule;
        self
    }

    /// What the token has to do with app authentication. Default: both are required, each by its own
    /// layer or by the combined one.
    #[must_use]
    pub const fn with_app_auth_rule(mut self, rule: AppAuthRule) -> Self {
        self.app_auth_rule = rule;
        self
    }

    /// Which claims the inner service gets as headers or query parameters. Default: none.
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] for more than 16, two for one place, or a header that frames the message.
    pub fn with_claim_parameters(
        mut self,
        parameters: impl IntoIterator<Item = ClaimParameter>,
    ) -> Result<Self, JwtConfigError> {
        self.claim_parameters = claim_parameter::checked(parameters.into_iter().collect())?;
        Ok(self)
    }

    /// Where the token stands.
    #[must_use]
    pub const fn carrier(&self) -> &TokenCarrier {
        &self.carrier
    }

    /// What the token has to do with app authentication.
    #[must_use]
    pub const fn app_auth_rule(&self) -> AppAuthRule {
        self.app_auth_rule
    }

    /// Which claims the inner service gets as headers or query parameters.
    #[must_use]
    pub fn claim_parameters(&self) -> &[ClaimParameter] {
        &self.claim_parameters
    }

    /// What could never work, or would not protect, whatever the keys are.
    pub(super) fn check(&self) -> Result<(), JwtConfigError> {
        if self.jti_rule == JtiRule::SingleUse && self.leeway > Self::MAX_LEEWAY {
            let problem = "more than 5 minutes, where tokens are of single use";
            return Err(JwtConfigError::new("leeway", problem));
        }
        self.carrier.check().map_err(|error| error.within("parameter"))?;
        let token = self.carrier.place();
        let replaces_it = |parameter: &ClaimParameter| {
            token.as_ref().is_some_and(|token| token.is_alike(parameter.place()))
        };
        match self.claim_parameters.iter().position(replaces_it) {
            Some(index) => {
                let path = format!("claimParameters[{index}].parameterName");
                Err(JwtConfigError::new(path, "the token itself stands there"))
            }
            None => Ok(()),
        }
    }

    pub(super) fn accepts(&self, algorithm: Algorithm) -> bool {
        self.algorithms.as_ref().is_none_or(|accepted| accepted.contains(&algorithm))
    }
}

impl Default for JwtPolicy {
    fn default() -> Self {
        Self::new()
    }
}
