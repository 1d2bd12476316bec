//! The members of a plug-in document, as they stand in it (protocol §5).

use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::jwt::keys::Jwk;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a JWT plug-in document")]
pub(super) struct Document {
    pub(super) parameter: String,
    pub(super) parameter_location: Option<Location>,
    pub(super) jwk: Option<Jwk>,
    pub(super) jwks: Option<Jwks>,
    pub(super) claim_parameters: Option<Vec<ForwardedClaim>>,
    // Not optional: a flag that is there and empty says nothing, and may be meant as `true`.
    #[serde(default)]
    pub(super) prevent_jti_replay: bool,
    #[serde(default)]
    pub(super) bypass_empty_token: bool,
    #[serde(default)]
    pub(super) ignore_expiration_check: bool,
    #[serde(default)]
    pub(super) or_app_auth: bool,
}

/// The names of a document's fields. One that stands inside a key by a slip of indentation is not
/// taken for a member of the key that nobody understands.
pub(super) const FIELDS: [&str; 9] = [
    "parameter",
    "parameterLocation",
    "jwk",
    "jwks",
    "claimParameters",
    "preventJtiReplay",
    "bypassEmptyToken",
    "ignoreExpirationCheck",
    "orAppAuth",
];

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Location {
    Header,
    Query,
    Cookie,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a claim's name, and where it goes")]
pub(super) struct ForwardedClaim {
    pub(super) claim_name: String,
    pub(super) parameter_name: String,
    pub(super) location: ClaimLocation,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ClaimLocation {
    Header,
    Query,
}

/// Several keys: a list, or a JWK set with the list in `keys`.
pub(super) struct Jwks {
    pub(super) keys: Vec<Jwk>,
    /// Where the list is, for messages.
    pub(super) path: &'static str,
}

#[derive(Deserialize)]
struct JwkSet {
    keys: Vec<Jwk>,
}

impl<'de> Deserialize<'de> for Jwks {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        struct EitherForm;

        impl<'de> Visitor<'de> for EitherForm {
            type Value = Jwks;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of keys, or a JWK set")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Jwks, A::Error> {
                let keys = Vec::deserialize(SeqAccessDeserializer::new(list))?;
                Ok(Jwks { keys, path: "jwks" })
            }

            fn visit_map<A: MapAccess<'de>>(self, set: A) -> Result<Jwks, A::Error> {
                let JwkSet { keys } = JwkSet::deserialize(MapAccessDeserializer::new(set))?;
                Ok(Jwks { keys, path: "jwks.keys" })
            }
        }

        value.deserialize_any(EitherForm)
    }
}
