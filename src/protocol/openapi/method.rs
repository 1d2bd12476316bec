//! How a request is signed (openapi §5).

use crate::credential::OpenApiScheme;
use crate::protocol::UnknownSignatureMethod;

/// The signature method that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AcsSignatureMethod {
    /// With a secret that both sides have.
    Mac(MacMethod),
    /// With a private key. Feature `openapi-rsa`.
    #[cfg(feature = "openapi-rsa")]
    Rsa(RsaMethod),
}

/// A MAC: what it is made with, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MacMethod {
    /// `HMAC-SHA1` of RPC: the key is the secret and an `&`; base64.
    RpcHmacSha1,
    /// `HMAC-SHA1` of ROA: the key is the secret; base64.
    RoaHmacSha1,
    /// `ACS3-HMAC-SHA256`: hexadecimal.
    V3HmacSha256,
    /// `ACS3-HMAC-SM3`: hexadecimal. Feature `sm3`.
    #[cfg(feature = "sm3")]
    V3HmacSm3,
}

/// A signature by RSASSA-PKCS1-v1_5 with SHA-256.
#[cfg(feature = "openapi-rsa")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RsaMethod {
    /// `SHA256withRSA` of RPC: base64.
    RpcSha256,
    /// `ACS3-RSA-SHA256`: hexadecimal.
    V3Sha256,
}

impl AcsSignatureMethod {
    /// The method of an RPC request by its parameters `SignatureMethod` and `SignatureType`. Absent is
    /// empty; nothing named is `None`, which means `HMAC-SHA1` where a policy lets it.
    ///
    /// ```
    /// use countersign::protocol::openapi::{AcsSignatureMethod, MacMethod};
    ///
    /// let named = AcsSignatureMethod::for_rpc(b"HMAC-SHA1", b"")?;
    /// assert_eq!(named, Some(AcsSignatureMethod::Mac(MacMethod::RpcHmacSha1)));
    /// assert!(AcsSignatureMethod::for_rpc(b"HMAC-SHA256", b"").is_err(), "no client has it");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`UnknownSignatureMethod`]: refused with `InvalidSignatureMethod`. It is also the answer to a
    /// type that does not go with the method.
    pub fn for_rpc(
        method: &[u8],
        signature_type: &[u8],
    ) -> Result<Option<Self>, UnknownSignatureMethod> {
        match (method, signature_type) {
            (b"", b"") => Ok(None),
            (b"HMAC-SHA1", b"") => Ok(Some(Self::Mac(MacMethod::RpcHmacSha1))),
            #[cfg(feature = "openapi-rsa")]
            (b"SHA256withRSA", b"PRIVATEKEY") => Ok(Some(Self::Rsa(RsaMethod::RpcSha256))),
            _ => Err(UnknownSignatureMethod),
        }
    }

    /// The method of a ROA request by its header `x-acs-signature-method`. Absent is empty; nothing
    /// named is `None`, which means `HMAC-SHA1` where a policy lets it.
    ///
    /// # Errors
    ///
    /// [`UnknownSignatureMethod`].
    pub fn for_roa(method: &[u8]) -> Result<Option<Self>, UnknownSignatureMethod> {
        match method {
            b"" => Ok(None),
            b"HMAC-SHA1" => Ok(Some(Self::Mac(MacMethod::RoaHmacSha1))),
            _ => Err(UnknownSignatureMethod),
        }
    }

