//! Step 6: the body against its digest.
//!
//! 1. more bytes than the limit: `InvalidBody.LengthLimit`, as soon as it is known
//! 2. another `Content-MD5`: `ContentMD5NotMatched`
//! 3. another `x-acs-content-sha256`: `SignatureDoesNotMatch`, because no code is documented for it

use super::Authentic;
use super::credentials::BodyRule;
use crate::error::{OpenApiError, OpenApiRejection};
use crate::protocol::BodyMd5;
use crate::protocol::openapi::{BodyDigest, PayloadAlgorithm};
use crate::verify::pipeline::DigestCheck;

/// An authorized request with the body that its caller digested, if it digested one.
#[derive(Debug)]
pub struct Intact<'r> {
    pub(super) authentic: Authentic<'r>,
}

/// How step 6 goes on.
#[derive(Debug)]
pub enum BodyStage<'r> {
    /// Nothing more of the body needs to be read: there is none, its parameters were signed, or the
    /// policy lets it be unsigned.
    Settled(Intact<'r>),
    /// The body must be read and its digest compared.
    Check(BodyCheck<'r>),
}

/// Takes the body as it arrives.
#[derive(Debug)]
pub struct BodyCheck<'r> {
    authentic: Authentic<'r>,
    digest: Check,
}

#[derive(Debug)]
enum Check {
    Md5(DigestCheck<BodyMd5>),
    Payload(DigestCheck<BodyDigest>),
}

impl<'r> BodyStage<'r> {
    pub(super) fn of(authentic: Authentic<'r>) -> Result<Self, OpenApiRejection> {
        let facts = &authentic.presented.facts;
        let (limit, method) = (facts.head.policy.limits.max_body, facts.credentials.method);
        let digest = match facts.credentials.body {
            BodyRule::Covered | BodyRule::Uncovered => {
                return Ok(Self::Settled(Intact { authentic }));
            }
            BodyRule::Md5(expected) => {
                Check::Md5(DigestCheck::new(BodyMd5::default(), expected, limit))
            }
            BodyRule::Payload(expected) => {
                let digest = BodyDigest::new(PayloadAlgorithm::of(method));
                Check::Payload(DigestCheck::new(digest, expected, limit))
            }
        };
        let form = facts.head.form;
        let mut check = BodyCheck { authentic, digest };
        match form {
            Some(form) => {
                check.update(form)?;
                check.finish().map(Self::Settled)
            }
            None => Ok(Self::Check(check)),
        }
    }
}

impl<'r> BodyCheck<'r> {
    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// `InvalidBody.LengthLimit`.
    pub fn update(&mut self, bytes: &[u8]) -> Result<(), OpenApiRejection> {
        match &mut self.digest {
            Check::Md5(check) => check.update(bytes),
            Check::Payload(check) => check.update(bytes),
        }
    }

    /// Takes step 6, after the last bytes.
    ///
    /// # Errors
    ///
    /// `ContentMD5NotMatched`, `SignatureDoesNotMatch`.
    pub fn finish(self) -> Result<Intact<'r>, OpenApiRejection> {
        match self.digest {
            Check::Md5(check) => check.finish().map_err(|_| OpenApiError::ContentMd5NotMatched)?,
            Check::Payload(check) => check.finish().map_err(|_| {
                OpenApiRejection::new(OpenApiError::SignatureDoesNotMatch)
                    .with_detail("the body has another digest than x-acs-content-sha256")
            })?,
        }
        Ok(Intact { authentic: self.authentic })
    }
}
