//! The JOSE header (RFC 7515 §4). `jku`, `x5u`, `x5c` and `jwk` are not even read: a token does not
//! choose its own key.

use serde::Deserialize;

use super::unique;
use crate::jwt::Algorithm;

/// What a token says of how it is signed. Nothing of it is proven.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::jwt) struct Header {
    alg: String,
    #[serde(default, deserialize_with = "named")]
    kid: Option<String>,
    /// Whether `crit` is there: no extension is understood, so none may be critical (§4.1.11).
    #[serde(default, deserialize_with = "unique::present")]
    pub(in crate::jwt) crit: bool,
}

impl Header {
    /// A header of which no member that matters occurs twice.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        // As an object first: a JSON array would do for a struct, too.
        let members = unique::object(json).ok()?;
        serde_json::from_value(members.into()).ok()
    }

    /// The id of the key, as the token names it.
    pub(in crate::jwt) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm that the token names. `None` if it is `none` or unknown.
    pub(in crate::jwt) fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::from_name(&self.alg)
    }
}

/// A `kid` is a string (§4.1.4); `null` is none.
fn named<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    String::deserialize(value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_header_is_not_parsed() {
        for json in [
            "",
            "{}",
            "[]",
            r#"["HS256",null,false]"#,
            r#"{"alg":null}"#,
            r#"{"alg":256}"#,
            r#"{"alg":"HS256","alg":"HS256"}"#,
            r#"{"alg":"HS256","typ":"a","typ":"b"}"#,
            r#"{"alg":"HS256","kid":1}"#,
            r#"{"alg":"HS256","kid":null}"#,
        ] {
            assert!(Header::parse(json.as_bytes()).is_none(), "{json}");
        }
    }

    #[test]
    fn lesson_30_any_crit_is_noticed() {
        for (json, crit) in [
            (r#"{"alg":"HS256"}"#, false),
            (r#"{"alg":"HS256","crit":["exp"]}"#, true),
            (r#"{"alg":"HS256","crit":[]}"#, true),
            (r#"{"alg":"HS256","crit":null}"#, true),
            (r#"{"alg":"HS256","crit":1}"#, true),
        ] {
            assert_eq!(Header::parse(json.as_bytes()).unwrap().crit, crit, "{json}");
        }
    }
}
