//! What a back-end signature says about a body.

use std::fmt;

use super::BackendSignError;
use crate::protocol::{CaHeaders, ContentMd5};

/// What is known of a body when its request is signed.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum BackendBody<'b> {
    /// All of it; zero bytes are none. If `Content-Type` names a form, its parameters are signed, else
    /// its digest.
    Bytes(&'b [u8]),
    /// Its digest, for a body that is streamed. Not for a form: its parameters are signed.
    Digest(ContentMd5),
    /// Nothing, for a body that is streamed. If the request carries a `Content-MD5`, that is signed as
    /// it is; else the signature says nothing about the body, anyone on the way can change it, and a
    /// strict verifier refuses the request. Not for a form.
    DangerouslyUncovered,
}

/// What becomes of a body.
pub(super) struct Covered<'b> {
    /// The bytes whose parameters are signed.
    pub(super) form: &'b [u8],
    /// The digest to add.
    pub(super) content_md5: Option<ContentMd5>,
}

impl<'b> BackendBody<'b> {
    pub(super) fn covered(self, ca: &CaHeaders<'_>) -> Result<Covered<'b>, BackendSignError> {
        let digest = match self {
            Self::Bytes(bytes) => Some(ContentMd5::of(bytes)),
            Self::Digest(digest) => Some(digest),
            Self::DangerouslyUncovered => None,
        };
        if let Some(text) = ca.content_md5 {
            let presented = ContentMd5::decode(text).ok_or(BackendSignError::ContentMd5)?;
            if digest.is_some_and(|digest| digest != presented) {
                return Err(BackendSignError::ContentMd5);
            }
        }
        let form = match (self, ca.is_form()) {
            (Self::Bytes(bytes), true) => bytes,
            (_, true) => return Err(BackendSignError::FormWithoutBytes),
            (_, false) => b"",
        };
        let is_empty = matches!(self, Self::Bytes(b""));
        let needs_header = ca.content_md5.is_none() && !ca.is_form() && !is_empty;
        Ok(Covered { form, content_md5: digest.filter(|_| needs_header) })
    }
}

/// How long, not what.
impl fmt::Debug for BackendBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Digest(digest) => f.debug_tuple("Digest").field(digest).finish(),
            Self::DangerouslyUncovered => f.write_str("DangerouslyUncovered"),
        }
    }
}
