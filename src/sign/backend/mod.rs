//! The back-end signature's signer (protocol §6).
//!
//! 1. The request gets the signature's headers, and a timestamp and a nonce of its own unless told
//!    otherwise ([`Stamps`]). What it carries of them is replaced.
//! 2. A body that is no form gets a `Content-MD5`, whatever the method. Else a verifier would have to
//!    hold it in memory before it knows who sent it. One that the request has already must be right.
//! 3. What a verifier would refuse, or a signature would cover in part, is refused
//!    ([`BackendSignError`]).
//! 4. What is signed is the primary reading; a path that could be read as another is signed raw.

mod body;
mod error;
mod headers;

use std::fmt;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};

pub use body::BackendBody;
pub use error::BackendSignError;
pub use headers::BackendHeaders;

use super::Stamp;
use crate::clock::{Clock, SystemClock};
use crate::credential::{BackendKey, BackendSecret};
use crate::header;
use crate::protocol::{
    BackendRequest, BackendVariant, CaHeaders, Param, Params, RequestHead, SignedHeaders,
    sign_backend,
};
use body::Covered;

/// Which timestamp and nonce a request is signed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamps {
    /// New ones, in the place of those that it carries: each time that it is sent it is another
    /// request, and is accepted once.
    #[default]
    Fresh,
    /// Those that it carries, if it does. The caller's own are signed, as its nonce and its clock
    /// were.
    AsForwarded,
}

/// Signs requests towards a service that verifies back-end signatures
/// ([`verify::backend`](crate::verify::backend)), as the managed gateway does.
///
/// ```
/// use countersign::credential::{BackendKey, BackendPair, BackendSecret};
/// use countersign::protocol::{BodyLength, RequestHead};
/// use countersign::sign::{BackendBody, BackendSigner};
/// use http::{HeaderMap, HeaderValue, Method, Uri};
///
/// let signer = BackendSigner::new(
///     BackendKey::new("SampleKey")?,
///     BackendSecret::new("SampleSecret")?,
/// );
///
/// let body = br#"{"a":1}"#;
/// let target = Uri::from_static("/orders");
/// let mut headers = HeaderMap::new();
/// headers.insert("content-type", HeaderValue::from_static("application/json"));
/// let head = RequestHead::new(&Method::POST, &target, &headers, BodyLength::Known(7));
/// signer.sign(&head, BackendBody::Bytes(body))?.apply_to(&mut headers)?;
/// assert_eq!(headers["x-ca-proxy-signature-secret-key"], "SampleKey");
/// assert!(headers["x-ca-proxy-signature"].is_sensitive());
///
/// // Not signed: a form's parameters are signed, so its bytes are needed.
/// headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
/// let head = RequestHead::new(&Method::POST, &target, &headers, BodyLength::Unknown);
/// assert!(signer.sign(&head, BackendBody::DangerouslyUncovered).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct BackendSigner {
    key: BackendKey,
    secret: BackendSecret,
    signed: Vec<HeaderName>,
    stamps: Stamps,
    clock: Arc<dyn Clock>,
}

impl BackendSigner {
    /// A signer with this pair. It signs the pair's key, `Content-Type`, `X-Ca-Key`,
    /// `X-Ca-Timestamp` and `X-Ca-Nonce`, those that are absent as absent.
    #[must_use]
    pub fn new(key: BackendKey, secret: BackendSecret) -> Self {
        let signed = [
            header::PROXY_SIGNATURE_SECRET_KEY,
            header::CONTENT_TYPE,
            header::KEY,
            header::TIMESTAMP,
            header::NONCE,
        ];
        let (stamps, clock) = (Stamps::default(), Arc::new(SystemClock));
        Self { key, secret, signed: signed.into(), stamps, clock }
    }

    /// Signs this header, too: its value, or that it is absent, so that nobody can add it on the way.
    /// Name what the service trusts, e.g. who the proxy has found the caller to be. The signature
    /// itself is left out.
    #[must_use]
    pub fn with_signed_header(mut self, name: HeaderName) -> Self {
        if name != header::PROXY_SIGNATURE && !self.signed.contains(&name) {
            self.signed.push(name);
        }
        self
    }

