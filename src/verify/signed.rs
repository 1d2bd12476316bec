//! Step 1 for signed requests: their headers' values.
//!
//! 1. a target without a path: `I400RU`
//! 2. an unknown or not allowed signature method; a malformed timestamp; a nonce over 256 bytes; an
//!    AppKey over 128 bytes or not UTF-8; a declared name that is no header name; over 64 declared
//!    names, 1,000 parameters or 64 KiB of signed text; a signed header with two values; an
//!    `X-Ca-Signed-Content-Type` that contradicts `Content-Type`: `I400HD`
//! 3. required and absent: timestamp `I400MH`, nonce `I400NC`, Content-MD5 `I400MH`
//! 4. required to be signed, but not declared: `I400HD`

use std::fmt;

use super::policy::{
    Ambiguity, ContentMd5Rule, KeyCoverage, Presence, SignatureMethods, SignedContentType,
    StrictFindings, StrictRow, TimestampUnit,
};
use super::{Policy, refuse};
use crate::clock::UnixMillis;
use crate::credential::AppKey;
use crate::error::{ErrorCode, Rejection};
use crate::header;
use crate::protocol::{
    BodyLength, CaHeaders, MAX_HEAD_LEN, Params, PresentedSignature, RequestHead, SignatureMethod,
    SignedHeaders, head_len, parse_timestamp,
};

/// The longest nonce, in bytes. Clients send UUIDs.
const MAX_NONCE: usize = 256;

/// The well-formed parts of a signed request.
pub(super) struct SignedRequest<'r> {
    pub(super) key: &'r str,
    pub(super) signature: PresentedSignature,
    pub(super) method: SignatureMethod,
    pub(super) timestamp: Option<Timestamp>,
    pub(super) nonce: Option<&'r [u8]>,
    pub(super) headers: SignedHeaders<'r>,
    pub(super) query: Params<'r>,
}

/// A timestamp, and whether the signature covers it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timestamp {
    pub(super) at: UnixMillis,
    pub(super) signed: bool,
}

/// Without the nonce: it is chosen by the caller and may be personal.
impl fmt::Debug for SignedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("key", &self.key)
            .field("method", &self.method)
            .field("timestamp", &self.timestamp)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

impl<'r> SignedRequest<'r> {
    pub(super) fn parse(
        policy: &Policy,
        head: &RequestHead<'r>,
        ca: &CaHeaders<'r>,
        signature: &[u8],
        findings: &mut StrictFindings,
    ) -> Result<Self, Rejection> {
        let (key, signature) = match (ca.key.unwrap_or_default(), signature) {
            (_, b"") => return Err(refuse::missing(&header::SIGNATURE)),
            (b"", _) => return Err(refuse::missing(&header::KEY)),
            pair => pair,
        };
        if head.target().path().is_empty() {
            // `CONNECT host:port`: the host is the resource, and no client signs it.
            return Err(Rejection::new(ErrorCode::I400RU).with("it has no path"));
        }
        let method = signature_method(policy, ca, findings)?;
        let at = timestamp(policy, ca)?;
        let nonce = nonce(ca)?;
        let key = app_key(key)?;
        let headers = signed_headers(head, ca)?;
        let query = Params::query(head).map_err(refuse::too_many_params)?;
        let signed = headers.declares(&header::TIMESTAMP);
        let request = Self {
            key,
            signature: PresentedSignature::decode(signature),
            method,
            timestamp: at.map(|at| Timestamp { at, signed }),
            nonce,
            headers,
            query,
        };
        request.check_repeated_headers(policy, ca, findings)?;
        request.check_signed_content_type(policy, ca, findings)?;
        request.check_presence(policy, head, ca, findings)?;
        request.check_coverage(policy, findings)?;
        Ok(request)
    }

    fn check_repeated_headers(
        &self,
        policy: &Policy,
        ca: &CaHeaders<'_>,
        findings: &mut StrictFindings,
    ) -> Result<(), Rejection> {
        const REASON: &str = "is signed and has more than one value";
        let line = ca.repeated_fixed_line.as_ref().map(|name| refuse::header(name, REASON));
        let violated =
            line.or_else(|| self.headers.repeated().map(|name| refuse::named_header(name, REASON)));
        refuse::strict_row(policy.repeated_headers, StrictRow::RepeatedHeader, violated, findings)
    }

    fn check_signed_content_type(
        &self,
        policy: &Policy,
        ca: &CaHeaders<'_>,
        findings: &mut StrictFindings,
    ) -> Result<(), Rejection> {
        if ca.signed_content_type.is_none() {
            return Ok(());
        }
        let refused = |reason| Some(refuse::header(&header::SIGNED_CONTENT_TYPE, reason));
        let violated = if !self.headers.declares(&header::SIGNED_CONTENT_TYPE) {
            refused("is not among X-Ca-Signature-Headers")
        } else if !ca.content_types_agree() {
            refused("is of another media type than Content-Type")
        } else {
            None
        };
        let rule = match policy.signed_content_type {
            SignedContentType::MustAgree => Ambiguity::Refuse,
            SignedContentType::Replaces => Ambiguity::AsGateway,
        };
        refuse::strict_row(rule, StrictRow::SignedContentType, violated, findings)
    }

