//! Step 5: what the claims say, against the policy and our clock.
//!
//! 1. a registered claim of another type; `iss` or `aud` not accepted; not yet valid (`nbf`), issued
//!    in the future (`iat`); `exp` or `iat` required and missing: `A403JT`
//! 2. at its end, or past it: `A403JE`
//! 3. of single use, and no `jti` that can be remembered: `S403JI`
//!
//! The end is the earliest of
//!
//! | bound | counts |
//! |---|---|
//! | `exp` + leeway | unless expiration is ignored; always for a token of single use |
//! | `iat` + the longest age + leeway | if there is a longest age |
//! | `iat` + the longest retention | for a token of single use |

use serde_json::{Map, Value};

use super::registered::{Registered, expired, invalid};
use super::replay::JtiClaim;
use super::{AuthenticToken, Expiration, JtiRule, JwtPolicy};
use crate::clock::UnixMillis;
use crate::error::Rejection;

/// A token that is valid now; if it is of single use, its claim is still to be made.
#[derive(Clone, Debug)]
pub struct ValidToken {
    pub(super) token: AuthenticToken,
    pub(super) claim: Option<JtiClaim>,
    pub(super) end: Option<End>,
}

/// The instant from which a token is not accepted any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) at: UnixMillis,
    /// What the caller is told, without leeway.
    said: UnixMillis,
}

impl ValidToken {
    /// Takes step 5.
    pub(super) fn new(
        token: AuthenticToken,
        policy: &JwtPolicy,
        now: UnixMillis,
    ) -> Result<Self, Rejection> {
        let registered = Registered::of(token.claims())?;
        check_origin(&registered, policy)?;
        check_beginning(&registered, policy, now)?;
        let end = End::of(&registered, policy);
        End::check(end, now)?;
        let claim = match policy.jti_rule {
            JtiRule::AnyUse => None,
            JtiRule::SingleUse => {
                Some(JtiClaim::new(token.thumbprint(), &registered, policy, now)?)
            }
        };
        Ok(Self { token, claim, end })
    }

    /// The claims.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        self.token.claims()
    }
}

fn check_origin(claims: &Registered<'_>, policy: &JwtPolicy) -> Result<(), Rejection> {
    let issuers = &policy.issuers;
    let is_accepted = |iss: &str| issuers.iter().any(|accepted| accepted == iss);
    if !issuers.is_empty() && !claims.iss.is_some_and(is_accepted) {
        return Err(invalid("claim `iss` is not accepted"));
    }
    if !policy.audiences.is_empty() && !claims.aud.meets(&policy.audiences) {
        return Err(invalid("claim `aud` is not accepted"));
    }
    Ok(())
}

fn check_beginning(
    claims: &Registered<'_>,
    policy: &JwtPolicy,
    now: UnixMillis,
) -> Result<(), Rejection> {
    let ahead = now.saturating_add(policy.leeway);
    if claims.nbf.is_some_and(|nbf| nbf > ahead) {
        return Err(invalid("it is not valid yet (claim `nbf`)"));
    }
    if claims.iat.is_some_and(|iat| iat > ahead) {
        return Err(invalid("it is issued in the future (claim `iat`)"));
    }
    if policy.require_exp && claims.exp.is_none() {
        return Err(invalid("claim `exp` is required"));
    }
    if policy.max_age.is_some() && claims.iat.is_none() {
        return Err(invalid("claim `iat` is required"));
    }
    Ok(())
}

impl End {
    fn of(claims: &Registered<'_>, policy: &JwtPolicy) -> Option<Self> {
        let single_use = policy.jti_rule == JtiRule::SingleUse;
        let exp_counts = policy.expiration == Expiration::Enforce || single_use;
        let exp = claims.exp.filter(|_| exp_counts);
        let exp = exp.map(|exp| Self { at: exp.saturating_add(policy.leeway), said: exp });
        let age = claims.iat.zip(policy.max_age).map(|(iat, age)| {
            let said = iat.saturating_add(age);
            Self { at: said.saturating_add(policy.leeway), said }
        });
        let retention = claims.iat.filter(|_| single_use).map(|iat| {
            let at = iat.saturating_add(policy.max_jti_retention);
            Self { at, said: at }
        });
        [exp, age, retention].into_iter().flatten().min_by_key(|end| end.at)
    }

    /// `A403JE` from the end on.
    pub(super) fn check(end: Option<Self>, now: UnixMillis) -> Result<(), Rejection> {
        match end {
            Some(end) if now >= end.at => Err(expired(end.said)),
            _ => Ok(()),
        }
    }
}
