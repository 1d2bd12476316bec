//! Step 1 for V3: `Authorization: ACS3-…`.
//!
//! 1. an unknown algorithm: `InvalidSignatureMethod`; a malformed `Authorization`:
//!    `InvalidAuthorization`; a list of headers that is not sorted, or names what is no header:
//!    `InvalidSignedHeaders`; a signed header that occurs twice: `Invalid{Name}`
//! 2. `Missingx-acs-date`, `InvalidTimeStamp.Format`; `Missingx-acs-signature-nonce`; both must be
//!    signed: `InvalidSignedHeaders`
//! 3. a header that has to be signed, and is not: `InvalidSignedHeaders`
//! 4. `x-acs-accesskey-id` of another key: `Invalidx-acs-accesskey-id`
//! 5. `Missingx-acs-content-sha256`; one that is no digest: `Invalidx-acs-content-sha256`

use super::credentials::{self, BodyRule, Credentials};
use super::presented::Head;
use super::{refuse, roa};
use crate::error::{OpenApiError, OpenApiRejection};
use crate::header;
use crate::protocol::MAX_HEAD_LEN;
use crate::protocol::openapi::{
    AcsSignature, AcsSignatureMethod, AuthorizationError, PayloadAlgorithm, PayloadDigest,
    V3Authorization, V3SignedHeaders, parse_acs_timestamp,
};
use crate::verify::StrictRow;
use crate::verify::refuse::strict_row;

pub(super) fn present<'r>(head: &mut Head<'r>) -> Result<Credentials<'r>, OpenApiRejection> {
    let presented = V3Authorization::parse(head.acs.authorization.unwrap_or_default());
    let presented = presented.map_err(|error| match error {
        AuthorizationError::Method(_) => OpenApiError::InvalidSignatureMethod.into(),
        _ => refuse::invalid("Authorization", "it is not well-formed"),
    })?;
    let headers = V3SignedHeaders::parse(presented.signed_headers, &head.head)
        .map_err(|error| unsigned("").with_detail(error.to_string()))?;
    if let Some(name) = headers.repeated() {
        return Err(refuse::named(name, "it is signed and has more than one value"));
    }
    if headers.signed_len() + head.head.target_len() > MAX_HEAD_LEN {
        return Err(unsigned("it covers more than 64 KiB of headers"));
    }
    let acs = &head.acs;
    let timestamp = credentials::timestamp("x-acs-date", acs.acs_date, parse_acs_timestamp)?;
    let nonce = credentials::nonce(acs.nonce)?;
    let nonce = nonce.ok_or_else(|| refuse::missing("x-acs-signature-nonce"))?;
    for name in [header::ACS_DATE, header::ACS_SIGNATURE_NONCE] {
        if !headers.declares(&name) {
            return Err(unsigned("date and nonce must be signed"));
        }
    }
    roa::check_key_id(presented.access_key_id, acs.access_key_id)?;
    // Where a header may be unsigned, anyone may have added it.
    let action = acs.action.filter(|_| headers.declares(&header::ACS_ACTION));
    let version = acs.version.filter(|_| headers.declares(&header::ACS_VERSION));
    let payload = payload(head, presented.method)?;
    check_coverage(head, &headers)?;
    Ok(Credentials {
        signature: AcsSignature::decode(presented.method, presented.signature),
        method: presented.method,
        access_key_id: presented.access_key_id.into(),
        timestamp,
        nonce: Some(nonce),
        security_token: credentials::token(head.acs.security_token),
        action: credentials::text("x-acs-action", action)?,
        version: credentials::text("x-acs-version", version)?,
        headers: Some(headers),
        body: BodyRule::Payload(payload),
    })
}

fn check_coverage(
    head: &mut Head<'_>,
    headers: &V3SignedHeaders<'_>,
) -> Result<(), OpenApiRejection> {
    // The digest is signed as the last line, listed or not; where it may be absent, step 1 has said so.
    let missing =
        headers.missing().filter(|name| *name == header::HOST || head.acs.content_sha256.is_some());
    let violated = match (missing, headers.uncovered(head.head.headers())) {
        (None, None) => None,
        (Some(_), _) => Some(unsigned("host and digest must be signed")),
        (None, Some(_)) => Some(unsigned("an x-acs-* header or Content-Type is not signed")),
    };
    let rule = head.policy.unsigned_headers;
    strict_row(rule, StrictRow::UnsignedHeader, violated, &mut head.findings)
}

/// The digest that the body must have.
fn payload(
    head: &mut Head<'_>,
    method: AcsSignatureMethod,
) -> Result<PayloadDigest, OpenApiRejection> {
    let Some(text) = head.acs.content_sha256 else {
        let absent = Some(refuse::missing("x-acs-content-sha256"));
        let rule = head.policy.absent_digest;
        strict_row(rule, StrictRow::ContentMd5, absent, &mut head.findings)?;
        return Ok(PayloadAlgorithm::of(method).digest(head.undigested));
    };
    let malformed = || refuse::invalid("x-acs-content-sha256", "it is not 64 lower-case digits");
    PayloadDigest::decode(text).ok_or_else(malformed)
}

fn unsigned(why: &'static str) -> OpenApiRejection {
    refuse::invalid("SignedHeaders", why)
}
