//! Takes a security token out of what the caller is shown.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What OpenAPI leaves as it is when it encodes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

const MASK: &str = "***";

/// `text` without the security token that the request presented.
///
/// A string to sign holds it as it is (ROA, V3), percent-encoded (a query), or encoded twice (RPC).
/// All three become `***`. Mask before anything is cut: a part of a token would not be found.
///
/// ```
/// use countersign::error::mask_security_token;
///
/// let string = "GET&%2F&SecurityToken%3DCAIS%252Babc%26Version%3D1";
/// assert_eq!(mask_security_token(string, "CAIS+abc"), "GET&%2F&SecurityToken%3D***%26Version%3D1");
/// assert_eq!(mask_security_token(string, ""), string, "no token, nothing to hide");
/// ```
#[must_use]
pub fn mask_security_token<'t>(text: &'t str, token: &str) -> Cow<'t, str> {
    if token.is_empty() {
        return text.into();
    }
    let once = utf8_percent_encode(token, ENCODED).to_string();
    let twice = utf8_percent_encode(&once, ENCODED).to_string();
    let mut masked = Cow::Borrowed(text);
    // The longest first: a shorter one may be a part of it.
    for form in [twice.as_str(), once.as_str(), token] {
        if masked.contains(form) {
            masked = masked.replace(form, MASK).into();
        }
    }
    masked
}
