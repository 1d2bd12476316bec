//! The gateway's JWT plug-in document.
//!
//! | field | means | if absent |
//! |---|---|---|
//! | `parameter` | where the token is: the name of a header, a query parameter or a cookie | refused |
//! | `parameterLocation` | `header`, `query` or `cookie` | `header`, with a warning: on the gateway the API's definition says it |
//! | `jwk` or `jwks` | the key; or several, as a list or as `{keys: […]}` | refused |
//! | `claimParameters` | claims that the service gets: `claimName`, `parameterName`, `location` (`header` or `query`); at most 16 | none |
//! | `preventJtiReplay` | a `jti` is used once | `false` |
//! | `bypassEmptyToken` | a request without a token passes, unauthenticated | `false` |
//! | `ignoreExpirationCheck` | `exp` is not enforced | `false` |
//! | `orAppAuth` | a token or app authentication: either will do | `false` |
//!
//! Every other field is reported as a warning, or refused ([`Plugin::parse_strict_fields`]); members
//! of a JWK that are not understood are ignored, as RFC 7517 asks. (protocol §5)

mod document;
mod parse;

use http::HeaderName;

use self::document::{ClaimLocation, Document, ForwardedClaim, Location};
use super::{
    AppAuthRule, ClaimParameter, EmptyToken, Expiration, JtiRule, JwtConfigError, JwtPolicy,
    KeySet, TokenCarrier, VerifyingKey,
};

/// A JWT plug-in document, in YAML or JSON: the policy it describes, and its keys.
///
/// ```
/// use countersign::jwt::Plugin;
///
/// let plugin = Plugin::parse(r#"
/// parameter: Authorization
/// parameterLocation: header
/// preventJtiReplay: true
/// claimParameters:
/// - { claimName: sub, parameterName: X-User, location: header }
/// jwks:
/// - { kty: OKP, crv: Ed25519, kid: new, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo }
/// colour: blue
/// "#)?;
/// assert_eq!(plugin.warnings(), ["colour: this field is not known"]);
///
/// let refused = Plugin::parse("parameter: X-Token\njwk: { kty: RSA, n: AQAB, e: AQAB }");
/// assert_eq!(refused.unwrap_err().to_string(), "jwk.n: the RSA key has 17 bits; 2048 is the least");
/// # Ok::<(), countersign::jwt::JwtConfigError>(())
/// ```
#[derive(Debug)]
pub struct Plugin {
    policy: JwtPolicy,
    keys: KeySet,
    warnings: Vec<String>,
}

impl Plugin {
    /// Reads a document. What is not known in it is a [warning](Self::warnings).
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] with the place of the problem: `I400JP`.
    pub fn parse(text: &str) -> Result<Self, JwtConfigError> {
        let (document, unknown) = parse::document(text)?;
        let mut warnings: Vec<_> =
            unknown.iter().map(|path| format!("{path}: this field is not known")).collect();
        if document.parameter_location.is_none() {
            warnings.push("parameterLocation: it is not given; `header` is assumed".to_owned());
        }
        warnings.extend(left_out(&document));
        let (policy, keys) = (policy(&document)?, keys(&document)?);
        Ok(Self { policy, keys, warnings })
    }

    /// Reads a document, and refuses fields that are not known.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and for a field that is not known.
    pub fn parse_strict_fields(text: &str) -> Result<Self, JwtConfigError> {
        let (_, unknown) = parse::document(text)?;
        match unknown.into_iter().next() {
            Some(path) => Err(JwtConfigError::new(path, "this field is not known")),
            None => Self::parse(text),
        }
    }

    /// What the document says that has no effect here, one line each: for whoever wrote it.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What the document describes.
    #[must_use]
    pub const fn policy(&self) -> &JwtPolicy {
        &self.policy
    }

    /// The document's keys.
    #[must_use]
    pub const fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// Changes what the document cannot say: issuers, audiences, leeway and so on.
    #[must_use]
    pub fn map_policy(mut self, change: impl FnOnce(JwtPolicy) -> JwtPolicy) -> Self {
        self.policy = change(self.policy);
        self
    }

    /// The policy and the keys.
    #[must_use]
    pub fn into_parts(self) -> (JwtPolicy, KeySet) {
        (self.policy, self.keys)
    }
}

fn policy(document: &Document) -> Result<JwtPolicy, JwtConfigError> {
    let policy = JwtPolicy::new()
        .with_carrier(carrier(document)?)
        .with_jti_rule(match document.prevent_jti_replay {
            true => JtiRule::SingleUse,
            false => JtiRule::AnyUse,
        })
        .with_empty_token(match document.bypass_empty_token {
            true => EmptyToken::Bypass,
            false => EmptyToken::Refuse,
        })
        .with_expiration(match document.ignore_expiration_check {
            true => Expiration::Ignore,
            false => Expiration::Enforce,
        })
        .with_app_auth_rule(match document.or_app_auth {
            true => AppAuthRule::Instead,
            false => AppAuthRule::Besides,
        });
    let claims = document.claim_parameters.iter().flatten().enumerate();
    let parameters = claims.map(|(index, claim)| forwarded(index, claim));
    let policy = policy.with_claim_parameters(parameters.collect::<Result<Vec<_>, _>>()?)?;
    policy.check().map(|()| policy)
}

fn carrier(document: &Document) -> Result<TokenCarrier, JwtConfigError> {
    let name = document.parameter.as_str();
    if name.is_empty() {
        return Err(JwtConfigError::new("parameter", "it is empty"));
    }
    match document.parameter_location.unwrap_or(Location::Header) {
        Location::Header => TokenCarrier::header(name).map_err(|error| error.within("parameter")),
        Location::Query => Ok(TokenCarrier::Query(name.to_owned())),
        Location::Cookie => Ok(TokenCarrier::Cookie(name.to_owned())),
    }
}

fn forwarded(index: usize, claim: &ForwardedClaim) -> Result<ClaimParameter, JwtConfigError> {
    let ForwardedClaim { claim_name, parameter_name, location } = claim;
    match location {
        ClaimLocation::Query => Ok(ClaimParameter::query(claim_name, parameter_name)),
        ClaimLocation::Header => match HeaderName::from_bytes(parameter_name.as_bytes()) {
            Ok(name) => Ok(ClaimParameter::header(claim_name, name)),
            Err(_) => Err(JwtConfigError::new(
                format!("claimParameters[{index}].parameterName"),
                "this is no header's name",
            )),
        },
    }
}

/// Every key must be good: a document is written by hand, and a key that is left out would be
/// missed much later.
fn keys(document: &Document) -> Result<KeySet, JwtConfigError> {
    match (&document.jwk, &document.jwks) {
        (None, None) => Err(JwtConfigError::new("jwk", "neither `jwk` nor `jwks` is given")),
        (Some(_), Some(_)) => Err(JwtConfigError::new("jwks", "both `jwk` and `jwks` are given")),
        (Some(jwk), None) => {
            VerifyingKey::of(jwk).map(KeySet::from).map_err(|error| error.within("jwk"))
        }
        (None, Some(jwks)) => KeySet::of(&jwks.keys).map_err(|error| error.within(jwks.path)),
    }
}

/// Keys for encryption, which are no mistake beside those for signatures.
fn left_out(document: &Document) -> Vec<String> {
    let Some(jwks) = &document.jwks else { return Vec::new() };
    let others = jwks.keys.iter().enumerate().filter(|(_, jwk)| jwk.is_for_another_use());
    others
        .map(|(index, _)| {
            format!("{}[{index}]: the key is not for signatures, and is left out", jwks.path)
        })
        .collect()
}
