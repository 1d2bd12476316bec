//! The JOSE header (RFC 7515 §4). `jku`, `x5u`, `x5c` and `jwk` are not even read: a token does not
//! choose its own key.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, Error, MapAccess, Visitor};

use super::unique;
use crate::jwt::Algorithm;

/// What a token says of how it is signed. Nothing of it is proven.
#[derive(Clone, Debug)]
pub(in crate::jwt) struct Header {
    /// `None` if it is `none` or unknown.
    algorithm: Option<Algorithm>,
    kid: Option<String>,
    /// Whether `crit` is there: no extension is understood, so none may be critical (§4.1.11).
    pub(in crate::jwt) crit: bool,
}

impl Header {
    /// A header of which no member occurs twice, at whatever depth.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        let mut json = serde_json::Deserializer::from_str(str::from_utf8(json).ok()?);
        let header = json.deserialize_map(Members).ok()?;
        json.end().ok()?;
        Some(header)
    }

    /// The id of the key, as the token names it.
    pub(in crate::jwt) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm that the token names. `None` if it is `none` or unknown.
    pub(in crate::jwt) fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Name {
    Alg,
    Kid,
    Crit,
    Typ,
    Other(String),
}

/// A text, copied only if it has escapes.
#[derive(Deserialize)]
struct Text<'j>(#[serde(borrow)] Cow<'j, str>);

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Header, A::Error> {
        let (mut alg, mut kid) = (None::<Text<'de>>, None::<Text<'de>>);
        let (mut crit, mut typ) = (None, None);
        let mut others = BTreeSet::new();
        while let Some(name) = object.next_key()? {
            let is_first = match name {
                Name::Alg => alg.replace(object.next_value()?).is_none(),
                // It is a string (§4.1.4); `null` is none.
                Name::Kid => kid.replace(object.next_value()?).is_none(),
                Name::Crit => crit.replace(unique::any(&mut object)?).is_none(),
                // Whatever it says; but nearly every header has one.
                Name::Typ => typ.replace(unique::any(&mut object)?).is_none(),
                Name::Other(name) => {
                    unique::any(&mut object)?;
                    others.insert(name)
                }
            };
            if !is_first {
                return Err(A::Error::custom("a member occurs twice"));
            }
        }
        let alg = alg.ok_or_else(|| A::Error::missing_field("alg"))?;
        let kid = kid.map(|Text(kid)| kid.into_owned());
        Ok(Header { algorithm: Algorithm::from_name(&alg.0), kid, crit: crit.is_some() })
    }
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
            r#"{"alg":"HS256","kid":"a","kid":"a"}"#,
            r#"{"alg":"HS256","crit":[],"crit":[]}"#,
            r#"{"alg":"HS256","x":{"a":1,"a":1}}"#,
            r#"{"alg":"HS256","crit":{"a":1,"a":1}}"#,
            r#"{"alg":"HS256"}{}"#,
        ] {
            assert!(Header::parse(json.as_bytes()).is_none(), "{json}");
        }
        assert!(Header::parse(b"{\"alg\":\"HS256\",\"kid\":\"\xff\"}").is_none());
        let escaped = r#"{"\u0061lg":"HS256","typ":"JWT","x":{"a":1,"b":1}}"#;
        let header = Header::parse(escaped.as_bytes()).unwrap();
        assert_eq!((header.algorithm(), header.kid()), (Some(Algorithm::Hs256), None));
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
