//! What is to be signed.

use std::fmt;

use http::{HeaderMap, Method, Uri};

use super::FormBody;
use crate::protocol::ContentMd5;

/// A request as it will be sent, but for what signing adds.
///
/// `target` is what is on the request line or, of an absolute URI, its path and query: scheme and
/// authority are not signed.
#[derive(Clone, Copy)]
pub struct SignableRequest<'r> {
    pub(super) method: &'r Method,
    pub(super) target: &'r Uri,
    pub(super) headers: &'r HeaderMap,
    pub(super) body: SignableBody<'r>,
}

impl<'r> SignableRequest<'r> {
    /// A request to sign.
    #[must_use]
    pub const fn new(
        method: &'r Method,
        target: &'r Uri,
        headers: &'r HeaderMap,
        body: SignableBody<'r>,
    ) -> Self {
        Self { method, target, headers, body }
    }
}

/// Without query and header values: they hold credentials.
impl fmt::Debug for SignableRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignableRequest")
            .field("method", self.method)
            .field("path", &self.target.path())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// What is known of a body when its request is signed.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum SignableBody<'r> {
    /// There is none. It must be sent as none: a stream that turns out to be empty is a body.
    Empty,
    /// All of it. If `Content-Type` names a form, its parameters are signed, else its digest. Zero
    /// bytes are [`Empty`](Self::Empty).
    Bytes(&'r [u8]),
    /// Its digest, for a body that is streamed. Not for a form: its parameters are signed.
    Digest(ContentMd5),
    /// A form's fields. `Content-Type` is added if there is none; the body to send is
    /// [`FormBody::as_bytes`].
    Form(&'r FormBody),
}

/// How long, not what.
impl fmt::Debug for SignableBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Digest(digest) => f.debug_tuple("Digest").field(digest).finish(),
            Self::Form(form) => f.debug_tuple("Form").field(form).finish(),
        }
    }
}
