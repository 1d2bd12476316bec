//! What can be an AccessKeyId.

use crate::credential::AccessKey;

/// An AccessKeyId as text, if it is one: 1 to 128 visible ASCII characters, none of which separates
/// anything where an AccessKeyId stands (`,` `;` `/` `:`).
///
/// ```
/// use countersign::protocol::openapi::access_key_id;
///
/// assert_eq!(access_key_id(b"STS.NUgYrLnoC37mZZCNnAbez"), Some("STS.NUgYrLnoC37mZZCNnAbez"));
/// assert_eq!(access_key_id(b"LTAI,SignedHeaders=host"), None);
/// ```
#[must_use]
pub fn access_key_id(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|_| AccessKey::is_id(bytes))
}
