//! What signing adds to a request.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::SignError;
use crate::protocol::Variant;

/// The headers that make a request a signed one.
#[derive(Clone)]
#[must_use = "a request is signed once these are applied to it"]
pub struct SigningInstructions {
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) string_to_sign: Vec<u8>,
    pub(super) variant: Variant,
}

impl SigningInstructions {
    /// The headers to set, each in the place of what the request has of that name. Their values are
    /// marked as sensitive.
    pub fn headers(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.headers.iter().map(|(name, value)| (name, value))
    }

    /// What the signature is the MAC of. It holds the values of headers and parameters, so it belongs
    /// into no log.
    #[must_use]
    pub fn string_to_sign(&self) -> &[u8] {
        &self.string_to_sign
    }

    /// The reading of the protocol by which the string was made.
    #[must_use]
    pub const fn variant(&self) -> Variant {
        self.variant
    }

    /// Sets the headers: all of them or, on an error, none.
    ///
    /// # Errors
    ///
    /// [`SignError::TooManyHeaders`].
    pub fn apply_to(self, headers: &mut HeaderMap) -> Result<(), SignError> {
        let mut signed = headers.clone();
        for (name, value) in self.headers {
            signed.try_insert(name, value).map_err(|_| SignError::TooManyHeaders)?;
        }
        *headers = signed;
        Ok(())
    }
}

/// The names only.
impl fmt::Debug for SigningInstructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("SigningInstructions")
            .field("headers", &names)
            .field("variant", &self.variant)
            .finish_non_exhaustive()
    }
}
