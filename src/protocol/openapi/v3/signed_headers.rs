//! The signed headers of V3.

use std::fmt;

use http::{HeaderMap, HeaderName};

use crate::header::{self, ACS_PREFIX};
use crate::protocol::canonical::is_tchar;
use crate::protocol::{RequestHead, SignedHeader};

/// The headers that `SignedHeaders` lists, with their values.
#[derive(Clone)]
pub struct V3SignedHeaders<'r> {
    list: &'r str,
    headers: Vec<SignedHeader<'r>>,
    repeated: Option<&'r str>,
}

/// Why a list of signed headers is refused before anything is built from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum V3SignedHeadersError {
    /// A name is no HTTP token in lower case. Such a "name" could imitate a line of the canonical
    /// request.
    #[error("lists a name that is no header name in lower case")]
    NotAName,
    /// The names are not in ascending order, each once.
    #[error("lists names that are not sorted, or one twice")]
    NotSorted,
    /// More names than any client lists.
    #[error("lists more than 64 headers")]
    TooMany,
}

impl<'r> V3SignedHeaders<'r> {
    /// The most names a list may have.
    pub const MAX_NAMES: usize = 64;
    /// The headers that every V3 request has to sign.
    pub const REQUIRED: [HeaderName; 4] =
        [header::HOST, header::ACS_DATE, header::ACS_SIGNATURE_NONCE, header::ACS_CONTENT_SHA256];

    /// Reads the list and finds the headers in it: names in lower case, ascending, each once,
    /// separated by `;`. A listed header that is absent signs as an empty value.
    ///
    /// The host is the `Host` header's; without one, as over HTTP/2, it is the target's.
    ///
    /// ```
    /// use countersign::protocol::openapi::{V3SignedHeaders, V3SignedHeadersError};
    /// use countersign::protocol::{BodyLength, RequestHead};
    /// use http::{HeaderMap, HeaderValue, Method, Uri};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("x-acs-date", HeaderValue::from_static("2023-10-26T10:22:32Z"));
    /// let target = Uri::from_static("https://ecs.example/");
    /// let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
    ///
    /// let signed = V3SignedHeaders::parse("host;x-acs-date", &head)?;
    /// assert!(signed.iter().map(|header| header.value()).eq([
    ///     &b"ecs.example"[..],
    ///     b"2023-10-26T10:22:32Z",
    /// ]));
    /// assert!(signed.missing().is_some(), "neither nonce nor digest is signed");
    ///
    /// let refused = V3SignedHeaders::parse("x-acs-date;host", &head).map(|_| ());
    /// assert_eq!(refused, Err(V3SignedHeadersError::NotSorted));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`V3SignedHeadersError`].
    pub fn parse(list: &'r str, head: &RequestHead<'r>) -> Result<Self, V3SignedHeadersError> {
        let mut signed = Self { list, headers: Vec::with_capacity(16), repeated: None };
        let mut last = "";
        // An empty list has no names. An empty name is none.
        for name in list.split(';').filter(|_| !list.is_empty()) {
            if name.is_empty() || !name.bytes().all(|b| is_tchar(b) && !b.is_ascii_uppercase()) {
                return Err(V3SignedHeadersError::NotAName);
            }
            if name <= last {
                return Err(V3SignedHeadersError::NotSorted);
            }
            if signed.headers.len() == Self::MAX_NAMES {
                return Err(V3SignedHeadersError::TooMany);
            }
            last = name;
            signed.headers.push(SignedHeader::new(name, None));
        }
        signed.find(head);
        Ok(signed)
    }

    /// Finds the values of all names in one pass.
    fn find(&mut self, head: &RequestHead<'r>) {
        for (name, value) in head.headers() {
            let name = name.as_str();
            if let Some(header) = self.headers.iter_mut().find(|header| header.name() == name) {
                match header.is_present() {
                    true => self.repeated = first(self.repeated, header.name()),
                    false => {
                        *header =
                            SignedHeader::new(header.name(), Some(value.as_bytes().trim_ascii()))
                    }
                }
            }
        }
        if let Some(authority) = head.target().authority()
            && let Some(host) = self.headers.iter_mut().find(|header| header.name() == "host")
        {
            let authority = authority.as_str().as_bytes();
            match host.is_present() {
                true if host.value() != authority => {
                    self.repeated = first(self.repeated, host.name());
                }
                true => {}
                false => *host = SignedHeader::new(host.name(), Some(authority)),
            }
        }
    }

