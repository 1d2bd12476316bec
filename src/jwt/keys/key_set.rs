//! Which key verifies a token (protocol recommendation 27): never the token's own `jwk`, `jku` or
//! `x5u`.
//!
//! 1. the token names a `kid` and a key has it → that key; of several, the one that takes the
//!    token's algorithm
//! 2. it names one that no key has, and exactly one key has no `kid` → the key without
//! 3. it names none → the key without `kid` if there is exactly one, or the only key
//! 4. otherwise there is no key

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Jwk, VerifyingKey};
use crate::jwt::{Algorithm, JwtConfigError};

/// The most keys of a JWK set, good and bad: to look at more takes time and memory, and no issuer
/// publishes so many. To ignore the rest would hide keys.
const MAX_KEYS: usize = 1_000;

/// The keys that tokens are verified with: one or more, all symmetric or all public.
///
/// ```
/// use countersign::jwt::KeySet;
///
/// let keys = KeySet::from_jwks(r#"{"keys":[
///     {"kty":"OKP","crv":"Ed25519","kid":"new","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
///     {"kty":"EC","crv":"P-256","kid":"old","alg":"ES256",
///      "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
///      "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#)?;
/// assert_eq!(keys.iter().count(), 2);
///
/// let refused = KeySet::from_jwks(r#"{"keys":[]}"#).unwrap_err();
/// assert_eq!(refused.to_string(), "keys: there is no usable key");
/// # Ok::<(), countersign::jwt::JwtConfigError>(())
/// ```
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
}

/// A key of a set that is left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnusableKey {
    /// Its place in the set, from 0.
    pub index: usize,
    /// Why it is left out.
    pub error: JwtConfigError,
}

