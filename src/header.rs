//! The header names of the protocol, in one place.

use http::HeaderName;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* pub const $name: HeaderName = HeaderName::from_static($text);)+

        /// The same names as text, for matching many at once.
        pub(crate) mod text {
            $(#[allow(dead_code, reason = "only some names are matched as text")]
              pub(crate) const $name: &str = $text;)+
        }
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
    /// The stage of the API that a gateway routes to.
    STAGE = "x-ca-stage";
    /// Base64 of the body's MD5.
    CONTENT_MD5 = "content-md5";
    /// What the body is; a fixed line of the string to sign.
    CONTENT_TYPE = "content-type";
    /// A fixed line of the string to sign.
    ACCEPT = "accept";
    /// A fixed line of the string to sign; never parsed.
    DATE = "date";
    /// How long the body is.
    CONTENT_LENGTH = "content-length";
    /// Carries `APPCODE …`.
    AUTHORIZATION = "authorization";
    /// The back-end signature, base64.
    PROXY_SIGNATURE = "x-ca-proxy-signature";
    /// The names of the headers that the back-end signature covers, comma-separated.
    PROXY_SIGNATURE_HEADERS = "x-ca-proxy-signature-headers";
    /// The key of the back-end pair that signed.
    PROXY_SIGNATURE_SECRET_KEY = "x-ca-proxy-signature-secret-key";
    /// Which host the request is for; signed by the third OpenAPI signature alone.
    HOST = "host";
    /// OpenAPI: the action, which the signature of the first kind has as a parameter.
    ACS_ACTION = "x-acs-action";
    /// OpenAPI: the version of the API.
    ACS_VERSION = "x-acs-version";
    /// OpenAPI: when the request was signed, as `yyyy-MM-ddTHH:mm:ssZ`.
    ACS_DATE = "x-acs-date";
    /// OpenAPI: a text that the caller uses once.
    ACS_SIGNATURE_NONCE = "x-acs-signature-nonce";
    /// OpenAPI: how an `acs` signature is made.
    ACS_SIGNATURE_METHOD = "x-acs-signature-method";
    /// OpenAPI: `1.0`.
    ACS_SIGNATURE_VERSION = "x-acs-signature-version";
    /// OpenAPI: `BEARERTOKEN` where a token stands in for a signature.
    ACS_SIGNATURE_TYPE = "x-acs-signature-type";
    /// OpenAPI: the digest of the body, in hexadecimal digits.
    ACS_CONTENT_SHA256 = "x-acs-content-sha256";
    /// OpenAPI: the token that belongs to a temporary AccessKey.
    ACS_SECURITY_TOKEN = "x-acs-security-token";
    /// OpenAPI: the AccessKeyId once more, beside a security token.
    ACS_ACCESS_KEY_ID = "x-acs-accesskey-id";
    /// OpenAPI: a token in place of a signature.
    ACS_BEARER_TOKEN = "x-acs-bearer-token";
    /// OpenAPI: an identity token in place of a signature.
    ACS_ID_TOKEN = "x-acs-zero-trust-idtoken";
    /// On a rejection: the documented code.
    ERROR_CODE = "x-ca-error-code";
    /// On a rejection: the documented message.
    ERROR_MESSAGE = "x-ca-error-message";
    /// On every response: an upper-case UUID.
    REQUEST_ID = "x-ca-request-id";
    /// The same, on an answer of the OpenAPI family.
    ACS_REQUEST_ID = "x-acs-request-id";
    /// To the inner service, by option: the verified app's id.
    IDENTITY_APP_ID = "x-authenticated-app-id";
    /// To the inner service, by option: the verified app's AppKey.
    IDENTITY_APP_KEY = "x-authenticated-app-key";
    /// To the inner service, by option: which kind of credential was verified.
    IDENTITY_MECHANISM = "x-authenticated-mechanism";
}

/// What the names of the protocol's own headers begin with.
pub(crate) const PREFIX: &str = "x-ca-";
/// What the names of the headers begin with that a gateway signs for the service behind it.
pub(crate) const PROXY_PREFIX: &str = "x-ca-proxy-";

/// What the names of the OpenAPI signatures' own headers begin with.
pub(crate) const ACS_PREFIX: &str = "x-acs-";

/// A header's name as the protocol's documents spell it, for messages.
#[must_use]
pub(crate) fn documented(name: &HeaderName) -> &str {
    match name.as_str() {
        text::KEY => "X-Ca-Key",
        text::SIGNATURE => "X-Ca-Signature",
        text::SIGNATURE_HEADERS => "X-Ca-Signature-Headers",
        text::SIGNATURE_METHOD => "X-Ca-Signature-Method",
        text::SIGNED_CONTENT_TYPE => "X-Ca-Signed-Content-Type",
        text::TIMESTAMP => "X-Ca-Timestamp",
        text::NONCE => "X-Ca-Nonce",
        text::STAGE => "X-Ca-Stage",
        text::PROXY_SIGNATURE => "X-Ca-Proxy-Signature",
        text::PROXY_SIGNATURE_HEADERS => "X-Ca-Proxy-Signature-Headers",
        text::PROXY_SIGNATURE_SECRET_KEY => "X-Ca-Proxy-Signature-Secret-Key",
        text::CONTENT_MD5 => "Content-MD5",
        text::CONTENT_TYPE => "Content-Type",
        text::AUTHORIZATION => "Authorization",
        text::ACCEPT => "Accept",
        text::DATE => "Date",
        other => other,
    }
}
