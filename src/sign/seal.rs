//! The string to sign of a request that has all its headers, or why there is none.
//!
//! In this order:
//!
//! 1. a target without a path
//! 2. a header that decides security twice; a signed header with two values
//! 3. a list of signed headers that verifiers refuse, more than 64 KiB
//! 4. `X-Ca-Signed-Content-Type` that is not signed or contradicts `Content-Type`
//! 5. a `Content-Length` or `Content-MD5` of another body; a form of which only the digest is known
//! 6. more than 1,000 parameters; one with two values, or with a name that reads as several
//! 7. a path whose decoded form reads as another one, unless it is signed raw
//!
//! What the strict policy asks for is not asked here: a server that asks for less may be called with
//! less.

use http::{HeaderMap, Method};

use super::{SignError, SignableRequest};
use crate::header;
use crate::protocol::{
    CaHeaders, CanonicalRequest, MAX_HEAD_LEN, Params, PathForm, RequestHead, SignedHeaders,
    Variant, head_len,
};

/// The string to sign of `request` with these headers.
pub(super) fn string_to_sign(
    request: &SignableRequest<'_>,
    headers: &HeaderMap,
    variant: Variant,
) -> Result<Vec<u8>, SignError> {
    let SignableRequest { method, target, body, .. } = request;
    if target.path().is_empty() || **method == Method::CONNECT {
        return Err(SignError::NoPath);
    }
    let head = RequestHead::new(method, target, headers, body.length());
    let ca = CaHeaders::collect(headers);
    if let Some(name) = ca.repeated.or(ca.repeated_fixed_line) {
        return Err(SignError::RepeatedHeader(header::documented(name).to_owned()));
    }
    let signed = SignedHeaders::parse(ca.signature_headers.unwrap_or_default(), headers)?;
    if let Some(name) = signed.repeated() {
        return Err(SignError::RepeatedHeader(name.to_owned()));
    }
    if head_len(&head, &ca, &signed) > MAX_HEAD_LEN {
        return Err(SignError::TooLong);
    }
    check_signed_content_type(&ca, &signed)?;
    body.check_length(headers)?;
    body.check_digest(&ca)?;
    let params = Params::query(&head)?.with_form(body.form(&ca)?)?;
    check_params(&params)?;
    let canonical = CanonicalRequest::new(&head, &ca, &signed, &params);
    if variant.path != PathForm::Raw && canonical.path().is_ambiguous() {
        return Err(SignError::AmbiguousPath);
    }
    Ok(canonical.string_to_sign(variant))
}

fn check_signed_content_type(
    ca: &CaHeaders<'_>,
    signed: &SignedHeaders<'_>,
) -> Result<(), SignError> {
    let covered = ca.signed_content_type.is_none() || signed.declares(&header::SIGNED_CONTENT_TYPE);
    if covered && ca.content_types_agree() { Ok(()) } else { Err(SignError::SignedContentType) }
}

fn check_params(params: &Params<'_>) -> Result<(), SignError> {
    if let Some(param) = params.polluted() {
        return Err(SignError::RepeatedParameter(param.handler_name().into_owned()));
    }
    match params.ambiguous_name() {
        Some(param) => Err(SignError::AmbiguousParameter(param.handler_name().into_owned())),
        None => Ok(()),
    }
}
