//! `Content-MD5`: what ties a body that is no form to the signature (protocol §3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

/// The decoded value of `Content-MD5`.
///
/// ```
/// use countersign::protocol::ContentMd5;
///
/// let presented = ContentMd5::decode(b"kAFQmDzST7DWlj99KOF/cg==").ok_or("not an MD5")?;
/// assert_eq!(presented, ContentMd5::of(b"abc"));
/// assert_ne!(presented, ContentMd5::of(b"abd"));
/// assert!(ContentMd5::decode(b"900150983cd24fb0d6963f7d28e17f72").is_none(), "hexadecimal");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentMd5([u8; 16]);

impl ContentMd5 {
    /// The digest of a body of zero bytes, which two real clients send.
    pub const OF_EMPTY: Self = Self([
        0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0x00, 0xb2, 0x04, 0xe9, 0x80, 0x09, 0x98, 0xec, 0xf8, 0x42,
        0x7e,
    ]);

    /// The base64 of 16 bytes, or nothing.
    #[must_use]
    pub fn decode(text: &[u8]) -> Option<Self> {
        // The decoder asks for room for 18 bytes before it sees the padding.
        let mut buffer = [0; 18];
        if text.len() != 24 || STANDARD.decode_slice(text, &mut buffer).ok()? != 16 {
            return None;
        }
        buffer.first_chunk().copied().map(Self)
    }

    /// The digest of a whole body.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self(Md5::digest(body).into())
    }

    /// The header's value.
    #[must_use]
    pub fn encode(&self) -> String {
        STANDARD.encode(self.0)
    }
}

/// Digests a body as it arrives.
#[derive(Clone, Debug, Default)]
pub struct BodyMd5(Md5);

impl BodyMd5 {
    /// Takes the next bytes of the body.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all that was taken.
    #[must_use]
    pub fn finish(self) -> ContentMd5 {
        ContentMd5(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_constant() {
        assert_eq!(ContentMd5::of(b""), ContentMd5::OF_EMPTY);
        assert_eq!(ContentMd5::OF_EMPTY.encode(), "1B2M2Y8AsgTpgAmY7PhCfg==");
    }

    #[test]
    fn a_body_may_come_in_pieces() {
        let mut body = BodyMd5::default();
        body.update(b"a");
        body.update(b"bc");
        assert_eq!(body.finish(), ContentMd5::of(b"abc"));
    }
}
