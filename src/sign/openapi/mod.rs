//! The signer of OpenAPI requests (openapi §2 to §5).
//!
//! 1. The request gets what its scheme asks for: AccessKeyId, time, nonce, method, a security token,
//!    and what ties the body to the signature. Headers of an earlier signature are replaced.
//! 2. What no server takes, or a signature would cover in part, is refused ([`OpenApiSignError`]).
//! 3. The string to sign is made by the code that verifies it, in the primary reading.

mod complete;
mod error;
mod rpc;
mod signed;

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Uri};

pub use error::OpenApiSignError;
pub use signed::OpenApiSigned;

use super::Stamp;
use crate::clock::{Clock, SystemClock};
use crate::credential::{AccessKeySecret, OpenApiScheme};
use crate::error::ConfigError;
use crate::protocol::openapi::{PayloadDigest, access_key_id};

/// Signs OpenAPI requests with one AccessKey.
///
/// ```
/// use countersign::credential::{AccessKeySecret, OpenApiScheme};
/// use countersign::sign::{OpenApiBody, OpenApiSigner};
/// use http::{HeaderMap, Method};
///
/// let signer = OpenApiSigner::new("testid", AccessKeySecret::new("testsecret")?)?;
///
/// let (mut headers, mut target) = (HeaderMap::new(), "https://ecs.example/?RegionId=a".parse()?);
/// let signed = signer.sign(&Method::GET, &target, &headers, OpenApiBody::Bytes(b""))?;
/// signed.apply_to(&mut headers, &mut target)?;
/// assert!(headers["authorization"].to_str()?.starts_with("ACS3-HMAC-SHA256 Credential=testid,"));
///
/// // RPC signs no path, so no other is sent:
/// let rpc = signer.with_scheme(OpenApiScheme::Rpc);
/// let refused = rpc.sign(&Method::GET, &"/orders".parse()?, &HeaderMap::new(), OpenApiBody::Bytes(b""));
/// assert!(refused.is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct OpenApiSigner {
    access_key_id: Arc<str>,
    secret: AccessKeySecret,
    security_token: Option<HeaderValue>,
    scheme: OpenApiScheme,
    clock: Arc<dyn Clock>,
}

/// What is known of a body when its request is signed.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum OpenApiBody<'r> {
    /// All of it.
    Bytes(&'r [u8]),
    /// Its SHA-256, for a body that is streamed. Only V3 signs one.
    Digest(PayloadDigest),
}

/// What is signed.
#[derive(Clone, Copy)]
struct Unsigned<'r> {
    method: &'r Method,
    target: &'r Uri,
    headers: &'r HeaderMap,
    body: OpenApiBody<'r>,
}

impl OpenApiSigner {
    /// A signer by V3.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoHeaderValue`] if no signature can name the AccessKeyId.
    pub fn new(id: impl AsRef<str>, secret: AccessKeySecret) -> Result<Self, ConfigError> {
        let id = access_key_id(id.as_ref().as_bytes());
        Ok(Self {
            access_key_id: id.ok_or(ConfigError::NoHeaderValue("the AccessKeyId"))?.into(),
            secret,
            security_token: None,
            scheme: OpenApiScheme::V3,
            clock: Arc::new(SystemClock),
        })
    }

    /// How to sign. Default: V3, because the others leave parts of a request unsigned.
    #[must_use]
    pub const fn with_scheme(mut self, scheme: OpenApiScheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// The token that belongs to a temporary AccessKey. Default: none.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoHeaderValue`] if no header can carry it as it is.
    pub fn with_security_token(mut self, token: impl AsRef<str>) -> Result<Self, ConfigError> {
        let token = token.as_ref();
        let value = HeaderValue::from_str(token).ok().filter(|_| token == token.trim_ascii());
        self.security_token = Some(value.ok_or(ConfigError::NoHeaderValue("the security token"))?);
        Ok(self)
    }

    /// Where the time comes from. Default: [`SystemClock`].
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Signs a request now, with a fresh nonce. `headers` and `target` are what will be sent, but for
    /// what signing adds; without a `Host` header, the host of V3 is the target's.
    ///
    /// # Errors
    ///
    /// [`OpenApiSignError`] if the request cannot be signed so that a server accepts it.
    pub fn sign(
        &self,
        method: &Method,
        target: &Uri,
        headers: &HeaderMap,
        body: OpenApiBody<'_>,
    ) -> Result<OpenApiSigned, OpenApiSignError> {
        let stamp = Stamp::fresh(self.clock.wall()).map_err(|_| OpenApiSignError::NoRandomness)?;
        self.sign_stamped(method, target, headers, body, &stamp)
    }

    /// Signs a request with this stamp: without clock and randomness, the same request gives the same
    /// signature.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    pub fn sign_stamped(
        &self,
        method: &Method,
        target: &Uri,
        headers: &HeaderMap,
        body: OpenApiBody<'_>,
        stamp: &Stamp,
    ) -> Result<OpenApiSigned, OpenApiSignError> {
        if target.path().is_empty() {
            return Err(OpenApiSignError::NoPath);
        }
        let request = Unsigned { method, target, headers, body };
        match self.scheme {
            OpenApiScheme::Rpc => rpc::sign(self, &request, stamp),
            OpenApiScheme::Roa => complete::sign_roa(self, &request, stamp),
            OpenApiScheme::V3 => complete::sign_v3(self, &request, stamp),
        }
    }
}

/// Without secret and token.
impl fmt::Debug for OpenApiSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenApiSigner")
            .field("access_key_id", &self.access_key_id)
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}

/// How long, not what.
impl fmt::Debug for OpenApiBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Digest(digest) => f.debug_tuple("Digest").field(digest).finish(),
        }
    }
}
