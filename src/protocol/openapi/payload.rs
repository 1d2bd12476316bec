//! `x-acs-content-sha256`: what ties a body to a V3 signature (openapi §4.4).

use sha2::{Digest, Sha256};

use super::AcsSignatureMethod;
#[cfg(feature = "sm3")]
use super::MacMethod;

/// The digest of a body as `x-acs-content-sha256` tells it, whatever its algorithm is.
///
/// ```
/// use countersign::protocol::openapi::{PayloadAlgorithm, PayloadDigest};
///
/// let text = b"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// let presented = PayloadDigest::decode(text).ok_or("no digest")?;
/// assert_eq!(presented, PayloadAlgorithm::Sha256.digest(b"test"));
/// assert_ne!(presented, PayloadAlgorithm::Sha256.digest(b"Test"));
/// assert!(PayloadDigest::decode(&text.to_ascii_uppercase()).is_none());
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadDigest([u8; 32]);

impl PayloadDigest {
    /// 64 lower-case hexadecimal digits, or nothing.
    #[must_use]
    pub fn decode(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        (super::signature::decode_hex(text, &mut bytes)? == 32).then_some(Self(bytes))
    }

    /// The header's value.
    #[must_use]
    pub fn encode(&self) -> String {
        super::signature::encode_hex(&self.0)
    }

    /// Writes the same.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut text = [0; 64];
        let (pairs, _) = text.as_chunks_mut::<2>();
        pairs.iter_mut().zip(super::signature::hex_digits(&self.0)).for_each(|(at, it)| *at = it);
        out.extend_from_slice(&text);
    }
}

/// How bodies and canonical requests are digested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadAlgorithm {
    /// SHA-256: for every method but one.
    #[default]
    Sha256,
    /// SM3: for `ACS3-HMAC-SM3`. The header keeps its name. Feature `sm3`.
    #[cfg(feature = "sm3")]
    Sm3,
}

impl PayloadAlgorithm {
    /// The algorithm that goes with a signature method.
    #[must_use]
    pub const fn of(method: AcsSignatureMethod) -> Self {
        match method {
            #[cfg(feature = "sm3")]
            AcsSignatureMethod::Mac(MacMethod::V3HmacSm3) => Self::Sm3,
            _ => Self::Sha256,
        }
    }

    /// The digest of a whole body.
    #[must_use]
    pub fn digest(self, body: &[u8]) -> PayloadDigest {
        let mut digest = BodyDigest::new(self);
        digest.update(body);
        digest.finish()
    }
}

/// Digests a body as it arrives.
#[derive(Clone, Debug)]
pub struct BodyDigest(State);

#[derive(Clone, Debug)]
enum State {
    Sha256(Sha256),
    #[cfg(feature = "sm3")]
    Sm3(sm3::Sm3),
}

impl BodyDigest {
    /// The digest of nothing yet.
    #[must_use]
    pub fn new(algorithm: PayloadAlgorithm) -> Self {
        match algorithm {
            PayloadAlgorithm::Sha256 => Self(State::Sha256(Sha256::new())),
            #[cfg(feature = "sm3")]
            PayloadAlgorithm::Sm3 => Self(State::Sm3(sm3::Sm3::new())),
        }
    }

    /// Takes the next bytes of the body.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            #[cfg(feature = "sm3")]
            State::Sm3(state) => state.update(bytes),
        }
    }

    /// The digest of all that was taken.
    #[must_use]
    pub fn finish(self) -> PayloadDigest {
        match self.0 {
            State::Sha256(state) => PayloadDigest(state.finalize().into()),
            #[cfg(feature = "sm3")]
            State::Sm3(state) => PayloadDigest(state.finalize().into()),
        }
    }
}
