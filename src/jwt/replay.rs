//! Step 6: the `jti`, claimed last, in the replay store that nonces live in.
//!
//! 1. no `jti`, or none that is a non-empty text of at most 256 bytes: `S403JI`
//! 2. neither `exp` nor `iat`, so that nothing says how long to remember it: `S403JI`, unless named
//!    otherwise
//! 3. the token's end has passed meanwhile, or the store's memory does not reach back to when the
//!    token could first be used: `A403JE`
//! 4. claimed before: `A403SV`
//!
//! Verifiers of one name share what was used, but not their bounds, so a `jti` is remembered for as
//! long as the most patient of them may accept it: until the earlier of `exp` and `iat` plus
//! [`JwtPolicy::DEFAULT_JTI_RETENTION`] (or this policy's, if it is longer), and the largest leeway after that. A `jti`
//! whose token has neither is remembered from receipt.
//!
//! The claim's key is (tag, the verifying key's thumbprint, `iss`, `jti`) in the verifier's scope: a
//! `kid` is a name that may be given anew, and two issuers may number alike. In the store's terms
//! the "app" is the issuer with its key, so that one issuer cannot fill the store for all.

use std::fmt;

use serde_json::Value;

use super::registered::Registered;
use super::{JwtPolicy, UndatedTokens};
use crate::clock::UnixMillis;
use crate::error::{ErrorCode, Rejection};
use crate::store::Claim;
use crate::verify::RestartRule;

/// What a token of single use claims.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct JtiClaim {
    /// What takes the AppKey's place: no AppKey on the wire contains a NUL.
    issuer: String,
    jti: String,
    until: UnixMillis,
    /// Since when the store must have been remembering.
    since: Option<UnixMillis>,
}

impl JtiClaim {
    pub(super) fn new(
        thumbprint: &str,
        claims: &Registered<'_>,
        policy: &JwtPolicy,
        now: UnixMillis,
    ) -> Result<Self, Rejection> {
        let jti = claims.jti.and_then(Value::as_str);
        let jti = jti.filter(|jti| !jti.is_empty() && jti.len() <= JwtPolicy::MAX_JTI);
        let jti = jti.ok_or_else(|| Rejection::from(ErrorCode::S403JI))?;
        let until = match (last_use(claims, policy), policy.undated_tokens) {
            (Some(last), _) => last,
            (None, UndatedTokens::DangerouslyRememberFromReceipt) => {
                now.saturating_add(policy.max_jti_retention)
            }
            (None, UndatedTokens::Refuse) => {
                let rejection = Rejection::new(ErrorCode::S403JI);
                return Err(rejection.with_detail("it has neither `exp` nor `iat`"));
            }
        };
        // It cannot have been used before both of these, whatever the clocks' leeway.
        let usable = claims.iat.max(claims.nbf).map(|at| at.saturating_sub(policy.leeway));
        let since = usable.filter(|_| policy.restart_rule == RestartRule::Refuse);
        let issuer = match claims.iss {
            Some(iss) => format!("\0jwt\0{thumbprint}\0={iss}"),
            None => format!("\0jwt\0{thumbprint}\0"),
        };
        Ok(Self { issuer, jti: jti.to_owned(), until, since })
    }

    /// What to ask the replay store. `scope` is the verifier's name.
    pub(super) fn claim<'a>(&'a self, scope: &'a str) -> Claim<'a> {
        let claim = Claim::new(scope, &self.issuer, self.jti.as_bytes(), self.until);
        // Without a time of signing: of two tokens, the later may well end earlier.
        Claim { remembered_since: self.since, ..claim }
    }

    /// Whether both claim one key.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        (&self.issuer, &self.jti) == (&other.issuer, &other.jti)
    }
}

/// The last instant at which any verifier of the scope may accept the token.
fn last_use(claims: &Registered<'_>, policy: &JwtPolicy) -> Option<UnixMillis> {
    let retention = policy.max_jti_retention.max(JwtPolicy::DEFAULT_JTI_RETENTION);
    let retained = claims.iat.map(|iat| iat.saturating_add(retention));
    let ends = claims.exp.into_iter().chain(retained);
    ends.min().map(|end| end.saturating_add(JwtPolicy::MAX_LEEWAY))
}

/// Without the `jti`: it may be a session's name.
impl fmt::Debug for JtiClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JtiClaim({} bytes until {})", self.jti.len(), self.until)
    }
}
