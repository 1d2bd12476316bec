//! Makes any text fit for an answer: short enough, and safe as a header's value.

use std::borrow::Cow;

use http::HeaderValue;

/// The longest message that is sent, in bytes. The gateway's own limit is not documented; common
/// HTTP stacks limit a header to 8 KiB, and a request's parameters are in the string to sign.
pub(super) const MAX_LEN: usize = 4096;

/// The longest text from a request that a message repeats, in bytes: with the message's own words it
/// stays under [`MAX_LEN`], in a header as well as in a body.
pub(crate) const MAX_REQUEST_TEXT: usize = MAX_LEN - 128;

/// `text` as a header value that cannot start a new header.
///
/// LF becomes `#`, as the gateway renders a string to sign; CR is dropped; every other control
/// character becomes `?`; UTF-8 stays as it is, because the SDKs decode it; what exceeds about
/// 4 KB is cut at a character boundary. (protocol: "A403IS rendering")
pub(crate) fn header_text(text: &str) -> HeaderValue {
    let safe = neutralised(cut(text, MAX_LEN));
    HeaderValue::from_str(&safe)
        .or_else(|_| HeaderValue::from_bytes(safe.as_bytes()))
        .unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The first `max` bytes of `text`, or a few less: a character is not divided.
pub(super) fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let end = (0..=max).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}

/// `text` without control characters, by the rules of [`header_text`].
pub(crate) fn neutralised(text: &str) -> Cow<'_, str> {
    if !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    let safe = text.chars().filter(|c| *c != '\r').map(|c| match c {
        '\n' => '#',
        c if c.is_control() => '?',
        c => c,
    });
    Cow::Owned(safe.collect())
}

#[cfg(test)]
mod tests {
    use super::{MAX_LEN, header_text};

    #[test]
    fn line_feeds_show_as_hashes_and_carriage_returns_vanish() {
        assert_eq!(header_text("GET\napplication/json\r\n/a"), "GET#application/json#/a");
    }

    #[test]
    fn no_control_character_survives() {
        let controls: String =
            (0..=0x9f).filter_map(char::from_u32).filter(|c| c.is_control()).collect();
        let value = header_text(&controls);
        assert_eq!(value.as_bytes().len(), controls.chars().count() - 1, "CR is dropped");
        assert!(value.as_bytes().iter().all(|b| matches!(b, b'#' | b'?')));
    }

    #[test]
    fn utf_8_is_sent_raw() {
        assert_eq!(header_text("/你好").as_bytes(), "/你好".as_bytes());
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let value = header_text(&"你".repeat(4000));
        assert_eq!(value.as_bytes().len(), MAX_LEN - MAX_LEN % 3);
        assert!(std::str::from_utf8(value.as_bytes()).is_ok());
    }
}
