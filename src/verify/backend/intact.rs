//! Step 5: the body.
//!
//! 1. the signature does not cover it, and the policy asks for that: `I400MH`. A body of unknown
//!    length may turn out to be none.
//! 2. more bytes than the limit: `I413RL`, as soon as it is known
//! 3. another digest than that of `Content-MD5`: `I400I5`

use super::authentic::Covered;
use super::{Authentic, BodyCoverage, refuse};
use crate::error::Rejection;
use crate::header;
use crate::protocol::{BodyLength, BodyMd5};
use crate::verify::StrictRow;
use crate::verify::pipeline::DigestCheck;

/// An authentic request with the body that the gateway has signed, if it has signed one.
#[derive(Debug)]
pub struct Intact<'r> {
    pub(super) authentic: Authentic<'r>,
    pub(super) covers_body: bool,
}

/// How step 5 goes on.
#[derive(Debug)]
pub enum BodyStage<'r> {
    /// Nothing more of the body needs to be read.
    Settled(Intact<'r>),
    /// The body must be read and checked.
    Check(BodyCheck<'r>),
}

/// Takes the body as it arrives.
#[derive(Debug)]
pub struct BodyCheck<'r> {
    authentic: Authentic<'r>,
    expected: Expected,
}

#[derive(Debug)]
enum Expected {
    Digest(DigestCheck),
    /// Nothing, because nothing was signed.
    End,
}

impl<'r> Authentic<'r> {
    /// What step 5 needs.
    ///
    /// # Errors
    ///
    /// `I400MH` for a body that the signature does not cover.
    pub fn body(mut self) -> Result<BodyStage<'r>, Rejection> {
        let facts = &mut *self.facts;
        let expected = match (self.body, facts.policy.body_coverage, facts.head.body()) {
            (Covered::Whole, _, _) => {
                return Ok(BodyStage::Settled(Intact { authentic: self, covers_body: true }));
            }
            (Covered::ByDigest(digest), _, _) => {
                Expected::Digest(DigestCheck::new(BodyMd5::default(), digest, facts.body_limit()))
            }
            (Covered::Not, BodyCoverage::AsSent, _) => {
                facts.findings.note(StrictRow::ContentMd5);
                return Ok(BodyStage::Settled(Intact { authentic: self, covers_body: false }));
            }
            (Covered::Not, BodyCoverage::Required, BodyLength::Unknown) => Expected::End,
            (Covered::Not, BodyCoverage::Required, _) => return Err(uncovered()),
        };
        Ok(BodyStage::Check(BodyCheck { authentic: self, expected }))
    }
}

impl<'r> BodyCheck<'r> {
    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// `I413RL` if they exceed the limit, `I400MH` if they are not covered.
    pub fn update(&mut self, bytes: &[u8]) -> Result<(), Rejection> {
        match &mut self.expected {
            Expected::Digest(check) => check.update(bytes),
            Expected::End if bytes.is_empty() => Ok(()),
            Expected::End => Err(uncovered()),
        }
    }

    /// Takes step 5, after the last bytes.
    ///
    /// # Errors
    ///
    /// `I400I5`.
    pub fn finish(self) -> Result<Intact<'r>, Rejection> {
        if let Expected::Digest(check) = self.expected {
            check.finish()?;
        }
        Ok(Intact { authentic: self.authentic, covers_body: true })
    }
}

fn uncovered() -> Rejection {
    refuse::missing(&header::CONTENT_MD5)
}
