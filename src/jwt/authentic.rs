//! Steps 3 and 4: the key, then the signature.
//!
//! 3. no key for the token's `kid`: `A403JK`
//! 4. the algorithm is not the key's, or not accepted; `crit` is there; the signature is another:
//!    `A403JT`
//!
//! Nothing of the claims is looked at before the signature is verified.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::keys::KeyIdentity;
use super::registered::invalid;
use super::token::{Compact, Header};
use super::{Algorithm, JwtPolicy, KeySet, VerifyingKey};
use crate::error::{ErrorCode, Rejection};

/// A token whose signature is verified; whether it is valid now is still to be checked.
#[derive(Clone)]
pub struct AuthenticToken(Arc<Inner>);

struct Inner {
    claims: Map<String, Value>,
    algorithm: Algorithm,
    key: Arc<KeyIdentity>,
}

impl AuthenticToken {
    /// Takes steps 3 and 4.
    pub(super) fn new(
        token: Compact<'_>,
        keys: &KeySet,
        policy: &JwtPolicy,
    ) -> Result<Self, Rejection> {
        let key = key(&token.header, keys)?;
        let algorithm = algorithm(&token.header, key, policy)?;
        if token.header.crit {
            return Err(invalid("a critical header parameter is not understood"));
        }
        if !key.verifies(algorithm, token.signing_input, &token.signature) {
            return Err(invalid("its signature does not verify"));
        }
        Ok(Self(Arc::new(Inner {
            claims: token.claims,
            algorithm,
            key: Arc::clone(key.identity()),
        })))
    }

    /// The claims.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.0.claims
    }

    /// The algorithm that it is signed with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// The id of the key that verified it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.0.key.kid.as_deref()
    }

    pub(super) fn thumbprint(&self) -> &str {
        &self.0.key.thumbprint
    }
}

fn key<'k>(header: &Header, keys: &'k KeySet) -> Result<&'k VerifyingKey, Rejection> {
    keys.select(header.kid(), header.algorithm()).ok_or_else(|| {
        let rejection = Rejection::new(ErrorCode::A403JK);
        match header.kid() {
            Some(kid) => rejection.with_request_text(shortened(kid)),
            None => rejection.with("null").with_detail("the token names no `kid`"),
        }
    })
}

/// The key's algorithm: the token may name no other, and `none` is no algorithm.
fn algorithm(
    header: &Header,
    key: &VerifyingKey,
    policy: &JwtPolicy,
) -> Result<Algorithm, Rejection> {
    let named = header.algorithm().filter(|named| key.accepts(*named) && policy.accepts(*named));
    named.ok_or_else(|| invalid("its algorithm is not accepted with this key"))
}

fn shortened(kid: &str) -> String {
    const SHOWN: usize = 128;
    match kid.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", kid.get(..end).unwrap_or_default()),
        None => kid.to_owned(),
    }
}

/// The names of the claims, not what they say.
impl fmt::Debug for AuthenticToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let claims: Vec<_> = self.claims().keys().collect();
        f.debug_struct("AuthenticToken")
            .field("algorithm", &self.algorithm())
            .field("kid", &self.kid())
            .field("claims", &claims)
            .finish()
    }
}
