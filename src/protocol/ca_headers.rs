//! Finds the headers that the protocol gives a meaning.

use std::fmt;

use http::{HeaderMap, HeaderName};

use crate::header::{self, text};

/// The values of the protocol's headers: the first of each, white space around it removed.
///
/// Values are bytes: real clients send raw UTF-8 (protocol §1.3). One pass over the map, because a
/// look-up for each of a dozen names costs more than a short request's MAC.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct CaHeaders<'r> {
    /// `X-Ca-Key`
    pub key: Option<&'r [u8]>,
    /// `X-Ca-Signature`
    pub signature: Option<&'r [u8]>,
    /// `X-Ca-Signature-Headers`
    pub signature_headers: Option<&'r [u8]>,
    /// `X-Ca-Signature-Method`
    pub signature_method: Option<&'r [u8]>,
    /// `X-Ca-Signed-Content-Type`
    pub signed_content_type: Option<&'r [u8]>,
    /// `X-Ca-Timestamp`
    pub timestamp: Option<&'r [u8]>,
    /// `X-Ca-Nonce`
    pub nonce: Option<&'r [u8]>,
    /// `Content-MD5`
    pub content_md5: Option<&'r [u8]>,
    /// `Content-Type`
    pub content_type: Option<&'r [u8]>,
    /// `Authorization`
    pub authorization: Option<&'r [u8]>,
    /// `Accept`
    pub accept: Option<&'r [u8]>,
    /// `Date`
    pub date: Option<&'r [u8]>,
    /// `Content-Length`, with what white space is around it
    pub content_length: Option<&'r [u8]>,
    /// A header that decides security and occurs more than once, whatever its values: which of
    /// them would count is a guess that an attacker could exploit.
    pub repeated: Option<&'r HeaderName>,
    /// `Accept` or `Date`, if it occurs again with another value: only the first is signed.
    pub repeated_fixed_line: Option<&'r HeaderName>,
}

/// The protocol's headers that callers sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CaHeader {
    Key,
    Nonce,
    Timestamp,
    SignatureMethod,
    SignedContentType,
}

impl CaHeader {
    /// The header of this name, in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        // As clients spell them: that is the cheaper comparison.
        let (header, text) = match name {
            "X-Ca-Key" | text::KEY => return Some(Self::Key),
            "X-Ca-Nonce" | text::NONCE => return Some(Self::Nonce),
            "X-Ca-Timestamp" | text::TIMESTAMP => return Some(Self::Timestamp),
            "X-Ca-Signature-Method" | text::SIGNATURE_METHOD => return Some(Self::SignatureMethod),
            _ => match name.len() {
                8 => (Self::Key, text::KEY),
                10 => (Self::Nonce, text::NONCE),
                14 => (Self::Timestamp, text::TIMESTAMP),
                21 => (Self::SignatureMethod, text::SIGNATURE_METHOD),
                24 => (Self::SignedContentType, text::SIGNED_CONTENT_TYPE),
                _ => return None,
            },
        };
        name.eq_ignore_ascii_case(text).then_some(header)
    }

    pub(crate) const fn header_name(self) -> HeaderName {
        match self {
            Self::Key => header::KEY,
            Self::Nonce => header::NONCE,
            Self::Timestamp => header::TIMESTAMP,
            Self::SignatureMethod => header::SIGNATURE_METHOD,
            Self::SignedContentType => header::SIGNED_CONTENT_TYPE,
        }
    }
}

impl<'r> CaHeaders<'r> {
    /// Collects the protocol's headers.
    #[must_use]
    pub fn collect(headers: &'r HeaderMap) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            found.note(name, value.as_bytes());
        }
        found
    }

    fn note(&mut self, name: &'r HeaderName, sent: &'r [u8]) {
        let value = sent.trim_ascii();
        let slot = match name.as_str() {
            text::KEY => &mut self.key,
            text::SIGNATURE => &mut self.signature,
            text::SIGNATURE_HEADERS => &mut self.signature_headers,
            text::SIGNATURE_METHOD => &mut self.signature_method,
            text::SIGNED_CONTENT_TYPE => &mut self.signed_content_type,
            text::TIMESTAMP => &mut self.timestamp,
            text::NONCE => &mut self.nonce,
            text::CONTENT_MD5 => &mut self.content_md5,
            text::CONTENT_TYPE => &mut self.content_type,
            text::AUTHORIZATION => &mut self.authorization,
            text::ACCEPT => {
                return note_fixed_line(
                    &mut self.accept,
                    &mut self.repeated_fixed_line,
                    name,
                    value,
                );
            }
            text::DATE => {
                return note_fixed_line(&mut self.date, &mut self.repeated_fixed_line, name, value);
            }
            text::CONTENT_LENGTH => {
                self.content_length = self.content_length.or(Some(sent));
                return;
            }
            _ => return,
        };
        match slot {
            None => *slot = Some(value),
            Some(_) => self.repeated = self.repeated.or(Some(name)),
        }
    }

    /// The header's value, if it has one; `None` if a header that decides security occurs twice: then
    /// the map knows.
    pub(super) fn sole_value(&self, header: CaHeader) -> Option<Option<&'r [u8]>> {
        let value = match header {
            CaHeader::Key => self.key,
            CaHeader::Nonce => self.nonce,
            CaHeader::Timestamp => self.timestamp,
            CaHeader::SignatureMethod => self.signature_method,
            CaHeader::SignedContentType => self.signed_content_type,
        };
        self.repeated.is_none().then_some(value)
    }

    /// Whether the body is a form: its parameters are signed instead of its digest. The method does
    /// not matter, and the media type may stand anywhere in the value (protocol §1.4).
    #[must_use]
    pub fn is_form(&self) -> bool {
        self.content_type.is_some_and(is_form)
    }

    /// Whether `X-Ca-Signed-Content-Type`, if it is there, is of the media type of `Content-Type`.
    /// Parameters may differ, but not so that one names a form and the other does not.
    #[must_use]
    pub fn content_types_agree(&self) -> bool {
        self.signed_content_type.is_none_or(|value| {
            essence(value) == essence(self.content_type.unwrap_or_default())
                && is_form(value) == self.is_form()
        })
    }
}

/// Of `Accept` and `Date` the first value is signed.
fn note_fixed_line<'r>(
    line: &mut Option<&'r [u8]>,
    repeated: &mut Option<&'r HeaderName>,
    name: &'r HeaderName,
    value: &'r [u8],
) {
    match *line {
        None => *line = Some(value),
        Some(first) if first != value => *repeated = Some(name),
        Some(_) => {}
    }
}

pub(super) fn essence(content_type: &[u8]) -> Vec<u8> {
    let end = content_type.iter().position(|byte| *byte == b';').unwrap_or(content_type.len());
    content_type.get(..end).unwrap_or_default().trim_ascii().to_ascii_lowercase()
}

/// Whether a `Content-Type` names a form.
#[must_use]
pub fn is_form(content_type: &[u8]) -> bool {
    const FORM: &[u8] = b"application/x-www-form-urlencoded";
    content_type.windows(FORM.len()).any(|part| part.eq_ignore_ascii_case(FORM))
}

/// Which headers that carry or protect a credential are there, not what they say.
impl fmt::Debug for CaHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaHeaders")
            .field("key", &self.key.is_some())
            .field("signature", &self.signature.is_some())
            .field("timestamp", &self.timestamp.is_some())
            .field("nonce", &self.nonce.is_some())
            .field("content_md5", &self.content_md5.is_some())
            .field("authorization", &self.authorization.is_some())
            .finish_non_exhaustive()
    }
}
