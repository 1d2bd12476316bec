//! The header names of the protocol, in one place.

use http::HeaderName;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* pub const $name: HeaderName = HeaderName::from_static($text);)+
    };
}

names! {
    /// The AppKey.
    KEY = "x-ca-key";
    /// The signature, base64.
    SIGNATURE = "x-ca-signature";
    /// The names of the signed headers, comma-separated.
    SIGNATURE_HEADERS = "x-ca-signature-headers";
    /// `HmacSHA256` (also if absent or empty) or `HmacSHA1`.
    SIGNATURE_METHOD = "x-ca-signature-method";
    /// Stands in for `Content-Type` in the string to sign.
    SIGNED_CONTENT_TYPE = "x-ca-signed-content-type";
    /// When the request was signed, in milliseconds since the epoch.
    TIMESTAMP = "x-ca-timestamp";
    /// A text that the caller uses once.
    NONCE = "x-ca-nonce";
    /// Base64 of the body's MD5.
    CONTENT_MD5 = "content-md5";
    /// On a rejection: the documented code.
    ERROR_CODE = "x-ca-error-code";
    /// On a rejection: the documented message.
    ERROR_MESSAGE = "x-ca-error-message";
    /// On every response: an upper-case UUID.
    REQUEST_ID = "x-ca-request-id";
}
