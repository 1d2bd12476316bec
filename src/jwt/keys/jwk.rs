//! What a JWK says (RFC 7517, RFC 7518 §6, RFC 8037 §2), before it is a key.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::jwt::token::present;

/// The members of a JWK that matter. Others are ignored, as RFC 7517 §4 asks; one that occurs twice
/// is refused.
#[derive(Clone, Deserialize)]
#[serde(remote = "Self")] // Only a function of its own, which the implementation below asks.
pub(in crate::jwt) struct Jwk {
    pub(super) kty: String,
    pub(super) kid: Option<String>,
    pub(super) alg: Option<String>,
    #[serde(rename = "use")]
    pub(super) public_key_use: Option<String>,
    pub(super) key_ops: Option<Vec<String>>,
    pub(super) crv: Option<String>,
    pub(super) n: Option<String>,
    pub(super) e: Option<String>,
    pub(super) x: Option<String>,
    pub(super) y: Option<String>,
    pub(super) k: Option<Zeroizing<String>>,
    #[serde(default, deserialize_with = "present")]
    d: bool,
    #[serde(default, deserialize_with = "present")]
    p: bool,
    #[serde(default, deserialize_with = "present")]
    q: bool,
    #[serde(default, deserialize_with = "present")]
    dp: bool,
    #[serde(default, deserialize_with = "present")]
    dq: bool,
    #[serde(default, deserialize_with = "present")]
    qi: bool,
    #[serde(default, deserialize_with = "present")]
    oth: bool,
}

impl Jwk {
    /// The member that makes this a private key (RFC 7518 §6.2.2, §6.3.2; RFC 8037 §2).
    pub(super) fn private_member(&self) -> Option<&'static str> {
        let members = [
            ("d", self.d),
            ("p", self.p),
            ("q", self.q),
            ("dp", self.dp),
            ("dq", self.dq),
            ("qi", self.qi),
            ("oth", self.oth),
        ];
        members.into_iter().find(|(_, present)| *present).map(|(name, _)| name)
    }

    /// The member that declares the key for something else than verifying signatures.
    pub(super) fn other_use(&self) -> Option<&'static str> {
        let verifies = |ops: &Vec<String>| ops.iter().any(|op| op == "verify");
        if self.public_key_use.as_deref().is_some_and(|named| named != "sig") {
            return Some("use");
        }
        self.key_ops.as_ref().is_some_and(|ops| !verifies(ops)).then_some("key_ops")
    }

    pub(in crate::jwt) fn is_for_another_use(&self) -> bool {
        self.other_use().is_some()
    }

    pub(in crate::jwt) fn is_symmetric(&self) -> bool {
        self.kty == "oct"
    }
}

/// From an object alone: the derived function takes a list of the members' values, too.
impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Jwk;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Jwk, A::Error> {
                Jwk::deserialize(MapAccessDeserializer::new(members))
            }
        }

        value.deserialize_map(Object)
    }
}

/// Without values: `k` is a secret.
impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kty", &self.kty)
            .field("kid", &self.kid)
            .field("alg", &self.alg)
            .finish_non_exhaustive()
    }
}
