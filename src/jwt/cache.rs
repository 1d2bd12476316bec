//! Tokens whose signature was verified, so that it need not be verified at every request.
//!
//! 1. the key is the whole token, compared byte by byte: a token that differs anywhere is another
//! 2. the entry is of the key set's present generation, else it is removed and is no hit
//! 3. a hit spares steps 2 to 4, form, key and signature; the claims, the time and the `jti` are
//!    checked as ever, and a token that is refused by them may well be in here
//!
//! What is kept for how long is a question of memory, and decides nothing.

use std::hash::{BuildHasher, DefaultHasher, Hasher, RandomState};
use std::time::Duration;

use moka::sync::Cache;
use serde_json::{Map, Value};

use super::AuthenticToken;

/// Configures a cache of verified tokens ([`with_cache`](super::JwtVerifier::with_cache)).
///
/// | knob | default | why |
/// |---|---|---|
/// | [`with_max_bytes`](Self::with_max_bytes) | 16 MiB | some thousand tokens of usual size |
/// | [`with_max_life`](Self::with_max_life) | 5 minutes | who is idle needs no place; a token is a credential, which need not lie about |
///
/// Each verifier has a cache of its own: what one accepts by its keys is no word for another.
///
/// It is worth it where clients send a token again and again: a hit costs a hundredth of an ECDSA
/// signature's check, and a fifth of an HMAC's with the parsing that it spares.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use countersign::protocol::{BodyLength, RequestHead};
/// # use http::{HeaderMap, HeaderValue, Method, Uri};
/// use countersign::clock::{ManualClock, UnixMillis};
/// use countersign::error::ErrorCode;
/// use countersign::jwt::{JwtVerifier, Plugin, TokenCache};
/// use countersign::store::MemoryReplayStore;
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// # let plugin = Plugin::parse("
/// # parameter: X-Token
/// # parameterLocation: header
/// # jwk:
/// #   kty: oct
/// #   alg: HS256
/// #   k: AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow
/// # ")?;
/// let clock = Arc::new(ManualClock::at(UnixMillis::new(1_700_000_000_000)));
/// let verifier = JwtVerifier::from_plugin(plugin, MemoryReplayStore::new())?
///     .with_clock(Arc::clone(&clock))
///     .with_cache(TokenCache::new().with_max_bytes(1024 * 1024));
///
/// // {"alg":"HS256"} . {"exp":1700000060}
/// # let token = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwNjB9.eFo3x2YIX6-8C71Tr1GSfmvf7pdsSK6raYnPDaeGtHg";
/// # let mut headers = HeaderMap::new();
/// # headers.insert("x-token", HeaderValue::from_static(token));
/// # let target = Uri::from_static("/");
/// # let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
/// assert!(verifier.verify(head).await.is_ok());
/// assert!(verifier.verify(head).await.is_ok()); // from the cache
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(verifier.verify(head).await.unwrap_err().code(), ErrorCode::A403JE); // also
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCache {
    max_bytes: u64,
    max_life: Duration,
}

impl TokenCache {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self { max_bytes: 16 * 1024 * 1024, max_life: Duration::from_secs(5 * 60) }
    }

    /// How much the tokens and their claims may take together, as estimated. Default: 16 MiB.
    #[must_use]
    pub const fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How long a token is kept; then its signature is verified again. Default: 5 minutes.
    #[must_use]
    pub const fn with_max_life(mut self, life: Duration) -> Self {
        self.max_life = life;
        self
    }
}

impl Default for TokenCache {
    fn default() -> Self {
        Self::new()
    }
}

/// The cache of one verifier.
#[derive(Clone)]
pub(super) struct KnownTokens(Cache<Box<[u8]>, Known, BySignature>);

#[derive(Clone)]
struct Known {
    token: AuthenticToken,
    generation: u64,
}

impl KnownTokens {
    pub(super) fn new(config: TokenCache) -> Self {
        // It panics at more than a thousand years.
        const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        let cache = Cache::<Box<[u8]>, Known>::builder()
            .max_capacity(config.max_bytes)
            .weigher(|presented, known| weight(presented, &known.token))
            .time_to_live(config.max_life.min(LONGEST));
        Self(cache.build_with_hasher(BySignature::default()))
    }

    /// The token of exactly these bytes, if it was verified by keys of this generation.
    pub(super) fn get(&self, presented: &[u8], generation: u64) -> Option<AuthenticToken> {
        let known = self.0.get(presented)?;
        if known.generation != generation {
            self.0.invalidate(presented);
            return None;
        }
        Some(known.token)
    }

    /// Keeps a token that has passed its signature's check.
    pub(super) fn insert(&self, presented: &[u8], token: &AuthenticToken, generation: u64) {
        self.0.insert(presented.into(), Known { token: token.clone(), generation });
    }
}

/// Hashes the end of a token only, which is of its signature: to hash all of it takes a quarter of a
/// hit. What is in the cache has a signature that was verified, so nobody but the issuer could bring
/// many of one end in; and equal are tokens, as ever, in every byte.
#[derive(Clone, Default)]
struct BySignature(RandomState);

