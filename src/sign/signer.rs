//! The signer.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderName, HeaderValue};

use super::complete::Completed;
use super::{
    AcceptPolicy, ClockOffset, DatePolicy, FormDigest, SignError, SignableBody, SignableRequest,
    SigningInstructions, Stage, Stamp, declare, seal,
};
use crate::clock::{Clock, SystemClock, UnixMillis};
use crate::credential::{AppKey, AppSecret};
use crate::error::ConfigError;
use crate::header;
use crate::protocol::{PathForm, SignatureMethod, Variant};

/// Signs requests as one app. See the [module's documentation](super).
#[derive(Clone, Debug)]
pub struct Signer {
    pub(super) key: HeaderValue,
    secret: AppSecret,
    pub(super) method: SignatureMethod,
    pub(super) stage: Option<Stage>,
    pub(super) accept: AcceptPolicy,
    pub(super) date: DatePolicy,
    pub(super) form_digest: FormDigest,
    pub(super) signed_headers: Vec<HeaderName>,
    path: PathForm,
    clock: Arc<dyn Clock>,
    offset: ClockOffset,
}

impl Signer {
    /// A signer with the defaults, by which every server of this crate and the gateway verify.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoHeaderValue`] if no header can carry the AppKey as it is.
    pub fn new(key: AppKey, secret: AppSecret) -> Result<Self, ConfigError> {
        const WHAT: &str = "the AppKey";
        let key = key.as_str();
        let value = HeaderValue::from_bytes(key.as_bytes()).ok();
        // White space around a value is lost on the way.
        let value = value.filter(|value| value.as_bytes().trim_ascii() == key.as_bytes());
        Ok(Self {
            key: value.ok_or(ConfigError::NoHeaderValue(WHAT))?,
            secret,
            method: SignatureMethod::HmacSha256,
            stage: None,
            accept: AcceptPolicy::default(),
            date: DatePolicy::default(),
            form_digest: FormDigest::default(),
            signed_headers: Vec::new(),
            path: PathForm::Decoded,
            clock: Arc::new(SystemClock),
            offset: ClockOffset::ZERO,
        })
    }

    /// How to sign. Default: [`SignatureMethod::HmacSha256`]. The strict policy refuses SHA-1.
    #[must_use]
    pub const fn with_signature_method(mut self, method: SignatureMethod) -> Self {
        self.method = method;
        self
    }

    /// The `X-Ca-Stage` of requests that have none of their own. Default: none, which a gateway reads
    /// as `RELEASE`.
    #[must_use]
    pub const fn with_stage(mut self, stage: Stage) -> Self {
        self.stage = Some(stage);
        self
    }

    /// What the `Accept` line says. Default: `*/*` if the request has none.
    #[must_use]
    pub fn with_accept(mut self, accept: AcceptPolicy) -> Self {
        self.accept = accept;
        self
    }

    /// What the `Date` line says. Default: [`DatePolicy::AsSent`].
    #[must_use]
    pub const fn with_date(mut self, date: DatePolicy) -> Self {
        self.date = date;
        self
    }

    /// Whether forms get a `Content-MD5`. Default: [`FormDigest::Omit`].
    #[must_use]
    pub const fn with_form_digest(mut self, digest: FormDigest) -> Self {
        self.form_digest = digest;
        self
    }

    /// Which form of the path is signed. Default: [`PathForm::Decoded`], the gateway's own reading;
    /// paths that it could mistake for others are refused ([`SignError::AmbiguousPath`]).
    /// [`PathForm::Raw`] signs every path as it is on the wire, as the Node SDK does.
    #[must_use]
    pub const fn with_path_form(mut self, path: PathForm) -> Self {
        self.path = path;
        self
    }

