//! The signature: always HMAC-SHA256, base64 (protocol §6).

use crate::credential::BackendSecret;
use crate::protocol::{PresentedSignature, SignatureMethod};

/// The back-end signature of `string_to_sign`, as `X-Ca-Proxy-Signature` carries it.
#[must_use]
pub fn sign_backend(secret: &BackendSecret, string_to_sign: &[u8]) -> String {
    SignatureMethod::HmacSha256.sign(secret.mac_key(), string_to_sign)
}

/// Whether `signature` is that of `string_to_sign`, compared in constant time.
#[must_use]
pub fn verify_backend(
    secret: &BackendSecret,
    string_to_sign: &[u8],
    signature: &PresentedSignature,
) -> bool {
    SignatureMethod::HmacSha256.verify(secret.mac_key(), string_to_sign, signature)
}
