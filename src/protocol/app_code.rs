//! Where an AppCode may stand (protocol §4).

use std::borrow::Cow;

use super::{RequestHead, decoded_pairs};

/// The AppCode in `Authorization: APPCODE <code>`: the scheme in any case, then white space.
///
/// An `APPCODE` without a code is `Some` and empty: the caller meant to present one. `None` means
/// that the header belongs to another scheme.
#[must_use]
pub fn app_code_in_header(authorization: &[u8]) -> Option<&[u8]> {
    const SCHEME: &[u8] = b"APPCODE";
    let (scheme, rest) = authorization.split_at_checked(SCHEME.len())?;
    let separated = rest.first().is_none_or(u8::is_ascii_whitespace);
    (scheme.eq_ignore_ascii_case(SCHEME) && separated).then(|| rest.trim_ascii())
}

/// Every AppCode among the query parameters, by the spellings of the name that the gateway's users
/// report to work.
pub fn app_codes_in_query<'r>(head: &RequestHead<'r>) -> impl Iterator<Item = Cow<'r, [u8]>> {
    const NAMES: [&[u8]; 5] = [b"AppCode", b"appcode", b"appCode", b"APPCODE", b"APPCode"];
    decoded_pairs(head.query().as_bytes())
        .filter(|(name, _)| NAMES.contains(&&**name))
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::app_code_in_header;

    #[test]
    fn the_scheme_is_matched_in_any_case_and_needs_white_space_behind_it() {
        assert_eq!(app_code_in_header(b"APPCODE abc"), Some(&b"abc"[..]));
        assert_eq!(app_code_in_header(b"AppCode \t abc"), Some(&b"abc"[..]));
        assert_eq!(app_code_in_header(b"APPCODE"), Some(&b""[..]));
        assert_eq!(app_code_in_header(b"APPCODEabc"), None);
        assert_eq!(app_code_in_header(b"Bearer abc"), None);
        assert_eq!(app_code_in_header(b""), None);
    }
}