    /// Which timestamp and nonce a request is signed with. Default: [`Stamps::Fresh`].
    #[must_use]
    pub fn with_stamps(mut self, stamps: Stamps) -> Self {
        self.stamps = stamps;
        self
    }

    /// The clock that fresh timestamps are taken from. Default: the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The headers by which `head` is signed. They are to be put into the request that goes out,
    /// which must have this method, target and these headers otherwise.
    ///
    /// # Errors
    ///
    /// [`BackendSignError`]: nothing is signed that a verifier could not take.
    pub fn sign(
        &self,
        head: &RequestHead<'_>,
        body: BackendBody<'_>,
    ) -> Result<BackendHeaders, BackendSignError> {
        if head.target().path().is_empty() {
            return Err(BackendSignError::NoPath);
        }
        let ca = CaHeaders::collect(head.headers());
        if let Some(name) = ca.repeated {
            return Err(BackendSignError::RepeatedHeader(name.clone()));
        }
        let Covered { form, content_md5 } = body.covered(&ca)?;
        let mut added = self.additions()?;
        if let Some(digest) = content_md5 {
            added.add(header::CONTENT_MD5, text(&digest.encode()));
        }

        // What is signed is what goes out, so it is put together first.
        let mut headers = head.headers().clone();
        added.apply_to(&mut headers)?;
        let value_of =
            |name| headers.get(name).map_or(&b""[..], HeaderValue::as_bytes).trim_ascii();
        let signed = SignedHeaders::parse(value_of(header::PROXY_SIGNATURE_HEADERS), &headers)?;
        let repeated = |name: &&HeaderName| signed.repeated() == Some(name.as_str());
        if let Some(name) = self.signed.iter().find(repeated) {
            return Err(BackendSignError::RepeatedHeader(name.clone()));
        }
        let params = Params::query(head)?.with_form(form)?;
        check_params(&params)?;
        let request = BackendRequest::new(head, &signed, &params);
        let request = match request.path().is_ambiguous() {
            true => request.with_raw_path(),
            false => request,
        };
        let line = value_of(header::CONTENT_MD5);
        let string = request.string_to_sign(line, BackendVariant::PRIMARY);
        let signature = sign_backend(&self.secret, &string);
        added.add(header::PROXY_SIGNATURE, text(&signature));
        Ok(added)
    }

    /// All headers but the signature and the digest.
    fn additions(&self) -> Result<BackendHeaders, BackendSignError> {
        let mut added = BackendHeaders::default();
        let list: Vec<_> = self.signed.iter().map(HeaderName::as_str).collect();
        added.add(header::PROXY_SIGNATURE_HEADERS, text(&list.join(",")));
        added.add(header::PROXY_SIGNATURE_SECRET_KEY, text(self.key.as_str()));
        if self.stamps == Stamps::Fresh {
            let stamp = Stamp::fresh(self.clock.wall());
            let stamp = stamp.map_err(|_| BackendSignError::NoRandomness)?;
            added.add(header::TIMESTAMP, text(&stamp.at.to_string()));
            added.add(header::NONCE, stamp.nonce);
        }
        Ok(added)
    }
}

fn check_params(params: &Params<'_>) -> Result<(), BackendSignError> {
    let name = |param: Param<'_>| param.handler_name().into_owned();
    if let Some(param) = params.polluted() {
        return Err(BackendSignError::RepeatedParameter(name(param)));
    }
    match params.ambiguous_name() {
        Some(param) => Err(BackendSignError::AmbiguousParameter(name(param))),
        None => Ok(()),
    }
}

/// Of visible ASCII, which is what keys, names, digits and base64 are.
fn text(ascii: &str) -> HeaderValue {
    HeaderValue::from_str(ascii).unwrap_or(HeaderValue::from_static(""))
}

/// Without the secret.
impl fmt::Debug for BackendSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendSigner")
            .field("key", &self.key.as_str())
            .field("signed", &self.signed)
            .field("stamps", &self.stamps)
            .finish_non_exhaustive()
    }
}
