//! What can be an AccessKeyId.

/// The longest AccessKeyId that is looked up, in bytes. Real ones have 16 to 30.
pub const MAX_ACCESS_KEY_ID: usize = 128;

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
    let is_part = |byte: &u8| byte.is_ascii_graphic() && !b",;/:".contains(byte);
    let is_one = (1..=MAX_ACCESS_KEY_ID).contains(&bytes.len()) && bytes.iter().all(is_part);
    std::str::from_utf8(bytes).ok().filter(|_| is_one)
}
