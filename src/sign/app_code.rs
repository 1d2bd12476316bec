//! The bearer credential of "simple authentication", on the caller's side.

use std::fmt;

use http::{HeaderMap, HeaderValue};

use crate::error::ConfigError;
use crate::header;

/// `Authorization: APPCODE …` (protocol §4).
///
/// ```
/// use countersign::sign::AppCodeHeader;
///
/// let code = AppCodeHeader::new("4c1b7b3e0f0a4be09d8b3f4a3f6e2c11")?;
/// let mut request = http::Request::get("/orders").body(())?;
/// code.apply_to(request.headers_mut());
/// assert!(request.headers()["authorization"].is_sensitive());
/// assert!(AppCodeHeader::new("").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// reqwest takes it as a default header, tower-http's `SetRequestHeaderLayer` as its value
/// ([`value`](Self::value)).
///
/// # Security
///
/// An AppCode signs nothing and can be replayed by whoever sees it: use TLS, and a [`Signer`]
/// wherever the API allows it. The code's bytes are not wiped from memory, because an HTTP library
/// copies them anyway.
///
/// [`Signer`]: super::Signer
#[derive(Clone)]
pub struct AppCodeHeader(HeaderValue);

impl AppCodeHeader {
    /// The header with this AppCode.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if it is empty, or no header can carry it.
    pub fn new(code: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        const WHAT: &str = "the AppCode";
        let code = code.as_ref();
        if code.is_empty() {
            return Err(ConfigError::Empty(WHAT));
        }
        if code != code.trim_ascii() {
            return Err(ConfigError::NoHeaderValue(WHAT));
        }
        let value = HeaderValue::from_bytes(&[b"APPCODE ", code].concat());
        let mut value = value.map_err(|_| ConfigError::NoHeaderValue(WHAT))?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    /// The value of `Authorization`, marked as sensitive.
    #[must_use]
    pub const fn value(&self) -> &HeaderValue {
        &self.0
    }

    /// Sets `Authorization`.
    pub fn apply_to(&self, headers: &mut HeaderMap) {
        headers.insert(header::AUTHORIZATION, self.0.clone());
    }
}

impl fmt::Debug for AppCodeHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppCodeHeader(…)")
    }
}