    /// The method of a V3 request by the first word of its `Authorization`.
    ///
    /// # Errors
    ///
    /// [`UnknownSignatureMethod`].
    pub fn for_v3(algorithm: &[u8]) -> Result<Self, UnknownSignatureMethod> {
        match algorithm {
            b"ACS3-HMAC-SHA256" => Ok(Self::Mac(MacMethod::V3HmacSha256)),
            #[cfg(feature = "sm3")]
            b"ACS3-HMAC-SM3" => Ok(Self::Mac(MacMethod::V3HmacSm3)),
            #[cfg(feature = "openapi-rsa")]
            b"ACS3-RSA-SHA256" => Ok(Self::Rsa(RsaMethod::V3Sha256)),
            _ => Err(UnknownSignatureMethod),
        }
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mac(method) => method.as_str(),
            #[cfg(feature = "openapi-rsa")]
            Self::Rsa(method) => method.as_str(),
        }
    }

    /// The scheme that it belongs to.
    #[must_use]
    pub const fn scheme(self) -> OpenApiScheme {
        match self {
            Self::Mac(method) => method.scheme(),
            #[cfg(feature = "openapi-rsa")]
            Self::Rsa(RsaMethod::RpcSha256) => OpenApiScheme::Rpc,
            #[cfg(feature = "openapi-rsa")]
            Self::Rsa(RsaMethod::V3Sha256) => OpenApiScheme::V3,
        }
    }
}

impl MacMethod {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RpcHmacSha1 | Self::RoaHmacSha1 => "HMAC-SHA1",
            Self::V3HmacSha256 => "ACS3-HMAC-SHA256",
            #[cfg(feature = "sm3")]
            Self::V3HmacSm3 => "ACS3-HMAC-SM3",
        }
    }

    /// The scheme that it belongs to.
    #[must_use]
    pub const fn scheme(self) -> OpenApiScheme {
        match self {
            Self::RpcHmacSha1 => OpenApiScheme::Rpc,
            Self::RoaHmacSha1 => OpenApiScheme::Roa,
            Self::V3HmacSha256 => OpenApiScheme::V3,
            #[cfg(feature = "sm3")]
            Self::V3HmacSm3 => OpenApiScheme::V3,
        }
    }
}

#[cfg(feature = "openapi-rsa")]
impl RsaMethod {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RpcSha256 => "SHA256withRSA",
            Self::V3Sha256 => "ACS3-RSA-SHA256",
        }
    }
}

impl From<MacMethod> for AcsSignatureMethod {
    fn from(method: MacMethod) -> Self {
        Self::Mac(method)
    }
}

#[cfg(feature = "openapi-rsa")]
impl From<RsaMethod> for AcsSignatureMethod {
    fn from(method: RsaMethod) -> Self {
        Self::Rsa(method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_known_by_its_exact_name_and_only_where_it_belongs() {
        for name in ["HMAC-SHA256", "HMAC-SM3", "hmac-sha1", "HmacSHA1", "ACS3-HMAC-SHA256"] {
            let name = name.as_bytes();
            assert_eq!(AcsSignatureMethod::for_rpc(name, b""), Err(UnknownSignatureMethod));
            assert_eq!(AcsSignatureMethod::for_roa(name), Err(UnknownSignatureMethod));
        }
        assert_eq!(AcsSignatureMethod::for_v3(b"HMAC-SHA1"), Err(UnknownSignatureMethod));
        assert_eq!(AcsSignatureMethod::for_v3(b""), Err(UnknownSignatureMethod));
    }

    #[test]
    fn a_signature_type_goes_with_its_method_alone() {
        for (method, signature_type) in [
            ("HMAC-SHA1", "PRIVATEKEY"),
            ("HMAC-SHA1", "BEARERTOKEN"),
            ("", "PRIVATEKEY"),
            ("SHA256withRSA", ""),
        ] {
            let refused = AcsSignatureMethod::for_rpc(method.as_bytes(), signature_type.as_bytes());
            assert_eq!(refused, Err(UnknownSignatureMethod), "{method} {signature_type}");
        }
        assert_eq!(AcsSignatureMethod::for_rpc(b"", b""), Ok(None));
    }

    #[test]
    fn what_is_not_built_in_is_unknown_by_name() {
        let rsa = cfg!(feature = "openapi-rsa");
        let rpc = AcsSignatureMethod::for_rpc(b"SHA256withRSA", b"PRIVATEKEY");
        assert_eq!(rpc.is_ok(), rsa);
        assert_eq!(AcsSignatureMethod::for_v3(b"ACS3-RSA-SHA256").is_ok(), rsa);
        assert_eq!(AcsSignatureMethod::for_v3(b"ACS3-HMAC-SM3").is_ok(), cfg!(feature = "sm3"));
    }
}
