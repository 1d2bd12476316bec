//! The signed path (protocol §1.4, "Path").

use std::borrow::Cow;

use super::PathForm;

/// A path in the forms in which it may be signed.
#[derive(Clone, Debug)]
pub struct CanonicalPath<'r> {
    raw: &'r str,
    decoded: Option<Cow<'r, str>>,
    ambiguous: bool,
}

impl<'r> CanonicalPath<'r> {
    /// Decodes the path once, as the gateway does: `%hh` as UTF-8; `+` stays; an encoded slash or
    /// backslash stays encoded, with its hexadecimal digits as they are.
    ///
    /// A malformed escape, or bytes that are no UTF-8, leave only the raw form.
    #[must_use]
    pub fn new(raw: &'r str) -> Self {
        if memchr::memchr(b'%', raw.as_bytes()).is_none() {
            return Self { raw, decoded: Some(Cow::Borrowed(raw)), ambiguous: false };
        }
        let Some(decoded) = decode(raw.as_bytes()) else {
            return Self { raw, decoded: None, ambiguous: false };
        };
        let ambiguous = decoded.makes_escape
            || decoded.needless_escape
            || decoded.text.chars().any(|c| c == '?' || c.is_control());
        Self { raw, decoded: Some(Cow::Owned(decoded.text)), ambiguous }
    }

    /// Whether the decoded form could be read as another request's: it contains a `?`, a control
    /// character, or an escape that decoding produced (`%2525` on the wire), which is another
    /// resource's raw form; or if an escape stands for a character that needs none (`/%61`, RFC 3986
    /// §2.3), because routers that match the raw path take the two for different routes.
    #[must_use]
    pub const fn is_ambiguous(&self) -> bool {
        self.ambiguous
    }

    /// Gives up the decoded form: the path is signed as it is on the wire.
    #[must_use]
    pub fn raw_only(self) -> Self {
        Self { decoded: None, ..self }
    }

    /// Gives up the decoded form if it could be read as another request's.
    pub(in crate::protocol) fn raw_if_ambiguous(self) -> Self {
        if self.ambiguous { self.raw_only() } else { self }
    }

    /// The path in this form; the raw path where the form does not exist.
    #[must_use]
    pub fn form(&self, form: PathForm) -> &str {
        match form {
            PathForm::Raw => self.raw,
            PathForm::EmptyForRoot if self.raw == "/" => "",
            PathForm::Decoded | PathForm::EmptyForRoot => {
                self.decoded.as_deref().unwrap_or(self.raw)
            }
        }
    }
}

struct Decoded {
    text: String,
    /// Decoding `%25` left a `%` that two hexadecimal digits follow.
    makes_escape: bool,
    /// An unreserved character was escaped.
    needless_escape: bool,
}

fn decode(raw: &[u8]) -> Option<Decoded> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut percents = Vec::new();
    let mut needless_escape = false;
    let mut rest = raw;
    while let Some((&first, after)) = rest.split_first() {
        if first != b'%' {
            bytes.push(first);
            rest = after;
            continue;
        }
        let (digits, after) = after.split_first_chunk::<2>()?;
        match hex(*digits)? {
            b'/' | b'\\' => bytes.extend([b'%', digits[0], digits[1]]),
            byte => {
                if byte == b'%' {
                    percents.push(bytes.len());
                }
                // `~` is left out: Java's encoder escapes it, and the Java SDK signs decoded paths.
                needless_escape |= byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
                bytes.push(byte);
            }
        }
        rest = after;
    }
    let makes_escape = percents.iter().any(|at| {
        bytes.get(at + 1..at + 3).is_some_and(|next| next.iter().all(u8::is_ascii_hexdigit))
    });
    Some(Decoded { text: String::from_utf8(bytes).ok()?, makes_escape, needless_escape })
}

/// The byte of two hexadecimal digits.
pub(super) fn hex(digits: [u8; 2]) -> Option<u8> {
    let value =
        |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    Some(value(digits[0])? << 4 | value(digits[1])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(raw: &str) -> Option<String> {
        CanonicalPath::new(raw).decoded.map(Cow::into_owned)
    }

    #[test]
    fn escapes_are_decoded_once_as_utf_8() {
        assert_eq!(decoded("/%E4%BD%A0%e5%a5%bd+x").as_deref(), Some("/你好+x"));
        assert_eq!(decoded("/%25E4").as_deref(), Some("/%E4"));
        assert_eq!(decoded("/a%20b").as_deref(), Some("/a b"));
    }

    #[test]
    fn an_encoded_slash_or_backslash_stays_with_its_digits() {
        assert_eq!(decoded("/%2f%2F%5c%5C").as_deref(), Some("/%2f%2F%5c%5C"));
    }

    #[test]
    fn malformed_escapes_and_bytes_that_are_no_utf_8_leave_the_raw_path() {
        for raw in ["/%", "/%4", "/%zz", "/%+1", "/%E4%BD", "/%FF"] {
            let path = CanonicalPath::new(raw);
            assert!(path.decoded.is_none(), "{raw}");
            assert_eq!(path.form(PathForm::Decoded), raw);
        }
    }

    #[test]
    fn a_decoded_path_that_could_be_another_request_is_ambiguous() {
        let separators = ["/a%3Fb=1", "/a%0Ab", "/%00", "/%7F", "/%C2%85"];
        let new_escapes = ["/100%2525", "/%2541", "/%25%34%31"];
        let needless = ["/%61", "/%2e%2E/b", "/a%2Db"];
        for raw in separators.into_iter().chain(new_escapes).chain(needless) {
            assert!(CanonicalPath::new(raw).is_ambiguous(), "{raw}");
        }
        let plain = ["/", "/a+b", "/100%25", "/%252", "/%E4%BD%A0"];
        let reserved = ["/a%2Fb", "/a%23b", "/a%3Ab", "/a%20b", "/a%7Eb"];
        for raw in plain.into_iter().chain(reserved) {
            assert!(!CanonicalPath::new(raw).is_ambiguous(), "{raw}");
        }
    }
}
