//! A body against the digest that its caller has signed, as it arrives.

use crate::error::{Catalogue, Rejection};
use crate::protocol::openapi::{self, PayloadDigest};
use crate::protocol::{BodyMd5, ContentMd5};

/// Digests a body as it arrives.
pub(in crate::verify) trait BodyDigest {
    /// What comes of it.
    type Digest: PartialEq;

    fn update(&mut self, bytes: &[u8]);

    fn finish(self) -> Self::Digest;
}

impl BodyDigest for openapi::BodyDigest {
    type Digest = PayloadDigest;

    fn update(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }

    fn finish(self) -> PayloadDigest {
        self.finish()
    }
}

impl BodyDigest for BodyMd5 {
    type Digest = ContentMd5;

    fn update(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }

    fn finish(self) -> ContentMd5 {
        self.finish()
    }
}

/// Compares a body with its digest as it arrives.
#[derive(Debug)]
pub(in crate::verify) struct DigestCheck<D: BodyDigest = BodyMd5> {
    expected: D::Digest,
    digest: D,
    len: u64,
    limit: u64,
}

/// It is not the body that was digested.
#[derive(Clone, Copy, Debug)]
pub(in crate::verify) struct AnotherBody;

impl<D: BodyDigest> DigestCheck<D> {
    pub(in crate::verify) fn new(digest: D, expected: D::Digest, limit: u64) -> Self {
        Self { expected, digest, len: 0, limit }
    }

    /// Whether no byte has come yet.
    pub(in crate::verify) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Refuses more bytes than the limit, as soon as it is known.
    pub(in crate::verify) fn update<C: Catalogue>(
        &mut self,
        bytes: &[u8],
    ) -> Result<(), Rejection<C>> {
        self.len = self.len.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.len > self.limit {
            return Err(C::body_too_long());
        }
        self.digest.update(bytes);
        Ok(())
    }

    pub(in crate::verify) fn finish(self) -> Result<(), AnotherBody> {
        match self.digest.finish() == self.expected {
            true => Ok(()),
            false => Err(AnotherBody),
        }
    }
}
