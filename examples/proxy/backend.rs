//! Signs what the service gets, so that the service takes requests from this proxy only: the back-end
//! signature of the managed gateway.
//!
//! 1. It is made of the request as it goes out, so it comes after everything else.
//! 2. It covers what the service is told of the caller: the identity headers and forwarded claims, the
//!    request's id, `X-Forwarded-…`. A name that is absent is signed as absent.
//! 3. A body with a `Content-MD5` is streamed: the digest is signed, and was verified if the request
//!    was signed. Any other is read first, 8 MiB of it at most, a form because its parameters are
//!    signed.
//! 4. Timestamp and nonce are new: the caller's were for this proxy.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use countersign::credential::{BackendKey, BackendSecret};
use countersign::error::{ErrorCode, Rejection};
use countersign::jwt::{ClaimPlace, JwtPolicy};
use countersign::protocol::{BodyLength, RequestHead, is_form};
use countersign::sign::{BackendBody, BackendSignError, BackendSigner};
use http::HeaderName;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http_body::Body;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::common::{BoxError, Problem};

const MAX_HELD: usize = 8 << 20;
const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");
/// What the service is told, and nobody else may tell it.
const TOLD: [HeaderName; 7] = [
    HeaderName::from_static("x-authenticated-app-id"),
    HeaderName::from_static("x-authenticated-app-key"),
    HeaderName::from_static("x-authenticated-mechanism"),
    HeaderName::from_static("x-ca-request-id"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
];

/// Where the secret of the pair is.
#[derive(PartialEq, Eq)]
pub(crate) enum SecretSource {
    /// On the command line, where other users of the machine may see it.
    Text(String),
    /// In a file, without the line's end.
    File(PathBuf),
    /// In a variable of the environment.
    Variable(String),
}

impl SecretSource {
    fn read(&self) -> Result<BackendSecret, Problem> {
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::File(path) => {
                let unreadable =
                    |error| Problem(format!("cannot read {}: {error}", path.display()));
                let text = fs::read_to_string(path).map_err(unreadable)?;
                text.trim_end_matches(['\r', '\n']).to_owned()
            }
            Self::Variable(name) => std::env::var(name)
                .map_err(|_| Problem(format!("the variable {name} is not set, or no text")))?,
        };
        Ok(BackendSecret::new(text)?)
    }
}

/// Where it is, not what it is.
impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(…)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Variable(name) => f.debug_tuple("Variable").field(name).finish(),
        }
    }
}

/// Signs towards the service.
#[derive(Debug)]
pub(crate) struct Backend(BackendSigner);

impl Backend {
    pub(crate) fn new(
        key: &BackendKey,
        secret: &SecretSource,
        tokens: Option<&JwtPolicy>,
    ) -> Result<Self, Problem> {
        let claims = tokens.into_iter().flat_map(JwtPolicy::claim_parameters);
        let claims = claims.filter_map(|claim| match claim.place() {
            ClaimPlace::Header(name) => Some(name.clone()),
            _ => None,
        });
        let signer = BackendSigner::new(key.clone(), secret.read()?);
        Ok(Self(TOLD.into_iter().chain(claims).fold(signer, BackendSigner::with_signed_header)))
    }

    /// The body of the request that is now signed.
    pub(crate) async fn sign<B>(
        &self,
        head: &mut Parts,
        body: B,
        limit: Duration,
    ) -> Result<UnsyncBoxBody<Bytes, BoxError>, Rejection>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        let is_form = head.headers.get(CONTENT_TYPE).is_some_and(|value| is_form(value.as_bytes()));
        if body.is_end_stream() {
            self.add(head, BackendBody::Bytes(b""))?;
            return Ok(body.map_err(Into::into).boxed_unsync());
        }
        if head.headers.contains_key(CONTENT_MD5) && !is_form {
            self.add(head, BackendBody::DangerouslyUncovered)?;
            return Ok(body.map_err(Into::into).boxed_unsync());
        }
        let late = |_| Rejection::new(ErrorCode::I400BD).with("it did not arrive in time");
        let held = timeout(limit, Limited::new(body, MAX_HELD).collect()).await.map_err(late)?;
        let held = held.map_err(|error| match error.is::<LengthLimitError>() {
            true => ErrorCode::I413RL.into(),
            false => Rejection::new(ErrorCode::I400BD).with("it ended early"),
        })?;
        let trailers = held.trailers().cloned();
        let bytes = held.to_bytes();
        self.add(head, BackendBody::Bytes(&bytes))?;
        let body = Full::new(bytes).map_err(BoxError::from);
        Ok(body.with_trailers(std::future::ready(trailers.map(Ok))).boxed_unsync())
    }

    fn add(&self, head: &mut Parts, body: BackendBody<'_>) -> Result<(), Rejection> {
        // Of a body that is given, the length is known; of any other it does not matter.
        let known = RequestHead::new(&head.method, &head.uri, &head.headers, BodyLength::Unknown);
        let signed = self.0.sign(&known, body).map_err(unsignable)?;
        signed.apply_to(&mut head.headers).map_err(unsignable)
    }
}

/// What the policy let pass and a signature cannot cover.
fn unsignable(error: BackendSignError) -> Rejection {
    match error {
        BackendSignError::RepeatedHeader(name) => {
            Rejection::new(ErrorCode::I400HD).with(name.to_string()).with("occurs twice")
        }
        BackendSignError::RepeatedParameter(name) => Rejection::new(ErrorCode::I400IP)
            .with_request_text(name)
            .with("occurs twice with different values"),
        BackendSignError::AmbiguousParameter(name) => Rejection::new(ErrorCode::I400IP)
            .with_request_text(name)
            .with("reads as other parameters once decoded"),
        BackendSignError::ContentMd5 => ErrorCode::I400I5.into(),
        other => Rejection::new(ErrorCode::X500ER).with_detail(other.to_string()),
    }
}
