//! Step 1 for signed requests: their headers' values.
//!
//! 1. a target without a path: `I400RU`
//! 2. an unknown or not allowed signature method; a malformed timestamp; a nonce over 256 bytes; an
//!    AppKey over 128 bytes or not UTF-8: `I400HD`
//!
//! What the signature covers comes next ([`covered`](super::covered)).

use std::fmt;

use super::policy::{SignatureMethods, StrictFindings, StrictRow, TimestampUnit};
use super::{Policy, refuse};
use crate::clock::UnixMillis;
use crate::credential::AppKey;
use crate::error::{ErrorCode, Rejection};
use crate::header;
use crate::protocol::{
    CaHeaders, PresentedSignature, RequestHead, SignatureMethod, parse_timestamp,
};

/// The longest nonce, in bytes. Clients send UUIDs.
const MAX_NONCE: usize = 256;

/// The well-formed parts of a signed request.
pub(super) struct SignedRequest<'r> {
    pub(super) key: &'r str,
    pub(super) signature: PresentedSignature,
    pub(super) method: SignatureMethod,
    pub(super) timestamp: Option<UnixMillis>,
    pub(super) nonce: Option<&'r [u8]>,
}

/// Without the nonce: it is chosen by the caller and may be personal.
impl fmt::Debug for SignedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("key", &self.key)
            .field("method", &self.method)
            .field("timestamp", &self.timestamp)
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
        let timestamp = timestamp(policy.timestamp_unit, ca)?;
        let nonce = nonce(ca)?;
        let key = app_key(key)?;
        let signature = PresentedSignature::decode(signature);
        Ok(Self { key, signature, method, timestamp, nonce })
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

pub(super) fn timestamp(
    unit: TimestampUnit,
    ca: &CaHeaders<'_>,
) -> Result<Option<UnixMillis>, Rejection> {
    const MILLIS_DIGITS: usize = 13;
    let Some(text) = ca.timestamp else {
        return Ok(None);
    };
    let at = parse_timestamp(text).ok_or_else(|| {
        refuse::header(&header::TIMESTAMP, "is not a number of milliseconds since 1970")
    })?;
    if unit == TimestampUnit::MillisOrSeconds && text.len() < MILLIS_DIGITS {
        return Ok(Some(UnixMillis::new(at.get().saturating_mul(1000))));
    }
    Ok(Some(at))
}

/// An empty nonce is none: it would be every caller's.
pub(super) fn nonce<'r>(ca: &CaHeaders<'r>) -> Result<Option<&'r [u8]>, Rejection> {
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
