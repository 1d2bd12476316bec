//! Which claims the inner service gets, and how (protocol §5, `claimParameters`).

use http::HeaderName;
use http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};

use super::JwtPolicy;
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
            ClaimPlace::Header(name) if frames_the_message(name) => {
                return Err(at(index, "parameterName", "this header is not for claims"));
            }
            ClaimPlace::Header(_) | ClaimPlace::Query(_) => {}
        }
        if parameters.iter().take(index).any(|earlier| earlier.place == parameter.place) {
            return Err(at(index, "parameterName", "an earlier claim has the same place"));
        }
    }
    Ok(parameters)
}

/// Headers that say how a message is to be read or routed: a claim there would change the request.
fn frames_the_message(name: &HeaderName) -> bool {
    const FRAMING: [HeaderName; 10] = [
        CONNECTION,
        CONTENT_ENCODING,
        CONTENT_LENGTH,
        CONTENT_TYPE,
        EXPECT,
        HOST,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ];
    FRAMING.contains(name)
}