    /// The list as it was sent.
    #[must_use]
    pub const fn list(&self) -> &'r str {
        self.list
    }

    /// The signed headers, in the list's order.
    pub fn iter(&self) -> impl Iterator<Item = &SignedHeader<'r>> {
        self.headers.iter()
    }

    /// Whether this header is signed.
    #[must_use]
    pub fn declares(&self, name: &HeaderName) -> bool {
        self.headers.iter().any(|header| header.name() == name.as_str())
    }

    /// A signed header that occurs more than once, or a host that is not the target's: the clients
    /// disagree what is signed then, and none sends it.
    #[must_use]
    pub const fn repeated(&self) -> Option<&'r str> {
        self.repeated
    }

    /// A header of [`REQUIRED`](Self::REQUIRED) that is not signed, or is not there.
    #[must_use]
    pub fn missing(&self) -> Option<HeaderName> {
        let signs = |name: &HeaderName| {
            self.headers.iter().any(|header| header.name() == name.as_str() && header.is_present())
        };
        Self::REQUIRED.into_iter().find(|name| !signs(name))
    }

    /// A header of the request that has to be signed where it is there, and is not: `Content-Type`,
    /// or any `x-acs-*` header.
    #[must_use]
    pub fn uncovered<'h>(&self, headers: &'h HeaderMap) -> Option<&'h HeaderName> {
        headers.keys().find(|name| {
            let wanted = *name == header::CONTENT_TYPE || name.as_str().starts_with(ACS_PREFIX);
            wanted && !self.declares(name)
        })
    }

    /// How many bytes the lines of all signed headers have.
    #[must_use]
    pub fn signed_len(&self) -> usize {
        self.headers.iter().map(SignedHeader::line_len).sum()
    }
}

/// The one that the list names first, which is sorted.
fn first<'r>(found: Option<&'r str>, name: &'r str) -> Option<&'r str> {
    Some(found.map_or(name, |found| found.min(name)))
}

/// Without the values.
impl fmt::Debug for V3SignedHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("V3SignedHeaders").field(&self.list).finish()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Method, Uri};

    use super::*;
    use crate::protocol::BodyLength;

    fn with<T>(
        list: &str,
        headers: &[(&'static str, &'static str)],
        target: &'static str,
        look: impl Fn(Result<V3SignedHeaders<'_>, V3SignedHeadersError>, &HeaderMap) -> T,
    ) -> T {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let target = Uri::from_static(target);
        let head = RequestHead::new(&Method::GET, &target, &map, BodyLength::Empty);
        look(V3SignedHeaders::parse(list, &head), &map)
    }

    #[test]
    fn names_are_tokens_in_lower_case_ascending_and_unique() {
        let error = |list: &str| with(list, &[], "/", |signed, _| signed.err());
        for list in ["", "a", "a;b", "content-type;host;x-acs-date", "a;a-b;a.b"] {
            assert_eq!(error(list), None, "{list}");
        }
        for list in ["A", "a;", ";a", "a;;b", "a b", "a:b", "a,b", "/x", "a;名", "a\nb"] {
            assert_eq!(error(list), Some(V3SignedHeadersError::NotAName), "{list:?}");
        }
        for list in ["b;a", "a;a", "host;content-type"] {
            assert_eq!(error(list), Some(V3SignedHeadersError::NotSorted), "{list}");
        }
        let long: Vec<_> = (100..165).map(|number| number.to_string()).collect();
        assert_eq!(error(&long.join(";")), Some(V3SignedHeadersError::TooMany));
        assert_eq!(error(&long[..64].join(";")), None);
    }

    #[test]
    fn a_header_with_two_values_and_a_host_that_is_not_the_targets_are_noticed() {
        let repeated = |headers: &[(&'static str, &'static str)], target| {
            with("host;x-a", headers, target, |signed, _| signed.unwrap().repeated().is_some())
        };
        assert!(repeated(&[("x-a", "1"), ("x-a", "1")], "/"));
        assert!(repeated(&[("host", "a")], "http://b/"));
        assert!(!repeated(&[("host", "a"), ("x-b", "1"), ("x-b", "2")], "http://a/"));
    }

    #[test]
    fn four_headers_must_be_signed_and_be_there() {
        const ALL: [(&str, &str); 4] = [
            ("host", "h"),
            ("x-acs-content-sha256", "00"),
            ("x-acs-date", "now"),
            ("x-acs-signature-nonce", "n"),
        ];
        let list = ALL.map(|(name, _)| name).join(";");
        let missing = |list: &str, headers: &[(&'static str, &'static str)]| {
            with(list, headers, "/", |signed, _| signed.unwrap().missing())
        };
        assert_eq!(missing(&list, &ALL), None);
        for (at, (name, _)) in ALL.into_iter().enumerate() {
            let rest: Vec<_> = ALL.into_iter().filter(|(other, _)| *other != name).collect();
            let names: Vec<_> = rest.iter().map(|(name, _)| *name).collect();
            let missed = Some(HeaderName::from_static(name));
            assert_eq!(missing(&list, &rest), missed, "{at} is not there");
            assert_eq!(missing(&names.join(";"), &ALL), missed, "{at} is not signed");
        }
    }

    #[test]
    fn what_a_handler_may_read_must_be_signed_where_it_is_there() {
        for (header, covered) in [("x-acs-any", false), ("content-type", false), ("accept", true)] {
            with("host", &[("host", "h"), (header, "1")], "/", |signed, headers| {
                assert_eq!(signed.unwrap().uncovered(headers).is_none(), covered, "{header}");
            });
        }
    }
}
