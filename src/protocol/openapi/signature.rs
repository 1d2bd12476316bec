//! Signatures: made, read, compared (openapi §5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;

#[cfg(feature = "openapi-rsa")]
use super::RsaMethod;
use super::{AcsSignatureMethod, MacMethod};
#[cfg(feature = "openapi-rsa")]
use crate::credential::RsaPublicKey;
use crate::credential::{AccessKeySecret, OpenApiScheme};
use crate::few::Few;

/// A decoded signature. Text that is not encoded as its method has it, to the last bit and in the
/// method's length, decodes to zero bytes: it verifies nothing.
#[derive(Clone)]
pub struct AcsSignature(Few<u8, 32>);

impl AcsSignature {
    /// The longest signature, in bytes: that of an RSA key of 8192 bits.
    const MAX_LEN: usize = 1024;

    /// Decodes a signature: base64 for RPC and ROA, lower-case hexadecimal for V3.
    ///
    /// ```
    /// use countersign::protocol::openapi::{AcsSignature, MacMethod};
    ///
    /// let decoded = |text| AcsSignature::decode(MacMethod::RoaHmacSha1, text);
    /// assert_eq!(decoded(b"XGXDWA78AEvx/wmfxKoVCq/afWw=").as_bytes().len(), 20);
    /// assert!(decoded(b"XGXDWA78AEvx/wmfxKoVCq/afWx=").as_bytes().is_empty(), "bits left over");
    /// ```
    #[must_use]
    pub fn decode(method: impl Into<AcsSignatureMethod>, text: &[u8]) -> Self {
        let method = method.into();
        let (scheme, len) = (method.scheme(), mac_len(method));
        // Before it is padded, base64 decodes to up to two bytes more.
        let mut buffer = [0; Self::MAX_LEN + 2];
        let decoded = match scheme {
            OpenApiScheme::V3 => decode_hex(text, &mut buffer),
            _ => STANDARD.decode_slice(text, &mut buffer).ok(),
        };
        let decoded = decoded.filter(|decoded| len.is_none_or(|len| len == *decoded));
        Self(buffer.get(..decoded.unwrap_or(0)).unwrap_or_default().into())
    }

    /// The signature's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// How long the MACs of a method are; RSA signatures are as long as their key.
const fn mac_len(method: AcsSignatureMethod) -> Option<usize> {
    match method {
        AcsSignatureMethod::Mac(MacMethod::RpcHmacSha1 | MacMethod::RoaHmacSha1) => Some(20),
        AcsSignatureMethod::Mac(_) => Some(32),
        #[cfg(feature = "openapi-rsa")]
        AcsSignatureMethod::Rsa(_) => None,
    }
}

/// Without the signature: whoever reads it in time could send the request first.
impl std::fmt::Debug for AcsSignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AcsSignature({} bytes)", self.0.len())
    }
}

impl MacMethod {
    /// The signature of `string_to_sign`, encoded.
    #[must_use]
    pub fn sign(self, secret: &AccessKeySecret, string_to_sign: &[u8]) -> String {
        macro_rules! mac {
            ($mac:ident) => {
                secret.$mac().chain_update(string_to_sign).finalize().into_bytes()
            };
        }
        match self {
            Self::RpcHmacSha1 => STANDARD.encode(mac!(rpc_sha1)),
            Self::RoaHmacSha1 => STANDARD.encode(mac!(roa_sha1)),
            Self::V3HmacSha256 => encode_hex(&mac!(v3_sha256)),
            #[cfg(feature = "sm3")]
            Self::V3HmacSm3 => encode_hex(&mac!(v3_sm3)),
        }
    }

    /// Whether `signature` is that of `string_to_sign`, compared in constant time on the decoded
    /// bytes at their full length.
    #[must_use]
    pub fn verify(
        self,
        secret: &AccessKeySecret,
        string_to_sign: &[u8],
        signature: &AcsSignature,
    ) -> bool {
        macro_rules! verifies {
            ($mac:ident) => {
                secret
                    .$mac()
                    .chain_update(string_to_sign)
                    .verify_slice(signature.as_bytes())
                    .is_ok()
            };
        }
        match self {
            Self::RpcHmacSha1 => verifies!(rpc_sha1),
            Self::RoaHmacSha1 => verifies!(roa_sha1),
            Self::V3HmacSha256 => verifies!(v3_sha256),
            #[cfg(feature = "sm3")]
            Self::V3HmacSm3 => verifies!(v3_sm3),
        }
    }
}

