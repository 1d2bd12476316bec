//! The signed headers (protocol §1.3).

use http::{HeaderMap, HeaderName};

use crate::few::Few;
use crate::header::text;
use crate::protocol::{CaHeader, CaHeaders};

/// A declared header and its value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignedHeader<'r> {
    name: &'r str,
    value: Option<&'r [u8]>,
}

impl<'r> SignedHeader<'r> {
    pub(in crate::protocol) const fn new(name: &'r str, value: Option<&'r [u8]>) -> Self {
        Self { name, value }
    }

    /// The name exactly as declared: this spelling is signed.
    #[must_use]
    pub const fn name(&self) -> &'r str {
        self.name
    }

    /// The header's first value; empty if the request does not have the header.
    #[must_use]
    pub fn value(&self) -> &'r [u8] {
        self.value.unwrap_or_default()
    }

    /// Whether the request has the header.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        self.value.is_some()
    }

    /// Whether the documents exclude this header from the signed ones, because it has a line of its
    /// own or carries the signature.
    #[must_use]
    pub fn is_documented_exclusion(&self) -> bool {
        is_documented_exclusion(self.name)
    }

    pub(in crate::protocol) fn line_len(&self) -> usize {
        self.name.len() + self.value().len() + 2
    }
}

/// Without the value: a declared header may be any header.
impl std::fmt::Debug for SignedHeader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:({} bytes)", self.name, self.value().len())
    }
}

/// The headers that `X-Ca-Signature-Headers` declares, in the order in which they are signed:
/// bytewise by declared spelling, then by value.
#[derive(Clone, Debug, Default)]
pub struct SignedHeaders<'r> {
    list: Few<SignedHeader<'r>, 7>,
    /// How many bytes their lines have.
    len: usize,
    /// A bit for each declared [`CaHeader`].
    known: u8,
    repeated: Option<&'r str>,
}

/// Why a list of signed headers is refused before anything is built from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignedHeadersError {
    /// A name is no HTTP token. Such a "name" could imitate a line of the string to sign, e.g. a
    /// path.
    #[error("declares a name that is no header name")]
    NotAToken,
    /// More names than any client declares.
    #[error("declares more than 64 headers")]
    TooMany,
    /// The declared headers would make the string to sign longer than any client's.
    #[error("declares headers of more than 64 KiB")]
    TooLong,
}

impl<'r> SignedHeaders<'r> {
    /// The most names a list may have.
    pub const MAX_NAMES: usize = 64;
    /// The most bytes that all lines together may have. A list may name one long header again and
    /// again: without this bound it would amplify a small request into megabytes.
    pub const MAX_LEN: usize = 64 * 1024;

    /// Reads the value of `X-Ca-Signature-Headers` and finds the headers it declares.
    ///
    /// Names are split at commas, trimmed, empty ones skipped; a declared header that is absent
    /// signs as an empty value, and of a repeated one the first value counts.
    ///
    /// # Errors
    ///
    /// [`SignedHeadersError`]: the list is refused with `I400HD`.
    pub fn parse(list: &'r [u8], headers: &'r HeaderMap) -> Result<Self, SignedHeadersError> {
        let mut signed = Self::default();
        signed.read(list, headers, &CaHeaders::collect(headers))?;
        Ok(signed)
    }

    /// [`parse`](Self::parse) in place, where the protocol's own headers are already at hand: nearly
    /// every declared header is one of them, and to look one up costs more than all the rest.
    pub(crate) fn read(
        &mut self,
        list: &'r [u8],
        headers: &'r HeaderMap,
        ca: &CaHeaders<'r>,
    ) -> Result<(), SignedHeadersError> {
        let list = std::str::from_utf8(list).map_err(|_| SignedHeadersError::NotAToken)?;
        for name in names(list) {
            let header = self.find(name, headers, ca)?;
            self.len += header.line_len();
            if self.len > Self::MAX_LEN {
                return Err(SignedHeadersError::TooLong);
            }
            if self.list.len() == Self::MAX_NAMES {
                return Err(SignedHeadersError::TooMany);
            }
            self.list.push(header);
        }
        // Most clients declare them in order.
        if !self.list.is_sorted_by(|a, b| a.name < b.name) {
            self.list.sort_unstable();
        }
        Ok(())
    }

