use http::HeaderValue;

use super::OpenApiFormat;

/// What an answer takes from its request: the host that was asked, and the format that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenApiAsked {
    /// The host, for the body's `HostId`.
    pub host: Option<HeaderValue>,
    /// The format; JSON unless XML is named.
    pub format: OpenApiFormat,
}

impl OpenApiAsked {
    pub(super) fn host_id(&self) -> &str {
        self.host.as_ref().and_then(|host| host.to_str().ok()).unwrap_or_default()
    }
}
