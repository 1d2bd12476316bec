//! A secret in the file, or where else it is.
//!
//! 1. a text is the secret itself
//! 2. `{env: NAME}`: the value of an environment variable, as it is
//! 3. `{file: PATH}`: the bytes of a file, without the line feed that ends them; a relative path
//!    begins at the apps file's folder
//! 4. anything else is refused, a bare number too: of `0x10`, `1e3` or `007` YAML keeps the number,
//!    not what was written

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use zeroize::Zeroizing;

use super::error::AppsFileError;
use super::sources::Sources;

/// Says what rule 4 refuses, and repeats nothing of it.
pub(super) const NO_SECRET: &str =
    "it is no text, {env: NAME} or {file: PATH}; a number is put in quotes";

pub(super) enum Secret {
    Text(Zeroizing<String>),
    Env(String),
    File(String),
}

/// Whether the apps file itself holds a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    InTheFile,
    Elsewhere,
}

impl Secret {
    pub(super) const fn kept(&self) -> Kept {
        match self {
            Self::Text(_) => Kept::InTheFile,
            Self::Env(_) | Self::File(_) => Kept::Elsewhere,
        }
    }

    /// The secret's bytes. The messages do not repeat a name: somebody may have taken it for the
    /// place of the secret.
    pub(super) fn bytes(&self, sources: &mut Sources) -> Result<Zeroizing<Vec<u8>>, AppsFileError> {
        match self {
            Self::Text(text) => Ok(Zeroizing::new(text.as_bytes().to_vec())),
            Self::Env(name) => match std::env::var(name) {
                Ok(value) => Ok(Zeroizing::new(value.into_bytes())),
                Err(std::env::VarError::NotPresent) => {
                    Err(AppsFileError::at("env", "this environment variable is not set"))
                }
                Err(std::env::VarError::NotUnicode(_)) => {
                    Err(AppsFileError::at("env", "this environment variable is not UTF-8"))
                }
            },
            Self::File(path) => {
                let mut bytes = sources.read_secret(path).map_err(|error| {
                    AppsFileError::at("file", format!("it cannot be read: {error}"))
                })?;
                if bytes.last() == Some(&b'\n') {
                    bytes.pop();
                    if bytes.last() == Some(&b'\r') {
                        bytes.pop();
                    }
                }
                Ok(bytes)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(field: D) -> Result<Self, D::Error> {
        field.deserialize_any(SecretVisitor)
    }
}

struct SecretVisitor;

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NO_SECRET)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::Text(Zeroizing::new(text.to_owned())))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Secret, E> {
        Ok(Secret::Text(Zeroizing::new(text)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
        let secret = match map.next_key::<Zeroizing<String>>()?.as_ref().map(|key| key.as_str()) {
            Some("env") => Secret::Env(map.next_value()?),
            Some("file") => Secret::File(map.next_value()?),
            _ => return Err(de::Error::custom(NO_SECRET)),
        };
        match map.next_key::<de::IgnoredAny>()? {
            None => Ok(secret),
            Some(_) => Err(de::Error::custom(NO_SECRET)),
        }
    }
}
