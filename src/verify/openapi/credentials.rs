//! What a scheme reads of a request, and what all schemes ask of it.

use std::fmt;

use super::{OpenApiPolicy, refuse};
use crate::clock::UnixMillis;
use crate::credential::OpenApiScheme;
use crate::error::{OpenApiError, OpenApiRejection};
use crate::few::Few;
use crate::protocol::openapi::{
    AcsSignature, AcsSignatureMethod, PayloadDigest, V3SignedHeaders, access_key_id,
};
use crate::protocol::{ContentMd5, UnknownSignatureMethod};
use crate::verify::refuse::strict_row;
use crate::verify::{StrictFindings, StrictRow};

/// The longest nonce, in bytes. Clients send 32 or 64 digits.
const MAX_NONCE: usize = 256;

/// The well-formed credentials of a request, whatever its scheme.
pub(super) struct Credentials<'r> {
    pub(super) method: AcsSignatureMethod,
    pub(super) access_key_id: Box<str>,
    pub(super) signature: AcsSignature,
    pub(super) timestamp: UnixMillis,
    pub(super) nonce: Option<Few<u8, 40>>,
    pub(super) security_token: Option<Box<[u8]>>,
    pub(super) action: Option<Box<str>>,
    pub(super) version: Option<Box<str>>,
    /// Of a V3 request.
    pub(super) headers: Option<V3SignedHeaders<'r>>,
    pub(super) body: BodyRule,
}

/// What is known of the body before it is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum BodyRule {
    /// There is none, or its parameters are signed.
    Covered,
    /// It has this digest.
    Payload(PayloadDigest),
    /// The same, by a digest that ROA signs, and RPC does not.
    Md5(ContentMd5),
    /// Nothing.
    Uncovered,
}

impl Credentials<'_> {
    pub(super) fn is_rpc(&self) -> bool {
        self.scheme() == OpenApiScheme::Rpc
    }

    pub(super) const fn scheme(&self) -> OpenApiScheme {
        self.method.scheme()
    }
}

/// An AccessKeyId, or what is wrong with it.
pub(super) fn key_id(value: Option<&[u8]>) -> Result<Box<str>, OpenApiRejection> {
    let value = value.filter(|value| !value.is_empty());
    let id = value.ok_or_else(|| refuse::missing("AccessKeyId"))?;
    // What is none is nobody's.
    access_key_id(id).map(Into::into).ok_or(OpenApiError::InvalidAccessKeyIdNotFound.into())
}

pub(super) fn nonce(value: Option<&[u8]>) -> Result<Option<Few<u8, 40>>, OpenApiRejection> {
    match value {
        Some(nonce) if nonce.len() > MAX_NONCE => {
            Err(refuse::invalid("SignatureNonce", "it is longer than 256 bytes"))
        }
        nonce => Ok(nonce.filter(|nonce| !nonce.is_empty()).map(Few::from)),
    }
}

/// The time that a request was signed at.
pub(super) fn timestamp(
    name: &'static str,
    value: Option<&[u8]>,
    parse: fn(&[u8]) -> Option<UnixMillis>,
) -> Result<UnixMillis, OpenApiRejection> {
    let value = value.filter(|value| !value.is_empty()).ok_or_else(|| refuse::missing(name))?;
    parse(value).ok_or(OpenApiError::InvalidTimeStampFormat.into())
}

/// Method and version of RPC and ROA, which a lax policy lets a request leave out.
pub(super) fn named_method(
    policy: &OpenApiPolicy,
    method: Result<Option<AcsSignatureMethod>, UnknownSignatureMethod>,
    version: Option<&[u8]>,
    unnamed: AcsSignatureMethod,
    findings: &mut StrictFindings,
) -> Result<AcsSignatureMethod, OpenApiRejection> {
    let method = method.map_err(|_| OpenApiError::InvalidSignatureMethod)?;
    let version = version.filter(|version| !version.is_empty());
    if version.is_some_and(|version| version != b"1.0") {
        return Err(refuse::invalid("SignatureVersion", "it is not 1.0"));
    }
    let unnamed_one = match (method, version) {
        (None, _) => Some(refuse::missing("SignatureMethod")),
        (_, None) => Some(refuse::missing("SignatureVersion")),
        _ => None,
    };
    strict_row(policy.unnamed_methods, StrictRow::SignatureMethod, unnamed_one, findings)?;
    Ok(method.unwrap_or(unnamed))
}

/// `Content-MD5`, if it is there.
pub(super) fn content_md5(value: Option<&[u8]>) -> Result<Option<ContentMd5>, OpenApiRejection> {
    let malformed = || refuse::invalid("Content-MD5", "it is not the base64 of 16 bytes");
    value.map(|text| ContentMd5::decode(text).ok_or_else(malformed)).transpose()
}

/// A text that names something: `Invalid{Name}` if it is no UTF-8.
pub(super) fn text(
    name: &'static str,
    value: Option<&[u8]>,
) -> Result<Option<Box<str>>, OpenApiRejection> {
    let value = value.filter(|value| !value.is_empty());
    let text = value.map(std::str::from_utf8).transpose();
    text.map(|text| text.map(Into::into)).map_err(|_| refuse::invalid(name, "it is no UTF-8"))
}

pub(super) fn token(value: Option<&[u8]>) -> Option<Box<[u8]>> {
    value.filter(|value| !value.is_empty()).map(Into::into)
}

/// Without signature, nonce and token.
impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("method", &self.method)
            .field("access_key_id", &self.access_key_id)
            .field("timestamp", &self.timestamp)
            .field("action", &self.action)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
