//! Percent-encoding as all three signatures have it (openapi §2.2).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode, percent_encode_byte};

use super::byte_set::ByteSet;

/// Everything but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

static UNRESERVED: ByteSet =
    ByteSet::of(b"-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

pub(super) fn is_unreserved(byte: &u8) -> bool {
    UNRESERVED.has(*byte)
}

/// Writes the bytes, each but the unreserved ones as `%XX`.
pub(super) fn encode(out: &mut Vec<u8>, bytes: &[u8]) {
    escape(out, bytes, b"%");
}

/// Writes what [`encode`] makes of what it has written.
pub(super) fn encode_twice(out: &mut Vec<u8>, bytes: &[u8]) {
    escape(out, bytes, b"%25");
}

fn escape(out: &mut Vec<u8>, bytes: &[u8], percent: &[u8]) {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| !is_unreserved(byte)) {
        let (unreserved, [byte, after @ ..]) = rest.split_at(at) else { break };
        let digits = percent_encode_byte(*byte).get(1..).unwrap_or_default();
        out.extend_from_slice(unreserved);
        out.extend_from_slice(percent);
        out.extend_from_slice(digits.as_bytes());
        rest = after;
    }
    out.extend_from_slice(rest);
}

/// Adds a parameter to a query.
pub(crate) fn encode_param(query: &mut String, name: &str, value: &[u8]) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    query.extend(percent_encode(value, RESERVED));
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_unreserved_characters_stay() {
        let mut out = Vec::new();
        super::encode(&mut out, "aZ09-_.~ *+'%/中".as_bytes());
        assert_eq!(out, b"aZ09-_.~%20%2A%2B%27%25%2F%E4%B8%AD");
    }

    #[test]
    fn every_byte_is_encoded_by_one_rule_once_or_twice() {
        for byte in 0..=u8::MAX {
            let bytes = [b'a', byte, byte, b'%', byte];
            let expected = super::percent_encode(&bytes, super::RESERVED).to_string();
            let (mut once, mut twice, mut again) = (Vec::new(), Vec::new(), Vec::new());
            super::encode(&mut once, &bytes);
            assert_eq!(once, expected.as_bytes(), "{byte}");
            super::encode_twice(&mut twice, &bytes);
            super::encode(&mut again, &once);
            assert_eq!(twice, again, "{byte}");
        }
    }
}
