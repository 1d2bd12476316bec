//! How a key set is asked for over HTTPS, knob by knob.

use std::fmt;
use std::net::IpAddr;

use reqwest::{Certificate, Client, Url};

use super::{HttpsKeySet, redirect};
use crate::jwt::JwtConfigError;

/// Configures an [`HttpsKeySet`].
///
/// | knob | default | why |
/// |---|---|---|
/// | [`with_max_document`](Self::with_max_document) | 256 KiB | big issuers publish some 10 KiB |
/// | [`with_root_certificates`](Self::with_root_certificates) | the system's authorities | as every client does |
/// | [`with_dangerous_loopback_http`](Self::with_dangerous_loopback_http) | `https` only | whoever can change the document can sign tokens |
pub struct HttpsKeySetBuilder {
    url: String,
    max_document: usize,
    roots: Option<Vec<u8>>,
    schemes: Schemes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Schemes {
    Https,
    HttpsOrLoopbackHttp,
}

impl HttpsKeySetBuilder {
    pub(super) const fn new(url: String) -> Self {
        Self { url, max_document: 256 * 1024, roots: None, schemes: Schemes::Https }
    }

    /// The most bytes that the document may have. Default: 256 KiB.
    #[must_use]
    pub const fn with_max_document(mut self, bytes: usize) -> Self {
        self.max_document = bytes;
        self
    }

    /// The authorities that may vouch for an internal issuer, one or more certificates in PEM. They
    /// take the place of the system's: a public authority has no word in it. Default: the system's.
    #[must_use]
    pub fn with_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots = Some(pem.into());
        self
    }

    /// Accepts `http` to this machine itself (`localhost`, `127.0.0.0/8`, `::1`), for tests.
    /// **Whoever can listen on that port can sign tokens.** Default: `https` only.
    #[must_use]
    pub const fn with_dangerous_loopback_http(mut self) -> Self {
        self.schemes = Schemes::HttpsOrLoopbackHttp;
        self
    }

    /// The endpoint. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] for another scheme than `https`, no URL at all, certificates that are none,
    /// or a system without authorities.
    pub fn build(self) -> Result<HttpsKeySet, JwtConfigError> {
        let url =
            Url::parse(&self.url).map_err(|_| JwtConfigError::new("url", "this is no URL"))?;
        let loopback_http = self.schemes == Schemes::HttpsOrLoopbackHttp && is_loopback_http(&url);
        if url.scheme() != "https" && !loopback_http {
            return Err(JwtConfigError::new("url", "the scheme is not https"));
        }
        let client = Client::builder()
            .https_only(!loopback_http)
            .redirect(redirect::policy())
            .referer(false)
            .no_proxy()
            .pool_max_idle_per_host(0)
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
            // Another crate may have turned these on: the limit counts what is decompressed, but the
            // document needs no compression.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate();
        let client = match &self.roots {
            Some(pem) => client.tls_certs_only(certificates(pem)?),
            None => client,
        };
        let client = client.build().map_err(|error| {
            let problem = format!("there is no TLS client: {}", deepest(&error));
            JwtConfigError::new("", problem)
        })?;
        Ok(HttpsKeySet { client, url, max_document: self.max_document })
    }
}

fn is_loopback_http(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    url.scheme() == "http" && (is_loopback || host == "localhost")
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, JwtConfigError> {
    match Certificate::from_pem_bundle(pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(JwtConfigError::new("root_certificates", "this is no certificate in PEM")),
    }
}

/// The last word of an error on why.
fn deepest(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

/// Without the URL, which may hold a credential.
impl fmt::Debug for HttpsKeySetBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpsKeySetBuilder")
            .field("max_document", &self.max_document)
            .finish_non_exhaustive()
    }
}
