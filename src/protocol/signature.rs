//! The signature: HMAC over the string to sign, base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;

use crate::credential::AppSecret;

/// The value of `X-Ca-Signature-Method`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureMethod {
    /// The default, also when the header is absent or empty.
    #[default]
    HmacSha256,
    /// Accepted where the policy names it.
    HmacSha1,
}

/// The value of `X-Ca-Signature-Method` is none of the known names.
///
/// It is refused rather than read as a default: a verifier that falls back lets an attacker choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a known signature method")]
pub struct UnknownSignatureMethod;

impl SignatureMethod {
    /// Reads the header's value; an absent header is an empty value. Names are exact
    /// (protocol §1.1).
    ///
    /// # Errors
    ///
    /// [`UnknownSignatureMethod`] for any other name.
    pub fn parse(value: &[u8]) -> Result<Self, UnknownSignatureMethod> {
        match value {
            b"" | b"HmacSHA256" => Ok(Self::HmacSha256),
            b"HmacSHA1" => Ok(Self::HmacSha1),
            _ => Err(UnknownSignatureMethod),
        }
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha256 => "HmacSHA256",
            Self::HmacSha1 => "HmacSHA1",
        }
    }

    /// The base64 signature of `string_to_sign`.
    #[must_use]
    pub fn sign(self, secret: &AppSecret, string_to_sign: &[u8]) -> String {
        match self {
            Self::HmacSha256 => {
                let mac = secret.hmac_sha256().chain_update(string_to_sign);
                STANDARD.encode(mac.finalize().into_bytes())
            }
            Self::HmacSha1 => {
                let mac = secret.hmac_sha1().chain_update(string_to_sign);
                STANDARD.encode(mac.finalize().into_bytes())
            }
        }
    }

    /// Whether `signature` is that of `string_to_sign`, compared in constant time on the decoded
    /// bytes at their full length.
    #[must_use]
    pub fn verify(
        self,
        secret: &AppSecret,
        string_to_sign: &[u8],
        signature: &PresentedSignature,
    ) -> bool {
        let tag = signature.as_bytes();
        match self {
            Self::HmacSha256 => {
                secret.hmac_sha256().chain_update(string_to_sign).verify_slice(tag).is_ok()
            }
            Self::HmacSha1 => {
                secret.hmac_sha1().chain_update(string_to_sign).verify_slice(tag).is_ok()
            }
        }
    }
}

/// A decoded `X-Ca-Signature`. Text that is not base64, or not of a MAC's length, decodes to zero
/// bytes: it verifies nothing.
#[derive(Clone, Copy)]
pub struct PresentedSignature {
    bytes: [u8; Self::BUFFER],
    len: u8,
}

impl PresentedSignature {
    /// What the decoder asks for 44 characters, the length of an encoded SHA-256 MAC.
    const BUFFER: usize = 33;
    const MAX_TEXT: usize = 44;

    /// Decodes the header's value: standard alphabet, padded (protocol §1.1).
    #[must_use]
    pub fn decode(text: &[u8]) -> Self {
        let mut bytes = [0; Self::BUFFER];
        let len = match text.len() {
            1..=Self::MAX_TEXT => STANDARD.decode_slice(text, &mut bytes).unwrap_or(0),
            _ => 0,
        };
        Self { bytes, len: u8::try_from(len).unwrap_or(0) }
    }

    /// The MAC's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// Without the MAC: whoever reads it in time could send the request first.
impl std::fmt::Debug for PresentedSignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PresentedSignature({} bytes)", self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact_and_an_unknown_one_is_no_default() {
        assert_eq!(SignatureMethod::parse(b""), Ok(SignatureMethod::HmacSha256));
        assert_eq!(SignatureMethod::parse(b"HmacSHA1"), Ok(SignatureMethod::HmacSha1));
        for unknown in ["HmacSHA512", "hmacsha256", "HmacSHA256 ", "none", "\u{ff}"] {
            assert_eq!(SignatureMethod::parse(unknown.as_bytes()), Err(UnknownSignatureMethod));
        }
    }

    #[test]
    fn a_signature_must_have_its_full_length() {
        let secret = AppSecret::new("appSecret").unwrap();
        let text = SignatureMethod::HmacSha256.sign(&secret, b"x");
        let verifies = |text: &str| {
            let presented = PresentedSignature::decode(text.as_bytes());
            SignatureMethod::HmacSha256.verify(&secret, b"x", &presented)
        };
        assert!(verifies(&text));
        assert!(!verifies(""));
        assert!(!verifies(&text[..40]));
        assert!(!verifies(text.trim_end_matches('=')));
        assert!(!verifies(&format!("{text}AAAA")));
        assert!(!verifies("你好"));
    }
}
