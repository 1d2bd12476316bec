//! Which headers are signed (protocol §1.3).
//!
//! 1. Every `x-ca-*` header of the request, but the signature and its list.
//! 2. Those that the signer was told of, present or not: a declared header that is absent is signed
//!    as an empty one, so that nobody can add it.

use std::collections::BTreeSet;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::ConfigError;
use crate::header::{PREFIX, text};

/// The value of `X-Ca-Signature-Headers`: lower-case names in their order.
pub(super) fn list(headers: &HeaderMap, chosen: &[HeaderName]) -> Option<HeaderValue> {
    let own = headers.keys().filter(|name| is_own(name));
    let names: BTreeSet<&str> = own.chain(chosen).map(HeaderName::as_str).collect();
    HeaderValue::try_from(names.into_iter().collect::<Vec<_>>().join(",")).ok()
}

fn is_own(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with(PREFIX) && !matches!(name, text::SIGNATURE | text::SIGNATURE_HEADERS)
}

/// Whether a signer may be told to sign this header.
pub(super) fn check(name: &HeaderName) -> Result<(), ConfigError> {
    let reason = match name.as_str() {
        text::SIGNATURE | text::SIGNATURE_HEADERS => "it is made by signing",
        text::ACCEPT | text::CONTENT_MD5 | text::CONTENT_TYPE | text::DATE => {
            "it is signed in a line of its own"
        }
        "host" | "content-length" => "the HTTP library writes it",
        "connection"
        | "keep-alive"
        | "proxy-connection"
        | "te"
        | "trailer"
        | "transfer-encoding"
        | "upgrade"
        | "proxy-authorization"
        | "proxy-authenticate" => "it does not reach the server",
        _ => return Ok(()),
    };
    Err(ConfigError::NotSignable { header: name.clone(), reason })
}