    fn find(
        &mut self,
        name: &'r str,
        headers: &'r HeaderMap,
        ca: &CaHeaders<'r>,
    ) -> Result<SignedHeader<'r>, SignedHeadersError> {
        let known = CaHeader::named(name);
        if known.is_none() && !name.bytes().all(is_tchar) {
            return Err(SignedHeadersError::NotAToken);
        }
        let again = known.map_or_else(|| self.declares_text(name), |header| self.covers(header));
        let (value, differs) = match known.and_then(|header| ca.sole_value(header)) {
            Some(value) => (value, false),
            None => first_value(name, headers),
        };
        if again || differs {
            self.repeated = self.repeated.or(Some(name));
        }
        self.known |= known.map_or(0, bit);
        Ok(SignedHeader { name, value })
    }

    /// The signed headers, in the order in which they are signed.
    pub fn iter(&self) -> impl Iterator<Item = &SignedHeader<'r>> {
        self.list.iter()
    }

    /// Whether this header is signed.
    #[must_use]
    pub fn declares(&self, name: &HeaderName) -> bool {
        self.declares_text(name.as_str())
    }

    /// A name that is declared twice, or whose header occurs again with another value: either way
    /// only one value is signed.
    #[must_use]
    pub const fn repeated(&self) -> Option<&'r str> {
        self.repeated
    }

    /// How many bytes the lines of all signed headers have.
    #[must_use]
    pub const fn signed_len(&self) -> usize {
        self.len
    }

    /// Whether this header of the protocol's own is signed.
    pub(crate) const fn covers(&self, header: CaHeader) -> bool {
        self.known & bit(header) != 0
    }

    fn declares_text(&self, name: &str) -> bool {
        self.list.iter().any(|header| header.name.eq_ignore_ascii_case(name))
    }
}

const fn bit(header: CaHeader) -> u8 {
    1 << header as u8
}

/// A header's first value, and whether another value follows.
pub(in crate::protocol) fn first_value<'r>(
    name: &str,
    headers: &'r HeaderMap,
) -> (Option<&'r [u8]>, bool) {
    let mut values = headers.get_all(name).iter().map(|value| value.as_bytes().trim_ascii());
    let first = values.next();
    (first, values.any(|other| Some(other) != first))
}

/// The names of a list: split at commas, trimmed, empty ones skipped.
fn names(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(list);
    let next = move || {
        let text = rest?;
        let comma = memchr::memchr(b',', text.as_bytes());
        let (name, after) = match comma.and_then(|at| text.split_at_checked(at)) {
            Some((name, after)) => (name, after.get(1..)),
            None => (text, None),
        };
        rest = after;
        Some(name.trim_ascii())
    };
    std::iter::from_fn(next).filter(|name| !name.is_empty())
}

pub(crate) fn is_documented_exclusion(name: &str) -> bool {
    [
        text::SIGNATURE,
        text::SIGNATURE_HEADERS,
        text::ACCEPT,
        text::CONTENT_MD5,
        text::CONTENT_TYPE,
        text::DATE,
    ]
    .iter()
    .any(|excluded| name.eq_ignore_ascii_case(excluded))
}

/// RFC 9110 §5.6.2.
pub(in crate::protocol) fn is_tchar(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'!' | b'#'..=b'\'' | b'*' | b'+')
        || matches!(byte, b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in list {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn names_keep_their_spelling_and_sort_bytewise() {
        let map = headers(&[("aa-h", "1"), ("ab-h", "2"), ("x-ca-key", "3")]);
        let signed = SignedHeaders::parse(b"aB-h, X-Ca-Key ,,Aa-h", &map).unwrap();
        let names: Vec<_> = signed.iter().map(SignedHeader::name).collect();
        assert_eq!(names, ["Aa-h", "X-Ca-Key", "aB-h"]);
    }

    #[test]
    fn a_declared_header_that_is_absent_signs_as_an_empty_value() {
        let map = HeaderMap::new();
        let signed = SignedHeaders::parse(b"X-Missing", &map).unwrap();
        assert_eq!(signed.iter().map(SignedHeader::value).collect::<Vec<_>>(), [b""]);
    }

    #[test]
    fn a_name_that_could_imitate_a_path_line_is_refused() {
        let map = HeaderMap::new();
        for list in [&b"/x"[..], b"a b", b"a:b", b"a\nb", "名".as_bytes()] {
            let refused = SignedHeaders::parse(list, &map).unwrap_err();
            assert_eq!(refused, SignedHeadersError::NotAToken);
        }
    }

    #[test]
    fn a_short_list_cannot_be_amplified_into_megabytes() {
        let mut map = HeaderMap::new();
        map.insert("a", "x".repeat(16 * 1024).parse().unwrap());
        let list = "a,".repeat(60);
        let refused = SignedHeaders::parse(list.as_bytes(), &map).unwrap_err();
        assert_eq!(refused, SignedHeadersError::TooLong);
        let list = "b,".repeat(65);
        let refused = SignedHeaders::parse(list.as_bytes(), &map).unwrap_err();
        assert_eq!(refused, SignedHeadersError::TooMany);
    }

    #[test]
    fn a_second_value_or_a_second_declaration_is_noticed() {
        let map = headers(&[("x-user", "a"), ("x-user", "root"), ("x-same", "1"), ("x-same", "1")]);
        let repeated = |list: &'static [u8]| SignedHeaders::parse(list, &map).unwrap().repeated();
        assert_eq!(repeated(b"X-User"), Some("X-User"));
        assert_eq!(repeated(b"X-Same"), None);
        assert_eq!(repeated(b"X-Same,x-same"), Some("x-same"));
    }
}
