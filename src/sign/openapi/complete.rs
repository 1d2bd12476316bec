//! Signs by ROA and V3: everything is a header.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::error::check_params;
use super::{OpenApiBody, OpenApiSignError, OpenApiSigned, OpenApiSigner, Unsigned};
use crate::header::{self, ACS_PREFIX};
use crate::protocol::openapi::{
    AcsHeaders, MacMethod, PayloadAlgorithm, RoaRequest, RoaVariant, V3Request, V3SignedHeaders,
    V3Variant, fmt_acs_timestamp,
};
use crate::protocol::{BodyLength, ContentMd5, Params, RequestHead};
use crate::sign::Stamp;
use crate::sign::complete::http_date;

/// A request's headers as they will be, and what was added to them.
struct Completed {
    headers: HeaderMap,
    added: Vec<(HeaderName, HeaderValue)>,
}

impl Completed {
    /// What both schemes add: the nonce, and the token of a temporary key.
    fn of(
        signer: &OpenApiSigner,
        request: &Unsigned<'_>,
        stamp: &Stamp,
    ) -> Result<Self, OpenApiSignError> {
        let mut all = Self { headers: request.headers.clone(), added: Vec::new() };
        all.headers.remove(header::AUTHORIZATION);
        all.set(header::ACS_SIGNATURE_NONCE, stamp.nonce.clone())?;
        if let Some(token) = &signer.security_token {
            all.set(header::ACS_SECURITY_TOKEN, token.clone())?;
            all.set(header::ACS_ACCESS_KEY_ID, value(&signer.access_key_id)?)?;
        }
        Ok(all)
    }

    fn set(&mut self, name: HeaderName, mut value: HeaderValue) -> Result<(), OpenApiSignError> {
        value.set_sensitive(name != header::HOST);
        let inserted = self.headers.try_insert(name.clone(), value.clone());
        inserted.map_err(|_| OpenApiSignError::TooLarge)?;
        self.added.push((name, value));
        Ok(())
    }

    fn signed(
        mut self,
        authorization: &str,
        string_to_sign: Vec<u8>,
    ) -> Result<OpenApiSigned, OpenApiSignError> {
        self.set(header::AUTHORIZATION, value(authorization)?)?;
        Ok(OpenApiSigned { headers: self.added, target: None, string_to_sign })
    }
}

pub(super) fn sign_roa(
    signer: &OpenApiSigner,
    request: &Unsigned<'_>,
    stamp: &Stamp,
) -> Result<OpenApiSigned, OpenApiSignError> {
    let OpenApiBody::Bytes(body) = request.body else {
        return Err(OpenApiSignError::Body);
    };
    let method = MacMethod::RoaHmacSha1;
    let mut all = Completed::of(signer, request, stamp)?;
    all.set(header::DATE, http_date(stamp.at()).map_err(|_| OpenApiSignError::Date)?)?;
    all.set(header::ACS_SIGNATURE_METHOD, HeaderValue::from_static(method.as_str()))?;
    all.set(header::ACS_SIGNATURE_VERSION, HeaderValue::from_static("1.0"))?;
    if !body.is_empty() || all.headers.contains_key(header::CONTENT_MD5) {
        all.set(header::CONTENT_MD5, value(&ContentMd5::of(body).encode())?)?;
    }
    let string_to_sign = {
        let acs = acs_headers(&all.headers)?;
        if acs.repeated_accept {
            return Err(OpenApiSignError::RepeatedHeader(header::ACCEPT.to_string()));
        }
        let head = head(request, &all.headers);
        let params = Params::query(&head)?;
        check_params(&params)?;
        if let Some(param) = params.ambiguous_name() {
            return Err(OpenApiSignError::parameter(param));
        }
        RoaRequest::new(&head, &acs, &params).string_to_sign(RoaVariant::PRIMARY)
    };
    let signature = method.sign(&signer.secret, &string_to_sign);
    all.signed(&format!("acs {}:{signature}", signer.access_key_id), string_to_sign)
}

pub(super) fn sign_v3(
    signer: &OpenApiSigner,
    request: &Unsigned<'_>,
    stamp: &Stamp,
) -> Result<OpenApiSigned, OpenApiSignError> {
    let method = MacMethod::V3HmacSha256;
    let time = fmt_acs_timestamp(stamp.at()).ok_or(OpenApiSignError::Date)?;
    let payload = match request.body {
        OpenApiBody::Bytes(body) => PayloadAlgorithm::Sha256.digest(body),
        OpenApiBody::Digest(digest) => digest,
    };
    let mut all = Completed::of(signer, request, stamp)?;
    if !all.headers.contains_key(header::HOST) {
        let host = request.target.authority().ok_or(OpenApiSignError::NoHost)?;
        all.set(header::HOST, value(host.as_str())?)?;
    }
    all.set(header::ACS_DATE, value(&time)?)?;
    all.set(header::ACS_CONTENT_SHA256, value(&payload.encode())?)?;
    let list = list(&all.headers);
    let string_to_sign = {
        acs_headers(&all.headers)?;
        let head = head(request, &all.headers);
        let signed = V3SignedHeaders::parse(&list, &head)?;
        if let Some(name) = signed.repeated() {
            return Err(OpenApiSignError::RepeatedHeader(name.to_owned()));
        }
        let params = Params::query(&head)?;
        check_params(&params)?;
        let canonical = V3Request::new(&head, &signed, &params, payload);
        canonical.string_to_sign(method.into(), V3Variant::PRIMARY)
    };
    let signature = method.sign(&signer.secret, &string_to_sign);
    let (algorithm, id) = (method.as_str(), &signer.access_key_id);
    let authorization =
        format!("{algorithm} Credential={id},SignedHeaders={list},Signature={signature}");
    all.signed(&authorization, string_to_sign)
}

/// What has to be signed where it is there, sorted.
fn list(headers: &HeaderMap) -> String {
    let is_signed = |name: &&HeaderName| {
        name.as_str().starts_with(ACS_PREFIX)
            || [header::HOST, header::CONTENT_TYPE].contains(*name)
    };
    let mut names: Vec<_> = headers.keys().filter(is_signed).map(HeaderName::as_str).collect();
    names.sort_unstable();
    names.join(";")
}

fn acs_headers(headers: &HeaderMap) -> Result<AcsHeaders<'_>, OpenApiSignError> {
    let acs = AcsHeaders::collect(headers);
    match &acs.repeated {
        Some(name) => Err(OpenApiSignError::RepeatedHeader(name.to_string())),
        None => Ok(acs),
    }
}

fn head<'r>(request: &Unsigned<'r>, headers: &'r HeaderMap) -> RequestHead<'r> {
    // The body's length is no part of what is signed.
    RequestHead::new(request.method, request.target, headers, BodyLength::Unknown)
}

fn value(text: &str) -> Result<HeaderValue, OpenApiSignError> {
    HeaderValue::from_str(text).map_err(|_| OpenApiSignError::TooLarge)
}
