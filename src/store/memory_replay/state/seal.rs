//! What shows that a file is whole: a checksum, or an authentication code where there is a key.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// How files are sealed.
#[derive(Clone)]
pub(super) enum Seal {
    Checksum,
    Keyed(Box<Hmac<Sha256>>),
}

/// A seal in the making.
pub(super) enum Sealing {
    Checksum(Sha256),
    Keyed(Hmac<Sha256>),
}

/// A seal's bytes.
pub(super) type Sealed = [u8; 32];

impl Seal {
    /// `None` if the key is one that HMAC does not take; it takes any.
    pub(super) fn keyed(key: &[u8]) -> Option<Self> {
        Hmac::new_from_slice(key).ok().map(|mac| Self::Keyed(Box::new(mac)))
    }

    pub(super) fn start(&self) -> Sealing {
        match self {
            Self::Checksum => Sealing::Checksum(Sha256::new()),
            Self::Keyed(mac) => Sealing::Keyed((**mac).clone()),
        }
    }

    /// Whether `seal` is that of `bytes`.
    pub(super) fn holds(&self, bytes: &[u8], seal: &Sealed) -> bool {
        match self {
            Self::Checksum => Sha256::digest(bytes).as_slice() == seal,
            Self::Keyed(mac) => (**mac).clone().chain_update(bytes).verify_slice(seal).is_ok(),
        }
    }
}

impl Sealing {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Checksum(digest) => Digest::update(digest, bytes),
            Self::Keyed(mac) => Mac::update(mac, bytes),
        }
    }

    pub(super) fn finish(self) -> Sealed {
        match self {
            Self::Checksum(digest) => digest.finalize().into(),
            Self::Keyed(mac) => mac.finalize().into_bytes().into(),
        }
    }
}
