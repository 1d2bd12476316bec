//! How a server shows what it signed, and what a line of a string to sign looks like.

use std::borrow::Cow;

use crate::error::neutralised;

/// These bytes as a server shows them: LF as `#`, no CR, other control characters as `?`, bytes that
/// are no UTF-8 as U+FFFD (protocol §7, "A403IS rendering").
pub(super) fn shown(bytes: &[u8]) -> String {
    neutralised(&String::from_utf8_lossy(bytes)).into_owned()
}

/// The length of the name in `name:value`, where a signed header may stand. A URL is none.
pub(super) fn header_name_len(line: &[u8]) -> Option<usize> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!$%&'*+-.^_`|~".contains(byte);
    let len = memchr::memchr(b':', line)?;
    let (name, value) = line.split_at_checked(len)?;
    let is_name = !name.is_empty() && name.iter().all(is_token);
    let is_scheme = matches!(name, b"http" | b"https") && value.starts_with(b"://");
    (is_name && !is_scheme).then_some(len)
}

/// Whether a line that may be any is a signed header's. A time (`12:00`) is none.
pub(super) fn is_header_line(line: &[u8]) -> bool {
    line.first().is_some_and(u8::is_ascii_alphabetic) && header_name_len(line).is_some()
}

/// Whether a line that stands where it should not is the path: a digest may begin with a slash.
pub(super) fn is_path(line: &[u8]) -> bool {
    let is_digest = line.len() == 24 && line.ends_with(b"==");
    line.starts_with(b"/") && !is_digest
}

/// Percent-decoded once, as far as it can be.
pub(super) fn percent_decoded(text: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy()
}

/// `+` to space, then percent-decoded.
pub(super) fn form_decoded(text: &str) -> Cow<'_, str> {
    match text.contains('+') {
        true => Cow::Owned(percent_decoded(&text.replace('+', " ")).into_owned()),
        false => percent_decoded(text),
    }
}

/// Whether one of the texts is the other in a wrong character encoding.
pub(super) fn encoding_differs(client: &[u8], server: &str) -> bool {
    let Ok(client) = std::str::from_utf8(client) else {
        return !server.is_ascii();
    };
    let with_marks = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
    };
    let is_misread = |wrong: &str, right: &str| {
        !right.is_ascii()
            && wrong != right
            && (as_latin1(wrong).is_some_and(|bytes| bytes == right.as_bytes())
                || with_marks(right) == wrong)
    };
    let is_undecodable = server.contains('\u{fffd}') && !client.is_ascii();
    is_undecodable || is_misread(client, server) || is_misread(server, client)
}

/// UTF-8 that was read as ISO 8859-1, as many clients show a header's value, read anew.
pub(super) fn reread_as_utf_8(text: &str) -> Option<String> {
    let bytes = as_latin1(text)?;
    if bytes.is_ascii() { None } else { String::from_utf8(bytes).ok() }
}

fn as_latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_line_is_told_from_a_date_a_url_and_a_media_type() {
        assert_eq!(header_name_len(b"X-Ca-Key:a:b"), Some(8));
        assert_eq!(header_name_len(b"_x://y"), Some(2));
        assert!(is_header_line(b"x-empty:"));
        for line in [
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "1970-01-01T00:00:00Z",
            "http://h/path",
            "text/html;v=\"a:b\"",
            ":",
            "/a:b",
            "",
        ] {
            assert!(!is_header_line(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn a_digest_that_begins_with_a_slash_is_no_path() {
        assert!(is_path(b"/a?b=c"));
        assert!(!is_path(b"/FQmDzST7DWlj99KOF/cg8=="));
    }

    #[test]
    fn texts_in_two_encodings_are_found() {
        let misread = "ä½\u{a0}å¥½";
        for (client, server) in [
            (&b"\xc4\xe3\xba\xc3"[..], "你好"),
            (misread.as_bytes(), "你好"),
            ("你好".as_bytes(), misread),
            (b"??", "你好"),
            ("é".as_bytes(), "?"),
            ("é".as_bytes(), "\u{fffd}"),
        ] {
            assert!(encoding_differs(client, server), "{server}");
        }
        assert!(!encoding_differs("你好".as_bytes(), "你好"));
        assert!(!encoding_differs(b"a", "b"));
        assert_eq!(reread_as_utf_8(misread).as_deref(), Some("你好"));
        assert_eq!(reread_as_utf_8("é"), None);
    }
}