    /// Headers to sign besides every `x-ca-*` header, in place of those chosen before. Default:
    /// none. They are signed even where a request lacks them, so that nobody can add one on the way:
    /// choose none that the HTTP library adds after signing, as reqwest does with a client's default
    /// headers.
    ///
    /// ```
    /// use countersign::credential::{AppKey, AppSecret};
    /// use countersign::sign::Signer;
    /// use http::HeaderName;
    ///
    /// let signer = Signer::new(AppKey::new("203710001")?, AppSecret::new("a secret")?)?;
    /// let header = HeaderName::from_static;
    /// assert!(signer.clone().with_signed_headers([header("x-tenant")]).is_ok());
    /// let refused = signer.with_signed_headers([header("host")]).map(|_| ()).unwrap_err();
    /// assert_eq!(refused.to_string(), "`host` cannot be a signed header: the HTTP library writes it");
    /// # Ok::<(), countersign::error::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError::NotSignable`] for a header that has a line of its own, or that does not arrive
    /// as it was signed.
    pub fn with_signed_headers(
        mut self,
        names: impl IntoIterator<Item = HeaderName>,
    ) -> Result<Self, ConfigError> {
        self.signed_headers = names.into_iter().collect();
        self.signed_headers.iter().try_for_each(declare::check)?;
        Ok(self)
    }

    /// Where the time comes from. Default: [`SystemClock`].
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How far the server's clock is from this one's. Default: [`ClockOffset::ZERO`].
    #[must_use]
    pub const fn with_clock_offset(mut self, offset: ClockOffset) -> Self {
        self.offset = offset;
        self
    }

    /// The time as this signer stamps it: its clock's, with the offset.
    #[must_use]
    pub fn now(&self) -> UnixMillis {
        self.offset.applied_to(self.clock.wall())
    }

    /// Signs a request now, with a fresh nonce.
    ///
    /// # Errors
    ///
    /// [`SignError`] if the request cannot be signed so that a server accepts it.
    pub fn sign(&self, request: &SignableRequest<'_>) -> Result<SigningInstructions, SignError> {
        self.sign_stamped(request, &Stamp::fresh(self.now())?)
    }

    /// Signs a request with this stamp: without clock and randomness, the same request gives the same
    /// signature.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    pub fn sign_stamped(
        &self,
        request: &SignableRequest<'_>,
        stamp: &Stamp,
    ) -> Result<SigningInstructions, SignError> {
        self.seal(request, Completed::by(self, request, stamp)?, self.method)
    }

    /// Signs a request as its own `X-Ca-*` headers say, `X-Ca-Signature-Headers` and
    /// `X-Ca-Signature-Method` among them, and adds nothing but `X-Ca-Signature`: for what must look
    /// as another client sends it. The signer's options but for the path's form play no part.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign). That the strict policy may ask for more is none.
    pub fn sign_as_declared(
        &self,
        request: &SignableRequest<'_>,
    ) -> Result<SigningInstructions, SignError> {
        let method = request.headers.get(header::SIGNATURE_METHOD);
        let method = method.map_or(&[][..], |value| value.as_bytes().trim_ascii());
        self.seal(request, Completed::unchanged(request), SignatureMethod::parse(method)?)
    }

    /// Signs a request's head in place; on an error it is as it was.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    pub fn sign_parts(&self, head: &mut Parts, body: SignableBody<'_>) -> Result<(), SignError> {
        let request = SignableRequest::new(&head.method, &head.uri, &head.headers, body);
        self.sign(&request)?.apply_to(&mut head.headers)
    }

    fn seal(
        &self,
        request: &SignableRequest<'_>,
        mut all: Completed,
        method: SignatureMethod,
    ) -> Result<SigningInstructions, SignError> {
        let variant = Variant { path: self.path, ..Variant::PRIMARY };
        let string_to_sign = seal::string_to_sign(request, &all.headers, variant)?;
        let signature = method.sign(&self.secret, &string_to_sign);
        // Base64 is always a header's value.
        let signature = HeaderValue::try_from(signature).map_err(|_| SignError::TooLong)?;
        all.set(header::SIGNATURE, signature)?;
        Ok(SigningInstructions { headers: all.added, string_to_sign, variant })
    }
}
