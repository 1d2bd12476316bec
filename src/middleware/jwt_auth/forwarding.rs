//! Verified claims, as headers and query parameters of the request that the inner service gets.

use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::error::{ErrorCode, Rejection};
use crate::jwt::{ClaimParameter, ClaimPlace, JwtPolicy};
use crate::middleware::OriginalTarget;
use crate::protocol::query_without;

/// Everything but what RFC 3986 §2.3 leaves unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Claims in the form in which they are forwarded. It is made before the token's claim, so that what
/// cannot be forwarded spends no `jti`.
#[derive(Debug)]
pub(in crate::middleware) struct ForwardedClaims {
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The target with the claims, if it changes.
    target: Option<Uri>,
}

impl ForwardedClaims {
    /// The claims that `policy` forwards. One that the token does not have is not forwarded; one that
    /// is no text is JSON.
    ///
    /// # Errors
    ///
    /// `A403JT` if one cannot be written: a header takes no control characters and no white space
    /// around its value, a target no endless text, and that of `OPTIONS *` no query; a number beyond
    /// 2⁵³ may have lost digits. Without the claim, or with another, the inner service would take the
    /// request for somebody else's.
    pub(in crate::middleware) fn new(
        policy: &JwtPolicy,
        claims: &Map<String, Value>,
        parts: &Parts,
    ) -> Result<Self, Rejection> {
        let (mut headers, mut query) = (Vec::new(), Vec::new());
        for parameter in policy.claim_parameters() {
            let Some(value) = claims.get(parameter.claim()) else { continue };
            if !is_exact(value) {
                return Err(unwritable(parameter));
            }
            match (parameter.place(), text(value)) {
                (ClaimPlace::Header(name), text) => {
                    let value = header_value(&text).ok_or_else(|| unwritable(parameter))?;
                    headers.push((name.clone(), value));
                }
                (ClaimPlace::Query(name), text) => {
                    let encoded = |text| utf8_percent_encode(text, ESCAPED);
                    query.push(format!("{}={}", encoded(name), encoded(&text)));
                }
            }
        }
        let names = query_names(policy);
        // Where there is nothing to remove or to write, the target stays as it is: that of CONNECT
        // takes no query.
        let stays = names.is_empty() || (query.is_empty() && parts.uri.query().is_none());
        let target = match stays {
            true => None,
            false => Some(rewritten(&parts.uri, &names, &query).ok_or_else(unwritable_target)?),
        };
        Ok(Self { headers, target })
    }

    /// Writes them. What the caller sent in their places is gone from the headers already, and from
    /// the target with this.
    pub(in crate::middleware) fn write(self, parts: &mut Parts) {
        for (name, value) in self.headers {
            // A map that is full, far beyond what servers let callers send, takes no further name.
            let _ = parts.headers.try_append(name, value);
        }
        if let Some(target) = self.target {
            replace_target(parts, target);
        }
    }
}

/// Removes from the target what only claims may say, where there are none.
pub(in crate::middleware) fn strip_target(policy: &JwtPolicy, parts: &mut Parts) {
    let names = query_names(policy);
    if !names.is_empty() && parts.uri.query().is_some() {
        // A part of a query is a query: this does not fail.
        let stripped = rewritten(&parts.uri, &names, &[]);
        replace_target(parts, stripped.unwrap_or_default());
    }
}

/// The headers that only claims may write.
pub(in crate::middleware) fn header_names(policy: &JwtPolicy) -> impl Iterator<Item = HeaderName> {
    policy.claim_parameters().iter().filter_map(|parameter| match parameter.place() {
        ClaimPlace::Header(name) => Some(name.clone()),
        _ => None,
    })
}

fn query_names(policy: &JwtPolicy) -> Vec<&str> {
    let places = policy.claim_parameters().iter().map(ClaimParameter::place);
    places
        .filter_map(|place| match place {
            ClaimPlace::Query(name) => Some(name.as_str()),
            _ => None,
        })
        .collect()
}

/// A layer further in may verify the target that the caller signed.
fn replace_target(parts: &mut Parts, target: Uri) {
    if target != parts.uri {
        let original = OriginalTarget(OriginalTarget::of(parts).clone());
        parts.extensions.insert(original);
        parts.uri = target;
    }
}

fn rewritten(uri: &Uri, names: &[&str], claims: &[String]) -> Option<Uri> {
    let kept = uri.query().map(|query| query_without(query, names)).filter(|kept| !kept.is_empty());
    let query = kept.into_iter().chain(claims.iter().cloned()).collect::<Vec<_>>().join("&");
    let target = match query.as_str() {
        "" => uri.path().to_owned(),
        query => format!("{}?{query}", uri.path()),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

fn text(value: &Value) -> std::borrow::Cow<'_, str> {
    match value {
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

/// Whether every number is as the issuer wrote it. Integers are, up to 64 bits; what is read as a
/// float is not beyond 2⁵³, where two numbers may become one.
fn is_exact(value: &Value) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_u64() || number.is_i64() => true,
        Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() < EXACT),
        Value::Array(elements) => elements.iter().all(is_exact),
        Value::Object(members) => members.values().all(is_exact),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// White space around a value is no part of it: the next hop drops it (RFC 9110 §5.5), and one name
/// would become another.
fn header_value(text: &str) -> Option<HeaderValue> {
    let survives = text.trim_matches([' ', '\t']) == text;
    HeaderValue::from_bytes(text.as_bytes()).ok().filter(|_| survives)
}

fn unwritable(parameter: &ClaimParameter) -> Rejection {
    let reason = format!("claim `{}` cannot be forwarded", parameter.claim());
    Rejection::new(ErrorCode::A403JT).with(reason)
}

fn unwritable_target() -> Rejection {
    Rejection::new(ErrorCode::A403JT).with("its claims cannot be forwarded in the query")
}