#[cfg(feature = "openapi-rsa")]
impl RsaMethod {
    /// Whether `signature` is that of `string_to_sign` by the private half of `key`.
    #[must_use]
    pub fn verify(
        self,
        key: &RsaPublicKey,
        string_to_sign: &[u8],
        signature: &AcsSignature,
    ) -> bool {
        key.verifies(string_to_sign, signature.as_bytes())
    }
}

const DIGITS: [u8; 16] = *b"0123456789abcdef";

const NO_DIGIT: u8 = 0xff;

/// The value of each digit.
static VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < DIGITS.len() {
        #[allow(clippy::indexing_slicing, reason = "it is computed by the compiler")]
        #[allow(clippy::cast_possible_truncation, reason = "there are sixteen")]
        {
            values[DIGITS[value] as usize] = value as u8;
        }
        value += 1;
    }
    values
};

/// The bytes as lower-case hexadecimal digits.
pub(super) fn encode_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(hex_digits(bytes).flatten().map(char::from));
    text
}

/// The two digits of each byte.
pub(super) fn hex_digits(bytes: &[u8]) -> impl Iterator<Item = [u8; 2]> {
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or(b'0');
    bytes.iter().map(move |byte| [digit(byte >> 4), digit(byte & 15)])
}

/// How many bytes were written: all that the text has, or nothing if it is no text of lower-case
/// hexadecimal digits, or too long.
pub(super) fn decode_hex(text: &[u8], out: &mut [u8]) -> Option<usize> {
    let value = |digit: u8| VALUES.get(usize::from(digit)).copied().unwrap_or(NO_DIGIT);
    let (pairs, rest) = text.as_chunks::<2>();
    let out = out.get_mut(..pairs.len()).filter(|_| rest.is_empty())?;
    let mut all = 0;
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        let (high, low) = (value(*high), value(*low));
        all |= high | low;
        *byte = high << 4 | low;
    }
    (all != NO_DIGIT).then_some(pairs.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [MacMethod; 3] =
        [MacMethod::RpcHmacSha1, MacMethod::RoaHmacSha1, MacMethod::V3HmacSha256];

    fn secret() -> AccessKeySecret {
        AccessKeySecret::new("secret").unwrap()
    }

    fn verifies(method: MacMethod, text: &str) -> bool {
        method.verify(&secret(), b"x", &AcsSignature::decode(method, text.as_bytes()))
    }

    #[test]
    fn a_signature_verifies_in_its_own_encoding_and_full_length() {
        for method in METHODS {
            let text = method.sign(&secret(), b"x");
            assert!(verifies(method, &text));
            let longer = format!("{text}{text}");
            let upper = text.to_ascii_uppercase();
            let shorter = &text[..text.len() - 4];
            let unpadded = text.trim_end_matches('=');
            for wrong in [longer.as_str(), &upper, shorter, "", "你好"] {
                assert!(!verifies(method, wrong), "{method:?} {wrong}");
            }
            assert_eq!(verifies(method, unpadded), unpadded == text);
        }
    }

    #[test]
    fn each_scheme_has_a_key_of_its_own() {
        for method in METHODS {
            for other in METHODS.into_iter().filter(|other| *other != method) {
                assert!(!verifies(method, &other.sign(&secret(), b"x")), "{method:?} {other:?}");
            }
        }
    }

    #[test]
    fn base64_has_one_spelling() {
        let text = MacMethod::RoaHmacSha1.sign(&secret(), b"x");
        let last = text.as_bytes()[26];
        for other in (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9') {
            let text = format!("{}{}=", &text[..26], char::from(other));
            assert_eq!(verifies(MacMethod::RoaHmacSha1, &text), other == last, "{text}");
        }
    }

    #[test]
    fn hexadecimal_is_pairs_of_lower_case_digits() {
        let mut out = [0; 4];
        assert_eq!(decode_hex(b"00ff1a", &mut out), Some(3));
        assert_eq!(out, [0, 255, 26, 0]);
        assert_eq!(encode_hex(&out), "00ff1a00");
        for wrong in ["0", "0g", "FF", "+1", "0000000000", "0x"] {
            assert_eq!(decode_hex(wrong.as_bytes(), &mut out), None, "{wrong}");
        }
    }
}
