//! Step 6: `Content-MD5` against the bytes of the body.
//!
//! 1. more bytes than the limit: `I413RL`, as soon as it is known
//! 2. a digest with an empty body, where the policy refuses that: `I400I5`
//! 3. another digest: `I400I5`

use super::Authentic;
use super::pipeline::{AnotherBody, DigestCheck};
use super::policy::EmptyBodyMd5;
use crate::error::{ErrorCode, Rejection};
use crate::protocol::{BodyMd5, ContentMd5};

/// An authorized request with the body that its caller digested, if it digested one.
#[derive(Debug)]
pub struct Intact<'r> {
    pub(super) authentic: Authentic<'r>,
}

/// Takes the body as it arrives.
#[derive(Debug)]
pub struct BodyCheck<'r> {
    authentic: Authentic<'r>,
    digest: DigestCheck,
}

impl<'r> BodyCheck<'r> {
    pub(super) fn new(authentic: Authentic<'r>, expected: ContentMd5) -> Self {
        let digest =
            DigestCheck::new(BodyMd5::default(), expected, authentic.presented.facts.body_limit());
        Self { authentic, digest }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// `I413RL` if they exceed the limit.
    pub fn update(&mut self, bytes: &[u8]) -> Result<(), Rejection> {
        self.digest.update(bytes)
    }

    /// Takes step 6, after the last bytes.
    ///
    /// # Errors
    ///
    /// `I400I5`.
    pub fn finish(self) -> Result<Intact<'r>, Rejection> {
        let empty_body_md5 = self.authentic.presented.facts.policy.empty_body_md5;
        if self.digest.is_empty() && empty_body_md5 == EmptyBodyMd5::Refuse {
            return Err(invalid("the body is empty"));
        }
        self.digest.finish()?;
        Ok(Intact { authentic: self.authentic })
    }
}

/// `I400I5`.
impl From<AnotherBody> for Rejection {
    fn from(_: AnotherBody) -> Self {
        invalid("is not the digest of the body")
    }
}

fn invalid(reason: &'static str) -> Rejection {
    Rejection::new(ErrorCode::I400I5).with(reason)
}
