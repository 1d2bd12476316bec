//! Percent-encoding as all three signatures have it (openapi §2.2).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// Everything but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Writes the bytes, each but the unreserved ones as `%XX`.
pub(super) fn encode(out: &mut Vec<u8>, bytes: &[u8]) {
    for piece in percent_encode(bytes, RESERVED) {
        out.extend_from_slice(piece.as_bytes());
    }
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
}
