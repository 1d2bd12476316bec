//! What signing adds to an OpenAPI request.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::OpenApiSignError;

/// What makes an OpenAPI request a signed one.
#[derive(Clone)]
#[must_use = "a request is signed once this is applied to it"]
pub struct OpenApiSigned {
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// Of RPC, which adds parameters.
    pub(super) target: Option<Uri>,
    pub(super) string_to_sign: Vec<u8>,
}

impl OpenApiSigned {
    /// The headers to set, each in the place of what the request has of that name. Their values are
    /// marked as sensitive.
    pub fn headers(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.headers.iter().map(|(name, value)| (name, value))
    }

    /// The target to send to, with the signature's parameters; `None` if it is as it was.
    #[must_use]
    pub const fn target(&self) -> Option<&Uri> {
        self.target.as_ref()
    }

    /// What the signature is the MAC of. It holds values and may hold a token, so it belongs into no
    /// log.
    #[must_use]
    pub fn string_to_sign(&self) -> &[u8] {
        &self.string_to_sign
    }

    /// Sets headers and target: all of it or, on an error, nothing.
    ///
    /// # Errors
    ///
    /// [`OpenApiSignError::TooLarge`].
    pub fn apply_to(
        self,
        headers: &mut HeaderMap,
        target: &mut Uri,
    ) -> Result<(), OpenApiSignError> {
        let mut signed = headers.clone();
        for (name, value) in self.headers {
            signed.try_insert(name, value).map_err(|_| OpenApiSignError::TooLarge)?;
        }
        *headers = signed;
        if let Some(signed) = self.target {
            *target = signed;
        }
        Ok(())
    }
}

/// The names only.
impl fmt::Debug for OpenApiSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("OpenApiSigned").field("headers", &names).finish_non_exhaustive()
    }
}
