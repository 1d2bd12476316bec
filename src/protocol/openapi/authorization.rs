//! `Authorization`, as ROA and V3 requests carry it (openapi §3.1, §4.1).

use std::fmt;

use super::{AcsSignatureMethod, access_key_id};
use crate::protocol::UnknownSignatureMethod;

/// An `Authorization` that is of a known scheme, and not as that scheme has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationError {
    /// Fields are missing, repeated, in another order, or hold what they cannot.
    #[error("is not well-formed")]
    Malformed,
    /// The algorithm is unknown, or not built in.
    #[error("names {0}")]
    Method(#[from] UnknownSignatureMethod),
}

/// `acs AccessKeyId:Signature`
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct RoaAuthorization<'r> {
    /// Who signed.
    pub access_key_id: &'r str,
    /// The signature, still encoded.
    pub signature: &'r [u8],
}

impl<'r> RoaAuthorization<'r> {
    /// Reads the header's value, without white space around it.
    ///
    /// ```
    /// use countersign::protocol::openapi::RoaAuthorization;
    ///
    /// let presented = RoaAuthorization::parse(b"acs testid:XGXDWA78AEvx/wmfxKoVCq/afWw=")?;
    /// assert_eq!(presented.access_key_id, "testid");
    /// assert!(RoaAuthorization::parse(b"acs:testid:XGXDWA78AEvx/wmfxKoVCq/afWw=").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AuthorizationError::Malformed`].
    pub fn parse(value: &'r [u8]) -> Result<Self, AuthorizationError> {
        let pair = value.strip_prefix(b"acs ").and_then(|pair| split(pair, b':'));
        let (key, signature) = pair.ok_or(AuthorizationError::Malformed)?;
        let key = access_key_id(key).filter(|_| !signature.is_empty());
        Ok(Self { access_key_id: key.ok_or(AuthorizationError::Malformed)?, signature })
    }
}

/// `ACS3-… Credential=AccessKeyId,SignedHeaders=a;b;c,Signature=hex`
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct V3Authorization<'r> {
    /// How it is signed.
    pub method: AcsSignatureMethod,
    /// Who signed.
    pub access_key_id: &'r str,
    /// The list of the signed headers, for
    /// [`V3SignedHeaders::parse`](super::V3SignedHeaders::parse).
    pub signed_headers: &'r str,
    /// The signature, still encoded.
    pub signature: &'r [u8],
}

impl<'r> V3Authorization<'r> {
    /// Reads the header's value, without white space around it: the three fields in the order in
    /// which every client sends them, each once; spaces may stand around the commas.
    ///
    /// ```
    /// use countersign::protocol::openapi::V3Authorization;
    ///
    /// let presented = V3Authorization::parse(
    ///     b"ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-date,Signature=06563a9e",
    /// )?;
    /// assert_eq!(presented.signed_headers, "host;x-acs-date");
    /// let refused = V3Authorization::parse(b"ACS3-HMAC-SHA256 Credential=testid,Signature=06563a9e");
    /// assert!(refused.is_err(), "it does not say what is signed");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AuthorizationError`].
    pub fn parse(value: &'r [u8]) -> Result<Self, AuthorizationError> {
        let (algorithm, fields) = split(value, b' ').unwrap_or((value, b""));
        let method = AcsSignatureMethod::for_v3(algorithm)?;
        Self::of_fields(method, fields).ok_or(AuthorizationError::Malformed)
    }

    fn of_fields(method: AcsSignatureMethod, fields: &'r [u8]) -> Option<Self> {
        let (credential, fields) = split(fields, b',')?;
        let (signed_headers, signature) = split(fields, b',')?;
        let credential = credential.trim_ascii().strip_prefix(b"Credential=")?;
        let signed_headers = signed_headers.trim_ascii().strip_prefix(b"SignedHeaders=")?;
        let signature = signature.trim_ascii().strip_prefix(b"Signature=")?;
        if signature.is_empty() || memchr::memchr(b',', signature).is_some() {
            return None;
        }
        Some(Self {
            method,
            access_key_id: access_key_id(credential)?,
            signed_headers: std::str::from_utf8(signed_headers).ok()?,
            signature,
        })
    }
}

/// What is before the first separator and what is behind it.
fn split(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(separator, text)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Without the signature: whoever reads it in time could send the request first.
impl fmt::Debug for RoaAuthorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoaAuthorization")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// Without the signature.
impl fmt::Debug for V3Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("V3Authorization")
            .field("method", &self.method)
            .field("access_key_id", &self.access_key_id)
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v3(fields: &str) -> Result<(), AuthorizationError> {
        V3Authorization::parse(format!("ACS3-HMAC-SHA256 {fields}").as_bytes()).map(|_| ())
    }

    #[test]
    fn the_three_fields_stand_in_their_order_and_once() {
        for fields in [
            "Credential=k,SignedHeaders=a;b,Signature=00",
            "Credential=k, SignedHeaders=a;b , Signature=00",
            "  Credential=k,SignedHeaders=,Signature=00",
        ] {
            assert_eq!(v3(fields), Ok(()), "{fields}");
        }
        for fields in [
            "",
            "Credential=k,SignedHeaders=a;b",
            "Credential=k,SignedHeaders=a;b,Signature=",
            "Credential=k,Signature=00,SignedHeaders=a;b",
            "Credential=k,SignedHeaders=a;b,Signature=00,Signature=00",
            "Credential=k,Credential=k,SignedHeaders=a;b,Signature=00",
            "Credential=k,SignedHeaders=a;b,Signature=00,",
            "credential=k,SignedHeaders=a;b,Signature=00",
            "Credential =k,SignedHeaders=a;b,Signature=00",
            "Credential=k;SignedHeaders=a;b;Signature=00",
        ] {
            assert_eq!(v3(fields), Err(AuthorizationError::Malformed), "{fields}");
        }
    }

    #[test]
    fn a_credential_holds_no_separator() {
        for credential in ["", "a b", "a/b", "a;b", "a:b", "名", "a\tb"] {
            let fields = format!("Credential={credential},SignedHeaders=a,Signature=00");
            assert_eq!(v3(&fields), Err(AuthorizationError::Malformed), "{credential}");
        }
        let long = |len| format!("Credential={},SignedHeaders=a,Signature=00", "k".repeat(len));
        assert_eq!(v3(&long(128)), Ok(()));
        assert_eq!(v3(&long(129)), Err(AuthorizationError::Malformed));
    }

    #[test]
    fn an_algorithm_is_known_by_its_exact_name() {
        let unknown = Err(AuthorizationError::Method(UnknownSignatureMethod));
        for name in ["acs3-hmac-sha256", "ACS3-HMAC-SHA1", "ACS3-", "ACS3-HMAC-SHA256,"] {
            let value = format!("{name} Credential=k,SignedHeaders=a,Signature=00");
            assert_eq!(V3Authorization::parse(value.as_bytes()).map(|_| ()), unknown, "{name}");
        }
        let without_fields = V3Authorization::parse(b"ACS3-HMAC-SHA256").map(|_| ());
        assert_eq!(without_fields, Err(AuthorizationError::Malformed));
    }

    #[test]
    fn an_acs_authorization_is_a_key_a_colon_and_a_signature() {
        assert!(RoaAuthorization::parse(b"acs k:c2ln").is_ok());
        for value in ["acs k", "acs :c2ln", "acs k:", "acs:k:c2ln", "ACS k:c2ln", "acs  k:c2ln"] {
            assert!(RoaAuthorization::parse(value.as_bytes()).is_err(), "{value}");
        }
    }
}
