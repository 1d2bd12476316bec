//! Finds the headers that carry a back-end signature.

use std::fmt;

use http::{HeaderMap, HeaderName};

use crate::header::text;

/// The values of the headers that carry a back-end signature: the first of each, white space around
/// it removed.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ProxyHeaders<'r> {
    /// `X-Ca-Proxy-Signature`
    pub signature: Option<&'r [u8]>,
    /// `X-Ca-Proxy-Signature-Headers`
    pub signature_headers: Option<&'r [u8]>,
    /// `X-Ca-Proxy-Signature-Secret-Key`: which pair signed. It is a name and no secret.
    pub secret_key: Option<&'r [u8]>,
    /// One of them that occurs more than once, whatever its values.
    pub repeated: Option<HeaderName>,
}

impl<'r> ProxyHeaders<'r> {
    /// Collects the headers.
    #[must_use]
    pub fn collect(headers: &'r HeaderMap) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            let slot = match name.as_str() {
                text::PROXY_SIGNATURE => &mut found.signature,
                text::PROXY_SIGNATURE_HEADERS => &mut found.signature_headers,
                text::PROXY_SIGNATURE_SECRET_KEY => &mut found.secret_key,
                _ => continue,
            };
            match slot {
                None => *slot = Some(value.as_bytes().trim_ascii()),
                Some(_) => found.repeated = found.repeated.take().or_else(|| Some(name.clone())),
            }
        }
        found
    }

    /// The key, if it is text of a length that a key may have.
    #[must_use]
    pub fn presented_key(&self) -> Option<&'r str> {
        let key = self.secret_key.filter(|key| key.len() <= Self::MAX_KEY);
        key.and_then(|key| std::str::from_utf8(key).ok())
    }

    /// The longest key that is looked up, in bytes. The gateway's have at most 20.
    pub const MAX_KEY: usize = 128;

    /// Whether the request carries any part of a back-end signature.
    #[must_use]
    pub const fn is_presented(&self) -> bool {
        self.signature.is_some() || self.secret_key.is_some()
    }
}

/// Which headers are there, not what they say.
impl fmt::Debug for ProxyHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyHeaders")
            .field("signature", &self.signature.is_some())
            .field("signature_headers", &self.signature_headers.is_some())
            .field("secret_key", &self.secret_key.is_some())
            .finish()
    }
}
