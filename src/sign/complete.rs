//! The headers of a signed request, all but the signature.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    AcceptPolicy, DatePolicy, FormDigest, SignError, SignableBody, SignableRequest, Signer, Stamp,
    declare,
};
use crate::clock::UnixMillis;
use crate::header;
use crate::protocol::is_form;

/// The type of a body that is made of form fields.
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// A request's headers as they will be, and what was added to them.
pub(super) struct Completed {
    pub(super) headers: HeaderMap,
    pub(super) added: Vec<(HeaderName, HeaderValue)>,
}

impl Completed {
    /// The headers as they are, without an earlier signature.
    pub(super) fn unchanged(request: &SignableRequest<'_>) -> Self {
        let mut headers = request.headers.clone();
        headers.remove(header::SIGNATURE);
        Self { headers, added: Vec::new() }
    }

    /// Adds what `signer` adds.
    pub(super) fn by(
        signer: &Signer,
        request: &SignableRequest<'_>,
        stamp: &Stamp,
    ) -> Result<Self, SignError> {
        let mut all = Self::unchanged(request);
        all.set(header::KEY, signer.key.clone())?;
        all.set(header::TIMESTAMP, HeaderValue::from(stamp.at.get()))?;
        all.set(header::NONCE, stamp.nonce.clone())?;
        let method = HeaderValue::from_static(signer.method.as_str());
        all.set(header::SIGNATURE_METHOD, method)?;
        if let Some(stage) = signer.stage {
            all.set_if_absent(header::STAGE, || HeaderValue::from_static(stage.as_str()))?;
        }
        if let AcceptPolicy::IfAbsent(accept) = &signer.accept {
            all.set_if_absent(header::ACCEPT, || accept.clone())?;
        }
        if signer.date == DatePolicy::Now {
            all.set(header::DATE, http_date(stamp.at)?)?;
        }
        all.describe(&request.body, signer.form_digest)?;
        let list = declare::list(&all.headers, &signer.signed_headers);
        all.set(header::SIGNATURE_HEADERS, list.ok_or(SignError::TooLong)?)?;
        Ok(all)
    }

    /// Adds what says what the body is.
    fn describe(&mut self, body: &SignableBody<'_>, digest: FormDigest) -> Result<(), SignError> {
        if matches!(body, SignableBody::Form(_)) {
            self.set_if_absent(header::CONTENT_TYPE, || FORM)?;
        }
        let content_type = self.headers.get(header::CONTENT_TYPE);
        let is_form = content_type.is_some_and(|value| is_form(value.as_bytes()));
        if body.is_empty() || (is_form && digest == FormDigest::Omit) {
            return Ok(());
        }
        let encoded = || HeaderValue::try_from(body.digest().encode());
        if !self.headers.contains_key(header::CONTENT_MD5) {
            self.set(header::CONTENT_MD5, encoded().map_err(|_| SignError::ContentMd5)?)?;
        }
        Ok(())
    }

    pub(super) fn set(&mut self, name: HeaderName, value: HeaderValue) -> Result<(), SignError> {
        let mut value = value;
        value.set_sensitive(true);
        let inserted = self.headers.try_insert(name.clone(), value.clone());
        inserted.map_err(|_| SignError::TooManyHeaders)?;
        self.added.push((name, value));
        Ok(())
    }

    fn set_if_absent(
        &mut self,
        name: HeaderName,
        value: impl FnOnce() -> HeaderValue,
    ) -> Result<(), SignError> {
        if self.headers.contains_key(&name) { Ok(()) } else { self.set(name, value()) }
    }
}

/// RFC 9110 §5.6.7.
pub(super) fn http_date(at: UnixMillis) -> Result<HeaderValue, SignError> {
    const YEAR_10000: UnixMillis = UnixMillis::new(253_402_300_800_000);
    if at >= YEAR_10000 {
        return Err(SignError::Date);
    }
    let time = std::time::SystemTime::UNIX_EPOCH.checked_add(at.since(UnixMillis::ZERO));
    let text = httpdate::fmt_http_date(time.ok_or(SignError::Date)?);
    HeaderValue::try_from(text).map_err(|_| SignError::Date)
}