impl KeySet {
    /// A set of these keys.
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] if there is no key, if symmetric and public keys are mixed (a public key
    /// must never pass for a secret), or if two keys have the same `kid` or none: no token could
    /// choose between them.
    pub fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, JwtConfigError> {
        let keys: Vec<_> = keys.into_iter().collect();
        let Some(first) = keys.first() else {
            return Err(JwtConfigError::new("", "there is no usable key"));
        };
        if keys.iter().any(|key| key.is_symmetric() != first.is_symmetric()) {
            return Err(JwtConfigError::new("", "symmetric and public keys are mixed"));
        }
        for (index, key) in keys.iter().enumerate() {
            if keys.iter().take(index).any(|earlier| earlier.kid() == key.kid()) {
                let problem = match key.kid() {
                    Some(_) => "an earlier key has the same",
                    None => "it is missing here and in an earlier key: no token could choose",
                };
                return Err(JwtConfigError::new(format!("[{index}].kid"), problem));
            }
        }
        Ok(Self { keys })
    }

    /// The keys of a JWK set in JSON, each of which must be good. Keys for encryption are left out.
    /// There may be 1,000 in all.
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] with the place of the first problem.
    pub fn from_jwks(json: &str) -> Result<Self, JwtConfigError> {
        Self::of(&listed::<Jwk>(json.as_bytes())?).map_err(|error| error.within("keys"))
    }

    /// The usable keys of a JWK set that somebody else publishes, and those that are left out: an
    /// unknown kind of key, a weak one, or one for encryption does not spoil the others (RFC 7517
    /// §5). Symmetric keys are left out, too, since what is published is no secret.
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] if it is no JWK set, no key is usable, or there are more than 1,000.
    pub fn from_published_jwks(json: &[u8]) -> Result<(Self, Vec<UnusableKey>), JwtConfigError> {
        let mut keys: Vec<VerifyingKey> = Vec::new();
        let mut unusable = Vec::new();
        for (index, jwk) in listed(json)?.into_iter().enumerate() {
            match published(jwk) {
                Ok(key) => keys.push(key),
                Err(error) => unusable.push(UnusableKey { index, error }),
            }
        }
        if keys.is_empty() {
            return Err(JwtConfigError::new("keys", "there is no usable key"));
        }
        Ok((Self { keys }, unusable))
    }

    /// The keys of a list in a configuration.
    pub(in crate::jwt) fn of(jwks: &[Jwk]) -> Result<Self, JwtConfigError> {
        let mut keys = Vec::with_capacity(jwks.len());
        for (index, jwk) in jwks.iter().enumerate() {
            if jwk.other_use().is_none() {
                let key = VerifyingKey::of(jwk);
                keys.push(key.map_err(|error| error.within(&format!("[{index}]")))?);
            }
        }
        Self::new(keys)
    }

    /// The keys.
    pub fn iter(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.keys.iter()
    }

    /// The key for a token whose header names `kid` and `algorithm`. Whether the key takes the
    /// algorithm is still to be checked.
    pub(in crate::jwt) fn select(
        &self,
        kid: Option<&str>,
        algorithm: Option<Algorithm>,
    ) -> Option<&VerifyingKey> {
        let nameless = || self.only(|key| key.kid().is_none());
        match kid {
            Some(kid) => self.named(kid, algorithm).or_else(nameless),
            None => nameless().or_else(|| self.only(|_| true)),
        }
    }

    /// The key that has this `kid`; of several, the one that takes the algorithm.
    pub(in crate::jwt) fn named(
        &self,
        kid: &str,
        algorithm: Option<Algorithm>,
    ) -> Option<&VerifyingKey> {
        let mut named = self.keys.iter().filter(|key| key.kid() == Some(kid)).peekable();
        let first = named.peek().copied();
        let fits = |key: &&VerifyingKey| algorithm.is_some_and(|named| key.accepts(named));
        named.find(fits).or(first)
    }

    /// Whether both hold the same keys under the same names for the same algorithms, in whatever
    /// order. It counts only among keys of one name: the first that fits is taken.
    #[cfg(feature = "jwks")]
    pub(in crate::jwt) fn is_same_as(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.by_name(), other.by_name());
        ours.len() == theirs.len()
            && ours.into_iter().zip(theirs).all(|(one, another)| one.is_same_as(another))
    }

    /// Keys of one name stay in their order.
    #[cfg(feature = "jwks")]
    fn by_name(&self) -> Vec<&VerifyingKey> {
        let mut keys: Vec<_> = self.iter().collect();
        keys.sort_by_key(|key| key.kid());
        keys
    }

    fn only(&self, matches: impl Fn(&VerifyingKey) -> bool) -> Option<&VerifyingKey> {
        let mut found = self.keys.iter().filter(|key| matches(key));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }
}

/// One key is a set.
impl From<VerifyingKey> for KeySet {
    fn from(key: VerifyingKey) -> Self {
        Self { keys: vec![key] }
    }
}

/// What a JWK set lists in `keys`.
fn listed<'j, K: Deserialize<'j>>(json: &'j [u8]) -> Result<Vec<K>, JwtConfigError> {
    #[derive(Deserialize)]
    struct Document<K> {
        keys: Vec<K>,
    }

    // Serde takes a JSON array for a struct, too.
    let document = match json.trim_ascii_start() {
        [b'{', ..] => serde_json::from_slice::<Document<K>>(json).ok(),
        _ => None,
    };
    let document = document.ok_or_else(|| JwtConfigError::new("", "this is no JWK set"))?;
    if document.keys.len() > MAX_KEYS {
        return Err(JwtConfigError::new("keys", format!("there are more than {MAX_KEYS}")));
    }
    Ok(document.keys)
}

/// From its own text: over a `Value`, the last of two members of one name would win.
fn published(json: &RawValue) -> Result<VerifyingKey, JwtConfigError> {
    let jwk: Jwk =
        serde_json::from_str(json.get()).map_err(|_| JwtConfigError::new("", "this is no JWK"))?;
    if jwk.is_symmetric() {
        return Err(JwtConfigError::new("kty", "a published key is no secret"));
    }
    VerifyingKey::of(&jwk)
}
