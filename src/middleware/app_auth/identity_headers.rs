//! Tells the inner service who calls, by headers: for a service that is no Rust handler.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::header;
use crate::verify::Verified;

/// Which headers carry the verified identity to the inner service. Inbound headers of these names
/// are removed first, on every request, so that a caller cannot claim an identity; so are their
/// look-alikes with underscores or other signs for hyphens, which many services read as the same name.
///
/// The defaults are `X-Authenticated-App-Id`, `-App-Key` and `-Mechanism`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityHeaders {
    app_id: HeaderName,
    app_key: HeaderName,
    mechanism: HeaderName,
}

impl Default for IdentityHeaders {
    fn default() -> Self {
        Self {
            app_id: header::IDENTITY_APP_ID,
            app_key: header::IDENTITY_APP_KEY,
            mechanism: header::IDENTITY_MECHANISM,
        }
    }
}

impl IdentityHeaders {
    /// The header that carries the app's id.
    #[must_use]
    pub fn with_app_id(mut self, name: HeaderName) -> Self {
        self.app_id = name;
        self
    }

    /// The header that carries the AppKey.
    #[must_use]
    pub fn with_app_key(mut self, name: HeaderName) -> Self {
        self.app_key = name;
        self
    }

    /// The header that carries the kind of credential: `signature` or `app_code`.
    #[must_use]
    pub fn with_mechanism(mut self, name: HeaderName) -> Self {
        self.mechanism = name;
        self
    }

    /// The names, for the layer to keep callers from using them.
    pub(in crate::middleware) fn names(&self) -> [HeaderName; 3] {
        [self.app_id.clone(), self.app_key.clone(), self.mechanism.clone()]
    }

    pub(in crate::middleware) fn write(&self, verified: &Verified, headers: &mut HeaderMap) {
        let values = [
            (&self.app_id, verified.app_id()),
            (&self.app_key, verified.app_key().as_str()),
            (&self.mechanism, verified.mechanism().as_str()),
        ];
        for (name, text) in values {
            // An id with control characters cannot be told in a header, and a map that is full, far
            // beyond what servers let callers send, takes no further name: it is left out.
            if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
                let _ = headers.try_insert(name, value);
            }
        }
    }
}
