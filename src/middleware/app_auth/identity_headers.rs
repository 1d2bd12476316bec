//! Tells the inner service who calls, by headers: for a service that is no Rust handler.

use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::header;
use crate::verify::Verified;

/// Which headers carry the verified identity to the inner service. Inbound headers of these names
/// are removed first, on every request, so that a caller cannot claim an identity; so are their
/// look-alikes with underscores, which many languages' gateways read as the same name.
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

    /// Removes what the caller sent under these names. Called after verification, because a caller
    /// may have signed such a header.
    pub(super) fn strip(&self, headers: &mut HeaderMap) {
        let spoofed: Vec<HeaderName> =
            headers.keys().filter(|name| self.names(name.as_str())).cloned().collect();
        for name in spoofed {
            headers.remove(name);
        }
        self.strip_from_connection(headers);
    }

    /// A header that `Connection` names is dropped by the next hop: a caller must not have ours
    /// dropped. A `Connection` that names none of them stays as it is.
    fn strip_from_connection(&self, headers: &mut HeaderMap) {
        let options = |value: &HeaderValue| -> Vec<String> {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.split(',').map(|option| option.trim().to_owned()).collect()
        };
        let all = || headers.get_all(CONNECTION).iter().flat_map(options);
        let is_ours = |option: &String| self.names(&option.to_ascii_lowercase());
        if !all().any(|option| is_ours(&option)) {
            return;
        }
        let kept: Vec<String> = all().filter(|option| !is_ours(option)).collect();
        headers.remove(CONNECTION);
        if let Ok(kept) = HeaderValue::from_str(&kept.join(", ")) {
            headers.insert(CONNECTION, kept);
        }
    }

    /// Whether this is one of the names, or looks like one.
    fn names(&self, name: &str) -> bool {
        let own = [&self.app_id, &self.app_key, &self.mechanism];
        own.iter().any(|own| alike(own.as_str(), name))
    }

    pub(super) fn write(&self, verified: &Verified, headers: &mut HeaderMap) {
        let values = [
            (&self.app_id, verified.app_id()),
            (&self.app_key, verified.app_key().as_str()),
            (&self.mechanism, verified.mechanism().as_str()),
        ];
        for (name, text) in values {
            // An id with control characters cannot be told in a header; it is left out.
            if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
                headers.insert(name, value);
            }
        }
    }
}

fn alike(own: &str, name: &str) -> bool {
    let fold = |byte: u8| if byte == b'_' { b'-' } else { byte };
    own.len() == name.len() && own.bytes().map(fold).eq(name.bytes().map(fold))
}
