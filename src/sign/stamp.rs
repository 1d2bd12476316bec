//! What makes a signed request fresh: when it was signed, and a text that is used once.

use std::fmt;

use http::HeaderValue;
use uuid::Uuid;

use super::SignError;
use crate::clock::UnixMillis;

/// The longest nonce, in bytes, that a verifier of this crate accepts.
const MAX_NONCE: usize = 256;

/// `X-Ca-Timestamp` and `X-Ca-Nonce` of one request. A stamp is used once: an attempt to send again
/// needs another.
#[derive(Clone)]
pub struct Stamp {
    pub(super) at: UnixMillis,
    pub(super) nonce: HeaderValue,
}

impl Stamp {
    /// Signed at `at`, with a new nonce: a random UUID (version 4) from the operating system, because
    /// a counter or a seed would repeat in a forked process or a restored snapshot.
    ///
    /// # Errors
    ///
    /// [`SignError::NoRandomness`].
    pub fn fresh(at: UnixMillis) -> Result<Self, SignError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| SignError::NoRandomness)?;
        let mut buffer = Uuid::encode_buffer();
        let uuid = uuid::Builder::from_random_bytes(bytes).into_uuid();
        Self::new(at, uuid.hyphenated().encode_lower(&mut buffer))
    }

    /// Signed at `at`, with a nonce of one's own: for tests, and for what must be reproduced.
    ///
    /// ```
    /// use countersign::{clock::UnixMillis, sign::Stamp};
    ///
    /// assert!(Stamp::new(UnixMillis::new(1_646_365_291_734), "787dd0c2").is_ok());
    /// assert!(Stamp::new(UnixMillis::new(1_646_365_291_734), "").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`SignError::Nonce`] if it is empty, longer than 256 bytes, or no header can carry it.
    pub fn new(at: UnixMillis, nonce: impl AsRef<[u8]>) -> Result<Self, SignError> {
        let nonce = nonce.as_ref();
        let survives = nonce == nonce.trim_ascii() && (1..=MAX_NONCE).contains(&nonce.len());
        if !survives {
            return Err(SignError::Nonce);
        }
        let nonce = HeaderValue::from_bytes(nonce).map_err(|_| SignError::Nonce)?;
        Ok(Self { at, nonce })
    }

    /// When the request is signed.
    #[must_use]
    pub const fn at(&self) -> UnixMillis {
        self.at
    }

    /// The nonce.
    #[must_use]
    pub fn nonce(&self) -> &[u8] {
        self.nonce.as_bytes()
    }
}

/// Without the nonce: whoever reads it in time could use it first.
impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stamp").field("at", &self.at).finish_non_exhaustive()
    }
}
