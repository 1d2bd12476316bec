//! The compact serialization (RFC 7515 §7.1): three parts of base64url without padding, the first
//! two JSON objects. Whatever is anything else is `I400JD`.

use serde_json::{Map, Value};

use super::base64url::decode;
use super::{Header, unique};
use crate::error::{ErrorCode, Rejection};

/// A token that is well-formed; nothing of it is proven.
pub(in crate::jwt) struct Compact<'t> {
    pub(in crate::jwt) header: Header,
    pub(in crate::jwt) claims: Map<String, Value>,
    pub(in crate::jwt) signature: Vec<u8>,
    /// The first two parts with the point between them: what is signed.
    pub(in crate::jwt) signing_input: &'t [u8],
}

impl<'t> Compact<'t> {
    /// The parts of `text`.
    ///
    /// # Errors
    ///
    /// `I400JD`, with a shortened token.
    pub(in crate::jwt) fn parse(text: &'t [u8]) -> Result<Self, Rejection> {
        Self::parts(text).ok_or_else(|| unparsable(text))
    }

    fn parts(text: &'t [u8]) -> Option<Self> {
        let last_point = memchr::memrchr(b'.', text)?;
        let (signing_input, signature) = text.split_at_checked(last_point)?;
        let first_point = memchr::memchr(b'.', signing_input)?;
        let (header, claims) = signing_input.split_at_checked(first_point)?;
        // Each part in its turn: none is longer than the whole.
        let mut room = Vec::with_capacity(text.len());
        let header = Header::parse(decode(header, &mut room)?)?;
        // A further point would be in here, and is no base64url.
        let claims = unique::object(decode(claims.get(1..)?, &mut room)?).ok()?;
        decode(signature.get(1..)?, &mut room)?;
        Some(Self { header, claims, signature: room, signing_input })
    }
}

/// `I400JD`. The message shows the beginning of the first part only, so that whoever reads it
/// cannot use the token; of what does not begin as a JSON object does, and may be a credential of
/// another kind, next to nothing.
pub(in crate::jwt) fn unparsable(token: &[u8]) -> Rejection {
    let first = token.split(|byte| *byte == b'.').next().unwrap_or_default();
    let len = if first.starts_with(b"ey") { 12 } else { 3 };
    let shown = first.get(..len).unwrap_or(first);
    let cut = if shown.len() < token.len() { "…" } else { "" };
    let text = format!("{}{cut}", String::from_utf8_lossy(shown));
    Rejection::new(ErrorCode::I400JD).with_request_text(text)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use super::*;

    fn token(header: &str, claims: &str, signature: &str) -> String {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{signature}", part(header), part(claims))
    }

    #[test]
    fn a_token_has_three_parts_of_base64url_the_first_two_objects() {
        let good = token(r#"{"alg":"HS256"}"#, r#"{"a":1}"#, "AAAA");
        let parsed = Compact::parse(good.as_bytes()).unwrap();
        assert_eq!(parsed.signature, [0, 0, 0]);
        assert_eq!(parsed.signing_input, good.strip_suffix(".AAAA").unwrap().as_bytes());
        assert!(Compact::parse(token(r#"{"alg":"none"}"#, "{}", "").as_bytes()).is_ok());
        for bad in [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            "a.b".to_owned(),
            format!("{good}."),
            format!(".{good}"),
            format!("{good}.AAAA"),
            format!(" {good}"),
            format!("{good}="),
            good.replace("AAAA", "AA=="),
            good.replace("AAAA", "AB"), // bits are left over
            good.replace("AAAA", "A+/A"),
            good.replace("AAAA", "A"),
            token("{}", "{}", "AAAA"),
            token(r#"{"alg":"HS256"}"#, "[]", "AAAA"),
            token(r#"{"alg":"HS256"}"#, "payload", "AAAA"),
            token(r#"{"alg":"HS256"}"#, r#"{"exp":1,"exp":2}"#, "AAAA"),
        ] {
            let rejection = Compact::parse(bad.as_bytes()).map(|_| ()).expect_err(&bad);
            assert_eq!(rejection.code(), ErrorCode::I400JD, "{bad}");
        }
    }

    #[test]
    fn the_message_shows_the_beginning_of_the_header_and_never_the_signature() {
        for (token, shown) in [
            ("eyJhbGciOiJIUzI1NiJ9.eyJzZWNyZXQi.c2lnbmF0dXJl!", "`eyJhbGciOiJI…`"),
            (".eyJzZWNyZXQi.c2lnbmF0dXJl", "`…`"),
            ("a.c2lnbmF0dXJl", "`a…`"),
            ("a-secret-of-another-kind", "`a-s…`"),
            ("eyJ", "`eyJ`"),
        ] {
            let message = unparsable(token.as_bytes()).message();
            assert_eq!(message, format!("JWT Deserialize Failed: {shown}"));
        }
    }
}
