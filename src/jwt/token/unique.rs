//! JSON in which no object has a member twice.
//!
//! Two parsers may each take another one of two `exp` members, so such a token means nothing
//! (RFC 7515 §4, RFC 7519 §4). `serde_json::Value` would silently keep the last.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// An object whose members are unique at every depth.
pub(super) fn object(json: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    // As text at once: from bytes, each string would be checked by itself.
    let text = str::from_utf8(json).map_err(serde_json::Error::custom)?;
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Unique.deserialize(&mut json)?;
    json.end()?;
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(serde_json::Error::custom("not an object")),
    }
}

/// How serde_json hands over a number where another crate has turned its `arbitrary_precision` on.
const ARBITRARY_PRECISION: &str = "$serde_json::private::Number";

/// More members than most tokens have.
const TYPICAL: usize = 16;

#[derive(Clone, Copy)]
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        // All at once: a tree that grows is searched for each.
        let mut members = Vec::new();
        while let Some(name) = object.next_key::<String>()? {
            if name == ARBITRARY_PRECISION {
                let number: String = object.next_value()?;
                let number = number.parse().map(Value::Number).map_err(A::Error::custom)?;
                return once_each(members).map(|_before| number);
            }
            // An empty object needs none, and a token may be full of them.
            if members.is_empty() {
                members.reserve_exact(TYPICAL);
            }
            members.push((name, object.next_value_seed(self)?));
        }
        once_each(members).map(Value::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = array.next_element_seed(self)? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
}

fn once_each<E: Error>(members: Vec<(String, Value)>) -> Result<Map<String, Value>, E> {
    let count = members.len();
    let members: Map<_, _> = members.into_iter().collect();
    match members.len() == count {
        true => Ok(members),
        false => Err(E::custom("a member occurs twice")),
    }
}

/// The value of a member, whatever it is: it is not kept.
pub(super) fn any<'de, A: MapAccess<'de>>(object: &mut A) -> Result<(), A::Error> {
    object.next_value_seed(Unique).map(drop)
}

/// Whether a member is there, whatever its value: it may be a secret, and is not kept.
pub(in crate::jwt) fn present<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(value).map(|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_occurs_once_at_every_depth() {
        for json in [r#"{"a":1,"a":1}"#, r#"{"a":{"b":1,"b":2}}"#, r#"{"a":[{"b":1,"\u0062":2}]}"#]
        {
            assert!(object(json.as_bytes()).is_err(), "{json}");
        }
        let json = r#"{"a":{"b":[1,-1,1.5,null,true,"x\n"]},"b":{}}"#;
        let expected: Value = serde_json::from_str(json).unwrap();
        assert_eq!(Value::Object(object(json.as_bytes()).unwrap()), expected);
    }

    #[test]
    fn a_number_that_comes_as_text_is_a_number_and_no_other_text_is() {
        let read = |text: &str| {
            object(format!(r#"{{"a":{{"{ARBITRARY_PRECISION}":{text}}}}}"#).as_bytes())
        };
        assert_eq!(read(r#""1.5""#).unwrap()["a"], Value::from(1.5));
        assert!(read(r#""one""#).is_err());
        assert!(read("1").is_err());
        let twice = format!(r#"{{"a":{{"b":1,"b":2,"{ARBITRARY_PRECISION}":"1.5"}}}}"#);
        assert!(object(twice.as_bytes()).is_err(), "behind a member that occurs twice");
    }

    #[test]
    fn only_one_object_counts() {
        for json in ["", "1", "[]", "null", "{}x", "{} {}", "{", "\u{feff}{}", r#"{"a":1e999}"#] {
            assert!(object(json.as_bytes()).is_err(), "{json}");
        }
        let deep = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
        assert!(object(deep.as_bytes()).is_err());
        assert!(object(b"{\"a\":\"\xff\"}").is_err());
        assert!(object(b" {} \n").is_ok());
    }
}
