//! Step 5: what the app may do.
//!
//! 1. its authorization has expired: `A403EP`
//! 2. it is disabled: `A403PR`
//! 3. whatever documented code an [`Authorizer`](super::Authorizer) answers

use super::{Authentic, BodyCheck, Intact};
use crate::credential::{App, Availability};
use crate::error::{ErrorCode, Rejection};
use crate::protocol::RequestHead;

/// An authentic request of an app that may make it. Its body may still be another one.
#[derive(Debug)]
pub struct Authorized<'r> {
    pub(super) authentic: Authentic<'r>,
}

impl<'r> Authorized<'r> {
    /// Takes the first two parts of step 5; an authorizer takes the third with
    /// [`app`](Self::app) and [`head`](Self::head).
    ///
    /// # Errors
    ///
    /// `A403EP`, `A403PR`.
    pub fn new(authentic: Authentic<'r>) -> Result<Self, Rejection> {
        if authentic.app.is_expired(authentic.now) {
            return Err(ErrorCode::A403EP.into());
        }
        match authentic.app.availability() {
            Availability::Enabled => Ok(Self { authentic }),
            Availability::Disabled => Err(ErrorCode::A403PR.into()),
        }
    }

    /// The app that calls.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.authentic.app
    }

    /// What it calls.
    #[must_use]
    pub const fn head(&self) -> &RequestHead<'r> {
        &self.authentic.presented.facts.head
    }

    /// What step 6 needs: the whole body if a digest covers it, else nothing.
    #[must_use]
    pub fn body(self) -> BodyStage<'r> {
        match self.authentic.presented.facts.content_md5 {
            Some(expected) => BodyStage::Digest(BodyCheck::new(self.authentic, expected)),
            None => BodyStage::Uncovered(Intact { authentic: self.authentic }),
        }
    }
}

/// How step 6 goes on.
#[derive(Debug)]
pub enum BodyStage<'r> {
    /// No digest covers the body: it is not read. A form's parameters were signed; for anything
    /// else the policy allowed it.
    Uncovered(Intact<'r>),
    /// The body must be read and its digest compared.
    Digest(BodyCheck<'r>),
}
