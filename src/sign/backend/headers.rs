//! What signing adds to a request.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::BackendSignError;

/// The headers that make a request a signed one.
#[derive(Clone, Default)]
#[must_use = "a request is signed once these are applied to it"]
pub struct BackendHeaders(Vec<(HeaderName, HeaderValue)>);

impl BackendHeaders {
    /// The headers to set, each in the place of what the request has of that name. Their values are
    /// marked as sensitive.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Sets the headers: all of them or, on an error, none.
    ///
    /// # Errors
    ///
    /// [`BackendSignError::TooManyHeaders`].
    pub fn apply_to(&self, headers: &mut HeaderMap) -> Result<(), BackendSignError> {
        let mut signed = headers.clone();
        for (name, value) in self.iter() {
            let set = signed.try_insert(name, value.clone());
            set.map_err(|_| BackendSignError::TooManyHeaders)?;
        }
        *headers = signed;
        Ok(())
    }

    pub(super) fn add(&mut self, name: HeaderName, mut value: HeaderValue) {
        value.set_sensitive(true);
        self.0.push((name, value));
    }
}

/// The names only.
impl fmt::Debug for BackendHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name.as_str())).finish()
    }
}
