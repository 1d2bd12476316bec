//! Which claims the inner service gets, and how (protocol §5, `claimParameters`).

use http::HeaderName;

use super::JwtPolicy;
use crate::header;
use crate::jwt::JwtConfigError;

/// A claim that is forwarded to the inner service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimParameter {
    claim: String,
    place: ClaimPlace,
}

/// Where a forwarded claim stands. What a caller sent there is removed first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimPlace {
    /// In a header.
    Header(HeaderName),
    /// In a query parameter of this name, before encoding.
    Query(String),
}

impl ClaimParameter {
    /// The claim named `claim`, as a header.
    #[must_use]
    pub fn header(claim: impl Into<String>, name: HeaderName) -> Self {
        Self { claim: claim.into(), place: ClaimPlace::Header(name) }
    }

    /// The claim named `claim`, as a query parameter.
    #[must_use]
    pub fn query(claim: impl Into<String>, name: impl Into<String>) -> Self {
        Self { claim: claim.into(), place: ClaimPlace::Query(name.into()) }
    }

    /// The claim's name.
    #[must_use]
    pub fn claim(&self) -> &str {
        &self.claim
    }

    /// Where it is forwarded.
    #[must_use]
    pub const fn place(&self) -> &ClaimPlace {
        &self.place
    }
}

impl ClaimPlace {
    /// Whether a reader that is lenient about names takes both for one: many languages' gateways read
    /// `_` as `-` in headers, and some frameworks read parameters in any case.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Header(one), Self::Header(other)) => folded(one) == folded(other),
            (Self::Query(one), Self::Query(other)) => one.eq_ignore_ascii_case(other),
            (Self::Header(_), Self::Query(_)) | (Self::Query(_), Self::Header(_)) => false,
        }
    }
}

/// The parameters, if they can all be forwarded.
pub(super) fn checked(
    parameters: Vec<ClaimParameter>,
) -> Result<Vec<ClaimParameter>, JwtConfigError> {
    let at = |index, field, problem| {
        JwtConfigError::new(format!("claimParameters[{index}].{field}"), problem)
    };
    for (index, parameter) in parameters.iter().enumerate() {
        if index == JwtPolicy::MAX_CLAIM_PARAMETERS {
            return Err(JwtConfigError::new("claimParameters", "there are more than 16"));
        }
        if parameter.claim.is_empty() {
            return Err(at(index, "claimName", "it is empty"));
        }
        match &parameter.place {
            ClaimPlace::Query(name) if name.is_empty() => {
                return Err(at(index, "parameterName", "it is empty"));
            }
            ClaimPlace::Header(name) if has_a_meaning_of_its_own(name) => {
                return Err(at(index, "parameterName", "this header is not for claims"));
            }
            ClaimPlace::Header(_) | ClaimPlace::Query(_) => {}
        }
        let mut earlier = parameters.iter().take(index);
        if earlier.any(|earlier| earlier.place.is_alike(&parameter.place)) {
            return Err(at(index, "parameterName", "an earlier claim has the same place"));
        }
    }
    Ok(parameters)
}

/// Headers that say how a message is to be read or routed, or that are credentials: a claim there
/// would change the request, or vouch for itself.
fn has_a_meaning_of_its_own(name: &HeaderName) -> bool {
    const FRAMING: [&str; 14] = [
        "connection",
        "content-encoding",
        "content-length",
        "content-md5",
        "content-type",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    const CREDENTIALS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];
    let name = folded(name);
    let is = |own: &&str| *own == name;
    FRAMING.iter().any(is) || CREDENTIALS.iter().any(is) || name.starts_with(header::PREFIX)
}

fn folded(name: &HeaderName) -> String {
    name.as_str().replace('_', "-")
}
