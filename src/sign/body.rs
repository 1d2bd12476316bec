//! How a body is signed: a form by its parameters, any other by its digest (protocol §1.5, §3).

use http::HeaderMap;
use http::header::CONTENT_LENGTH;

use super::{SignError, SignableBody};
use crate::protocol::{BodyLength, CaHeaders, ContentMd5};

impl SignableBody<'_> {
    /// All bytes; of a stream, none are known.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Empty | Self::Digest(_) => &[],
            Self::Bytes(bytes) => bytes,
            Self::Form(form) => form.as_bytes(),
        }
    }

    pub(super) fn length(&self) -> BodyLength {
        match self {
            Self::Digest(_) => BodyLength::Unknown,
            _ => BodyLength::Known(u64::try_from(self.bytes().len()).unwrap_or(u64::MAX)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        !matches!(self, Self::Digest(_)) && self.bytes().is_empty()
    }

    pub(super) fn digest(&self) -> ContentMd5 {
        match self {
            Self::Digest(digest) => *digest,
            _ => ContentMd5::of(self.bytes()),
        }
    }

    /// The bytes whose parameters are signed.
    pub(super) fn form(&self, ca: &CaHeaders<'_>) -> Result<&[u8], SignError> {
        match (ca.is_form(), self) {
            (true, Self::Digest(_)) => Err(SignError::FormByDigest),
            (false, Self::Form(_)) => Err(SignError::NotAForm),
            (true, body) => Ok(body.bytes()),
            (false, _) => Ok(&[]),
        }
    }

    /// A `Content-Length` that is there must be right; that of a stream is not known.
    pub(super) fn check_length(&self, headers: &HeaderMap) -> Result<(), SignError> {
        let length = self.bytes().len().to_string();
        let mut declared = headers.get_all(CONTENT_LENGTH).iter();
        match self {
            Self::Digest(_) => Ok(()),
            _ if declared.all(|value| value.as_bytes() == length.as_bytes()) => Ok(()),
            _ => Err(SignError::ContentLength),
        }
    }

    /// A `Content-MD5` that is there must be right, also for a form and for no body at all.
    pub(super) fn check_digest(&self, ca: &CaHeaders<'_>) -> Result<(), SignError> {
        match ca.content_md5 {
            Some(text) if ContentMd5::decode(text) != Some(self.digest()) => {
                Err(SignError::ContentMd5)
            }
            _ => Ok(()),
        }
    }
}
