//! Step 5: what the key may do. After the signature, so that no stranger learns of it.
//!
//! 1. the key is inactive, or its app disabled: `InvalidAccessKeyId.Inactive`
//! 2. the security token is another, or none belongs to the key:
//!    `InvalidSecurityToken.MismatchWithAccessKey`; it is over: `InvalidSecurityToken.Expired`
//! 3. the key is not for this scheme: `InvalidSignatureMethod`
//! 4. the app's authorization has expired: `NoPermission`
//! 5. whatever an [`Authorizer`](crate::verify::Authorizer) answers, in the words of OpenAPI

use super::{Authentic, BodyStage};
use crate::credential::{AccessKeyStatus, App, Availability};
use crate::error::{OpenApiError, OpenApiRejection};
use crate::protocol::{Operation, RequestHead};

/// An authentic request whose key may make it. Its body may still be another one.
#[derive(Debug)]
pub struct Authorized<'r> {
    pub(super) authentic: Authentic<'r>,
}

impl<'r> Authorized<'r> {
    /// Takes the first four parts of step 5; an authorizer takes the fifth with [`app`](Self::app),
    /// [`head`](Self::head) and [`operation`](Self::operation).
    ///
    /// # Errors
    ///
    /// Those of the module's list.
    pub fn new(authentic: Authentic<'r>) -> Result<Self, OpenApiRejection> {
        let (caller, now) = (&authentic.caller, authentic.now);
        let credentials = &authentic.presented.facts.credentials;
        let key = caller.key().ok_or(OpenApiError::InvalidAccessKeyIdNotFound)?;
        let is_on = (AccessKeyStatus::Active, Availability::Enabled);
        if (key.status(), caller.app.availability()) != is_on {
            return Err(OpenApiError::InvalidAccessKeyIdInactive.into());
        }
        match (&credentials.security_token, key.security_token()) {
            (None, None) => {}
            (Some(shown), Some(token)) if token.matches(shown) => {
                if token.is_expired(now) {
                    return Err(OpenApiError::InvalidSecurityTokenExpired.into());
                }
            }
            _ => return Err(OpenApiError::InvalidSecurityTokenMismatch.into()),
        }
        if !key.schemes().contains(credentials.scheme()) {
            return Err(OpenApiError::InvalidSignatureMethod.into());
        }
        if caller.app.is_expired(now) {
            return Err(OpenApiError::NoPermission.into());
        }
        Ok(Self { authentic })
    }

    /// The app that calls.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.authentic.caller.app
    }

    /// What it sends.
    #[must_use]
    pub fn head(&self) -> &RequestHead<'r> {
        &self.authentic.presented.facts.head.head
    }

    /// What it calls, as the signature covers it; a ROA request may not say.
    #[must_use]
    pub fn operation(&self) -> Option<Operation<'_>> {
        self.authentic.presented.facts.operation()
    }

    /// What step 6 needs.
    ///
    /// # Errors
    ///
    /// `ContentMD5NotMatched` for a form that has already been read.
    pub fn body(self) -> Result<BodyStage<'r>, OpenApiRejection> {
        BodyStage::of(self.authentic)
    }
}