    fn check_presence(
        &self,
        policy: &Policy,
        head: &RequestHead<'_>,
        ca: &CaHeaders<'_>,
        findings: &mut StrictFindings,
    ) -> Result<(), Rejection> {
        if self.timestamp.is_none() && policy.timestamp != Presence::Optional {
            return Err(refuse::missing(&header::TIMESTAMP));
        }
        if self.nonce.is_none() && policy.nonce != Presence::Optional {
            return Err(ErrorCode::I400NC.into());
        }
        let undigested = head.body() != BodyLength::Empty && ca.content_md5.is_none();
        let (uncovered, rule) = match policy.content_md5 {
            ContentMd5Rule::RequiredForForms => (undigested, Ambiguity::Refuse),
            ContentMd5Rule::Required => (undigested && !ca.is_form(), Ambiguity::Refuse),
            ContentMd5Rule::Optional => (undigested && !ca.is_form(), Ambiguity::AsGateway),
        };
        let violated = uncovered.then(|| refuse::missing(&header::CONTENT_MD5));
        refuse::strict_row(rule, StrictRow::ContentMd5, violated, findings)
    }

    fn check_coverage(
        &self,
        policy: &Policy,
        findings: &mut StrictFindings,
    ) -> Result<(), Rejection> {
        let must_be_signed = |presence| match presence {
            Presence::Signed => Ambiguity::Refuse,
            Presence::Optional | Presence::Required => Ambiguity::AsGateway,
        };
        let key_rule = match policy.key_coverage {
            KeyCoverage::Signed => Ambiguity::Refuse,
            KeyCoverage::AsSent => Ambiguity::AsGateway,
        };
        let rows = [
            (header::KEY, key_rule, StrictRow::KeyCoverage),
            (header::TIMESTAMP, must_be_signed(policy.timestamp), StrictRow::Timestamp),
            (header::NONCE, must_be_signed(policy.nonce), StrictRow::Nonce),
        ];
        for (name, rule, row) in rows {
            let violated = (!self.headers.declares(&name))
                .then(|| refuse::header(&name, "is not among X-Ca-Signature-Headers"));
            refuse::strict_row(rule, row, violated, findings)?;
        }
        // A declared header that is absent is covered, and still protects nothing.
        if self.timestamp.is_none() {
            findings.note(StrictRow::Timestamp);
        }
        if self.nonce.is_none() {
            findings.note(StrictRow::Nonce);
        }
        Ok(())
    }
}

fn signature_method(
    policy: &Policy,
    ca: &CaHeaders<'_>,
    findings: &mut StrictFindings,
) -> Result<SignatureMethod, Rejection> {
    let refused = |reason| refuse::header(&header::SIGNATURE_METHOD, reason);
    let method = SignatureMethod::parse(ca.signature_method.unwrap_or_default())
        .map_err(|_| refused("is neither HmacSHA256 nor HmacSHA1"))?;
    if !policy.signature_methods.allow(method) {
        return Err(refused("is not allowed: use HmacSHA256"));
    }
    if !SignatureMethods::HmacSha256.allow(method) {
        findings.note(StrictRow::SignatureMethod);
    }
    Ok(method)
}

fn timestamp(policy: &Policy, ca: &CaHeaders<'_>) -> Result<Option<UnixMillis>, Rejection> {
    const MILLIS_DIGITS: usize = 13;
    let Some(text) = ca.timestamp else {
        return Ok(None);
    };
    let at = parse_timestamp(text).ok_or_else(|| {
        refuse::header(&header::TIMESTAMP, "is not a number of milliseconds since 1970")
    })?;
    let seconds = policy.timestamp_unit == TimestampUnit::MillisOrSeconds;
    if seconds && text.len() < MILLIS_DIGITS {
        return Ok(Some(UnixMillis::new(at.get().saturating_mul(1000))));
    }
    Ok(Some(at))
}

/// An empty nonce is none: it would be every caller's.
fn nonce<'r>(ca: &CaHeaders<'r>) -> Result<Option<&'r [u8]>, Rejection> {
    match ca.nonce {
        Some(nonce) if nonce.len() > MAX_NONCE => {
            Err(refuse::header(&header::NONCE, "is longer than 256 bytes"))
        }
        nonce => Ok(nonce.filter(|nonce| !nonce.is_empty())),
    }
}

fn app_key(key: &[u8]) -> Result<&str, Rejection> {
    if key.len() > AppKey::MAX_LEN {
        return Err(refuse::header(&header::KEY, "is longer than 128 bytes"));
    }
    std::str::from_utf8(key).map_err(|_| refuse::header(&header::KEY, "is not UTF-8"))
}

fn signed_headers<'r>(
    head: &RequestHead<'r>,
    ca: &CaHeaders<'r>,
) -> Result<SignedHeaders<'r>, Rejection> {
    let list = ca.signature_headers.unwrap_or_default();
    let headers = SignedHeaders::parse(list, head.headers())
        .map_err(|error| refuse::list(&header::SIGNATURE_HEADERS, error))?;
    if head_len(head, ca, &headers) > MAX_HEAD_LEN {
        return Err(refuse::header(&header::SIGNATURE, "covers more than 64 KiB of headers"));
    }
    Ok(headers)
}