struct EndHasher(DefaultHasher);

impl BuildHasher for BySignature {
    type Hasher = EndHasher;

    fn build_hasher(&self) -> EndHasher {
        EndHasher(self.0.build_hasher())
    }
}

impl Hasher for EndHasher {
    fn write(&mut self, bytes: &[u8]) {
        const END: usize = 32;
        self.0.write(bytes.last_chunk::<END>().map_or(bytes, |end| end.as_slice()));
    }

    fn finish(&self) -> u64 {
        self.0.finish()
    }
}

/// About the bytes that an entry takes.
fn weight(presented: &[u8], token: &AuthenticToken) -> u32 {
    const ENTRY: usize = 512;
    let bytes = ENTRY + presented.len() + members(token.claims());
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn members(claims: &Map<String, Value>) -> usize {
    const NODE: usize = 64;
    claims.iter().map(|(name, value)| NODE + name.len() + heap(value)).sum()
}

fn heap(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(|value| size_of::<Value>() + heap(value)).sum(),
        Value::Object(object) => members(object),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::token::Compact;
    use crate::jwt::{JwtPolicy, KeySet, VerifyingKey};

    /// `{"alg":"HS256"} . {"sub":"1"}`
    const TOKEN: &[u8] =
        b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.Lxx8Ljza7DLRpZyoKhnVaShQ4RHMAkgmrfW_2xD2gXI";

    fn token() -> AuthenticToken {
        let key = r#"{"kty":"oct","alg":"HS256",
            "k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
        let keys = KeySet::from(VerifyingKey::from_jwk(key).unwrap());
        AuthenticToken::new(Compact::parse(TOKEN).unwrap(), &keys, &JwtPolicy::new()).unwrap()
    }

    #[test]
    fn lesson_33_one_changed_character_anywhere_is_no_hit() {
        let known = KnownTokens::new(TokenCache::new());
        known.insert(TOKEN, &token(), 1);
        assert!(known.get(TOKEN, 1).is_some());
        for at in 0..TOKEN.len() {
            for other in [b'A', b'B', b'.', b'=', TOKEN[at].wrapping_add(1), TOKEN[at] ^ 0x80] {
                let mut changed = TOKEN.to_vec();
                changed[at] = other;
                assert_eq!(known.get(&changed, 1).is_some(), changed == TOKEN, "{at} {other}");
            }
            assert!(known.get(&TOKEN[..at], 1).is_none());
            assert!(known.get(&TOKEN[at + 1..], 1).is_none());
        }
        assert!(known.get(&[TOKEN, b"="].concat(), 1).is_none());
    }

    #[test]
    fn lesson_33_tokens_of_one_end_are_kept_apart() {
        let known = KnownTokens::new(TokenCache::new());
        let other = [b"x", TOKEN].concat();
        known.insert(TOKEN, &token(), 1);
        assert!(known.get(&other, 1).is_none());
        known.insert(&other, &token(), 2);
        assert!(known.get(TOKEN, 1).is_some() && known.get(&other, 2).is_some());
    }

    #[test]
    fn lesson_33_a_hit_of_another_generation_is_a_miss_and_is_removed() {
        let known = KnownTokens::new(TokenCache::new());
        known.insert(TOKEN, &token(), 1);
        assert!(known.get(TOKEN, 2).is_none());
        assert!(known.get(TOKEN, 1).is_none());
    }

    #[test]
    fn the_cache_is_bounded_by_bytes_and_by_time() {
        let known = KnownTokens::new(TokenCache::new().with_max_bytes(10_000));
        for n in 0..1_000_u32 {
            known.insert(&n.to_be_bytes(), &token(), 1);
        }
        known.0.run_pending_tasks();
        let bytes = known.0.weighted_size();
        assert!((5_000..=10_000).contains(&bytes), "{bytes}");
        for config in [
            TokenCache::new().with_max_bytes(0),
            TokenCache::new().with_max_life(Duration::ZERO),
            TokenCache::new().with_max_life(Duration::MAX),
        ] {
            let keeps = config.max_life == Duration::MAX;
            let known = KnownTokens::new(config);
            known.insert(TOKEN, &token(), 1);
            known.0.run_pending_tasks();
            assert_eq!(known.get(TOKEN, 1).is_some(), keeps);
        }
    }

    #[test]
    fn big_claims_weigh_what_they_take() {
        let claims = |json: &str| serde_json::from_str::<Map<String, Value>>(json).unwrap();
        assert_eq!(members(&claims("{}")), 0);
        assert_eq!(members(&claims(r#"{"a":"123"}"#)), 68);
        let zeros = format!(r#"{{"a":[{}0]}}"#, "0,".repeat(999));
        assert!(members(&claims(&zeros)) > 1_000 * 24);
        assert_eq!(members(&claims(r#"{"a":{"b":[true,"xy"]}}"#)), 132 + 2 * size_of::<Value>());
    }
}
