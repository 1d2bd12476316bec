//! The registered claims (RFC 7519 §4.1), typed. One that has another type is refused, not skipped:
//! an `exp` that is a text would else never expire.

use std::borrow::Cow;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::clock::UnixMillis;
use crate::error::{ErrorCode, Rejection};

/// The claims that decide whether a token is accepted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registered<'c> {
    pub(super) exp: Option<UnixMillis>,
    pub(super) nbf: Option<UnixMillis>,
    pub(super) iat: Option<UnixMillis>,
    pub(super) iss: Option<&'c str>,
    pub(super) aud: Audience<'c>,
    /// Typed by who needs it: its absence and a wrong type have a code of their own.
    pub(super) jti: Option<&'c Value>,
}

/// What is there of them, found in one pass: to look each up takes longer than to type it.
#[derive(Default)]
struct Named<'c> {
    exp: Option<&'c Value>,
    nbf: Option<&'c Value>,
    iat: Option<&'c Value>,
    iss: Option<&'c Value>,
    sub: Option<&'c Value>,
    aud: Option<&'c Value>,
    jti: Option<&'c Value>,
}

/// One audience or several.
#[derive(Clone, Copy, Debug)]
pub(super) enum Audience<'c> {
    None,
    One(&'c str),
    Several(&'c [Value]),
}

impl<'c> Registered<'c> {
    /// The registered claims among `claims`.
    ///
    /// # Errors
    ///
    /// `A403JT` for `exp`, `nbf`, `iat`, `iss`, `sub` or `aud` of another type.
    pub(super) fn of(claims: &'c Map<String, Value>) -> Result<Self, Rejection> {
        let mut named = Named::default();
        for (name, value) in claims {
            match name.as_bytes() {
                b"exp" => named.exp = Some(value),
                b"nbf" => named.nbf = Some(value),
                b"iat" => named.iat = Some(value),
                b"iss" => named.iss = Some(value),
                b"sub" => named.sub = Some(value),
                b"aud" => named.aud = Some(value),
                b"jti" => named.jti = Some(value),
                _ => {}
            }
        }
        text(named.sub, "claim `sub` is not a string")?;
        Ok(Self {
            exp: date(named.exp, "claim `exp` is not a number")?,
            nbf: date(named.nbf, "claim `nbf` is not a number")?,
            iat: date(named.iat, "claim `iat` is not a number")?,
            iss: text(named.iss, "claim `iss` is not a string")?,
            aud: Audience::of(named.aud)?,
            jti: named.jti,
        })
    }
}

impl<'c> Audience<'c> {
    fn of(aud: Option<&'c Value>) -> Result<Self, Rejection> {
        match aud {
            None => Ok(Self::None),
            Some(Value::String(one)) => Ok(Self::One(one)),
            Some(Value::Array(several)) if several.iter().all(Value::is_string) => {
                Ok(Self::Several(several))
            }
            Some(_) => Err(invalid("claim `aud` is neither a string nor a list of strings")),
        }
    }

    /// Whether one of them is among `accepted`.
    pub(super) fn meets(self, accepted: &[String]) -> bool {
        let is_accepted = |audience: &str| accepted.iter().any(|one| one == audience);
        match self {
            Self::None => false,
            Self::One(one) => is_accepted(one),
            Self::Several(several) => several.iter().filter_map(Value::as_str).any(is_accepted),
        }
    }
}

/// `A403JT`. The reason is said in words of our own.
pub(super) fn invalid(reason: impl Into<Cow<'static, str>>) -> Rejection {
    Rejection::new(ErrorCode::A403JT).with(reason)
}

/// `A403JE`, with the date.
pub(super) fn expired(at: UnixMillis) -> Rejection {
    Rejection::new(ErrorCode::A403JE).with(rfc_3339(at))
}

fn text<'c>(claim: Option<&'c Value>, problem: &'static str) -> Result<Option<&'c str>, Rejection> {
    match claim {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(problem)),
    }
}

/// A NumericDate: seconds since the epoch, perhaps with a fraction (RFC 7519 §2). What lies before
/// the epoch is the epoch; what lies beyond all clocks is the last instant.
fn date(claim: Option<&Value>, problem: &'static str) -> Result<Option<UnixMillis>, Rejection> {
    let Some(value) = claim else {
        return Ok(None);
    };
    let Value::Number(number) = value else {
        return Err(invalid(problem));
    };
    let millis = match (number.as_u64(), number.as_f64()) {
        (Some(seconds), _) => seconds.saturating_mul(1000),
        // A cast of a float saturates, and there is no NaN in JSON.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
        (None, Some(seconds)) => (seconds * 1000.0) as u64,
        (None, None) => return Err(invalid(problem)),
    };
    Ok(Some(UnixMillis::new(millis)))
}

/// The date as `2026-11-22T09:30:00Z`; beyond the year 9999, the seconds since the epoch.
fn rfc_3339(at: UnixMillis) -> String {
    let seconds = at.get() / 1000;
    let date = i64::try_from(seconds).ok();
    let date = date.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    date.and_then(|date| date.format(&Rfc3339).ok()).unwrap_or_else(|| seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered(json: &str) -> Result<Option<UnixMillis>, Rejection> {
        let claims: Map<String, Value> = serde_json::from_str(json).unwrap();
        Registered::of(&claims).map(|claims| claims.exp)
    }

    #[test]
    fn lesson_29_a_date_is_a_number_and_saturates() {
        for (json, millis) in [
            (r#"{"exp":1700000000}"#, 1_700_000_000_000),
            (r#"{"exp":1700000000.25}"#, 1_700_000_000_250),
            (r#"{"exp":-1}"#, 0),
            (r#"{"exp":-1.5}"#, 0),
            (r#"{"exp":0}"#, 0),
            (r#"{"exp":18446744073709551615}"#, u64::MAX),
            (r#"{"exp":1e300}"#, u64::MAX),
        ] {
            assert_eq!(registered(json).unwrap(), Some(UnixMillis::new(millis)), "{json}");
        }
        assert_eq!(registered("{}").unwrap(), None);
    }

    #[test]
    fn lesson_29_registered_claims_of_another_type_are_refused() {
        for json in [
            r#"{"exp":"1700000000"}"#,
            r#"{"exp":null}"#,
            r#"{"exp":true}"#,
            r#"{"exp":[1700000000]}"#,
            r#"{"nbf":"0"}"#,
            r#"{"iat":{}}"#,
            r#"{"iss":["a"]}"#,
            r#"{"iss":null}"#,
            r#"{"sub":1}"#,
            r#"{"aud":1}"#,
            r#"{"aud":["a",1]}"#,
        ] {
            assert_eq!(registered(json).expect_err(json).code(), ErrorCode::A403JT, "{json}");
        }
    }

    #[test]
    fn a_date_is_said_in_words_that_a_caller_can_compare() {
        let message = |millis| expired(UnixMillis::new(millis)).message();
        assert_eq!(message(1_516_239_022_999), "JWT is expired at `2018-01-18T01:30:22Z`");
        assert_eq!(message(u64::MAX), "JWT is expired at `18446744073709551`");
    }
}
