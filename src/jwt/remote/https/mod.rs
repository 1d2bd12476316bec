//! Key sets over HTTPS.
//!
//! 1. the URL's scheme is `https`, else nothing is built
//! 2. TLS 1.2 or later, the certificate verified: by the system's authorities, or by the given ones
//! 3. redirects: three at most, to the same scheme, host and port
//! 4. the status is 200. What the content type says is not looked at: many endpoints are wrong there
//! 5. the body is counted as it comes, whatever `Content-Length` says
//!
//! There are no cookies, no `Referer`, no compression, and no connection is kept.

mod builder;
mod redirect;

use std::fmt;
use std::sync::Arc;

use http::{StatusCode, header};
use reqwest::{Client, Url};

use super::{FetchError, FetchKeySet};
pub use builder::HttpsKeySetBuilder;

/// The JWK set at an `https` URL.
///
/// The endpoint is asked directly: proxies in the environment or the system are not used, so that
/// nobody but the operator of this service decides who answers. A service behind a proxy implements
/// [`FetchKeySet`] with its own client.
#[derive(Clone)]
pub struct HttpsKeySet {
    client: Client,
    url: Url,
    max_document: usize,
}

impl HttpsKeySet {
    /// The JWK set at `url`. A user and password in it are sent as `Basic` credentials.
    pub fn builder(url: impl Into<String>) -> HttpsKeySetBuilder {
        HttpsKeySetBuilder::new(url.into())
    }
}

impl FetchKeySet for HttpsKeySet {
    async fn fetch(&self) -> Result<Vec<u8>, FetchError> {
        let request = self.client.get(self.url.clone());
        let request = request.header(header::ACCEPT, "application/jwk-set+json, application/json");
        let mut response = request.send().await.map_err(failed)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let mut document = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if document.len() + chunk.len() > self.max_document {
                return Err(FetchError::TooLong(self.max_document));
            }
            document.extend_from_slice(&chunk);
        }
        Ok(document)
    }
}

/// Without the URL: its user, password or query may be a credential.
fn failed(error: reqwest::Error) -> FetchError {
    match error.is_redirect() {
        true => FetchError::Redirect(Arc::new(error.without_url())),
        false => FetchError::transport(error.without_url()),
    }
}

/// The origin alone: whatever else is in the URL may be a credential, the path, too.
impl fmt::Debug for HttpsKeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpsKeySet")
            .field("origin", &self.url.origin().ascii_serialization())
            .field("max_document", &self.max_document)
            .finish_non_exhaustive()
    }
}
