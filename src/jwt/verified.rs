//! What a token has proven when every check has passed.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::replay::JtiClaim;
use super::{Algorithm, AuthenticToken};
use crate::verify::VerifierId;

/// A verified token. The layers put it into the request's extensions; with the `axum` feature it is
/// an extractor, and so are its claims (`middleware::jwt_auth::Claims`).
#[derive(Clone)]
pub struct VerifiedToken(Arc<Inner>);

struct Inner {
    token: AuthenticToken,
    claim: Option<JtiClaim>,
    verifier: VerifierId,
}

impl VerifiedToken {
    pub(super) fn new(
        token: AuthenticToken,
        claim: Option<JtiClaim>,
        verifier: VerifierId,
    ) -> Self {
        Self(Arc::new(Inner { token, claim, verifier }))
    }

    /// The claims, as the issuer signed them; of a number beyond 64 bits, or a float beyond 2⁵³, as
    /// much as a double holds.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        self.0.token.claims()
    }

    /// The claims as a type of the service's own.
    ///
    /// # Errors
    ///
    /// They have another shape.
    pub fn claims_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(self.claims())
    }

    /// Claim `iss`.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.text("iss")
    }

    /// Claim `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.text("sub")
    }

    /// Claim `jti`.
    #[must_use]
    pub fn jti(&self) -> Option<&str> {
        self.text("jti")
    }

    /// The algorithm that the token is signed with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.0.token.algorithm()
    }

    /// The id of the key that verified the token, as the key set has it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.0.token.kid()
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.claims().get(claim).and_then(Value::as_str)
    }

    /// What this verifier has claimed for the token.
    pub(super) fn claim_by(&self, verifier: VerifierId) -> Option<&JtiClaim> {
        self.0.claim.as_ref().filter(|_| self.0.verifier == verifier)
    }
}

/// The names of the claims, not what they say.
impl fmt::Debug for VerifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.token.fmt(f)
    }
}
