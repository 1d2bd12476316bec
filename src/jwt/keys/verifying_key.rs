//! One key, and the algorithms it may be used with.
//!
//! 1. a private key → refused: it has no place where signatures are only verified
//! 2. `use` or `key_ops` for something else → refused
//! 3. the members that `kty` and `crv` ask for, decoded and checked ([`material`](super::material))
//! 4. `alg` given: that algorithm alone, and it must fit `kty`; else every algorithm that fits

use std::fmt;
use std::sync::Arc;

use super::Jwk;
use super::material::{Check, Material};
use crate::jwt::algorithm::KeyType;
use crate::jwt::config_error::quoted;
use crate::jwt::{Algorithm, JwtConfigError};

/// A key that verifies tokens. The key says which algorithms are accepted, never the token.
///
/// ```
/// use countersign::jwt::{Algorithm, VerifyingKey};
///
/// let jwk = r#"{"kty":"OKP","crv":"Ed25519","kid":"2026-11",
///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// let key = VerifyingKey::from_jwk(jwk)?;
/// assert_eq!(key.kid(), Some("2026-11"));
/// assert!(key.algorithms().eq([Algorithm::EdDsa]));
///
/// let refused = VerifyingKey::from_jwk(r#"{"kty":"oct","k":"c2hvcnQ"}"#).unwrap_err();
/// assert_eq!(refused.path(), "k");
/// # Ok::<(), countersign::jwt::JwtConfigError>(())
/// ```
pub struct VerifyingKey {
    identity: Arc<KeyIdentity>,
    checks: Vec<(Algorithm, Check)>,
    key_type: KeyType,
}

/// Which key it is, for tokens that it has verified.
#[derive(PartialEq, Eq)]
pub(in crate::jwt) struct KeyIdentity {
    pub(in crate::jwt) kid: Option<String>,
    /// Whatever the `kid` is (RFC 7638). A symmetric key's is not to be shown: it is a hash of the
    /// secret.
    pub(in crate::jwt) thumbprint: String,
}

impl VerifyingKey {
    /// A key from a JWK in JSON.
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] with the member that is wrong: a private key, an RSA modulus under 2,048
    /// bits, a secret shorter than its hash, an `alg` that does not fit or is not supported.
    pub fn from_jwk(json: &str) -> Result<Self, JwtConfigError> {
        let mut json = serde_json::Deserializer::from_str(json);
        let jwk = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            // serde_json's messages show values, and a value may be a secret.
            JwtConfigError::new(path.trim_matches(['.', '?']), "this is no JWK")
        })?;
        json.end().map_err(|_| JwtConfigError::new("", "something follows the JWK"))?;
        Self::of(&jwk)
    }

    pub(in crate::jwt) fn of(jwk: &Jwk) -> Result<Self, JwtConfigError> {
        if let Some(member) = jwk.private_member() {
            return Err(JwtConfigError::new(member, "this is a private key"));
        }
        if let Some(member) = jwk.other_use() {
            return Err(JwtConfigError::new(member, "the key is not for signatures"));
        }
        let material = Material::of(jwk)?;
        let checks = checks(jwk, &material)?;
        let identity = KeyIdentity { kid: jwk.kid.clone(), thumbprint: material.thumbprint() };
        Ok(Self { identity: Arc::new(identity), checks, key_type: material.key_type() })
    }

    /// The key's id, by which tokens name it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.identity.kid.as_deref()
    }

    /// The algorithms that are accepted with this key.
    pub fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        self.checks.iter().map(|(algorithm, _)| *algorithm)
    }

    /// Whether `signature` is this key's for `message`. An algorithm that the key is not used with
    /// verifies nothing.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let mut checks = self.checks.iter();
        let check = checks.find(|(accepted, _)| *accepted == algorithm);
        check.is_some_and(|(_, check)| check.verifies(message, signature))
    }

    pub(in crate::jwt) fn accepts(&self, algorithm: Algorithm) -> bool {
        self.algorithms().any(|accepted| accepted == algorithm)
    }

    #[cfg(feature = "jwks")]
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.identity == other.identity && self.algorithms().eq(other.algorithms())
    }

    pub(in crate::jwt) fn is_symmetric(&self) -> bool {
        self.key_type == KeyType::Symmetric
    }

    pub(in crate::jwt) fn identity(&self) -> &Arc<KeyIdentity> {
        &self.identity
    }
}

fn checks(jwk: &Jwk, material: &Material) -> Result<Vec<(Algorithm, Check)>, JwtConfigError> {
    let key_type = material.key_type();
    let check = |algorithm| Ok((algorithm, material.check(algorithm)?));
    if let Some(name) = &jwk.alg {
        let algorithm = Algorithm::from_name(name).ok_or_else(|| {
            JwtConfigError::new("alg", format!("{} is not supported", quoted(name)))
        })?;
        if algorithm.key_type() != key_type {
            let problem = format!("`{name}` does not fit the key's type");
            return Err(JwtConfigError::new("alg", problem));
        }
        return Ok(vec![check(algorithm)?]);
    }
    let fitting = Algorithm::ALL.into_iter().filter(|algorithm| algorithm.key_type() == key_type);
    if key_type == KeyType::Symmetric {
        // A secret may be long enough for some of the three only; for none is the error of the first.
        let checks: Vec<_> = fitting.map(check).collect();
        return match checks.iter().any(Result::is_ok) {
            true => Ok(checks.into_iter().filter_map(Result::ok).collect()),
            false => checks.into_iter().take(1).collect(),
        };
    }
    fitting.map(check).collect()
}

/// Without the key.
impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms: Vec<_> = self.algorithms().collect();
        f.debug_struct("VerifyingKey")
            .field("kid", &self.kid())
            .field("algorithms", &algorithms)
            .finish_non_exhaustive()
    }
}
