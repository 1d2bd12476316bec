//! Step 2: the app behind the credential.
//!
//! 1. unknown AppKey: `A400IK`, or, where the policy hides which keys exist, a wrong signature
//!    later, with the same work done
//! 2. unknown AppCode: `A401AC`
//!
//! A store that cannot answer is `X503BZ`; the [`Verifier`](super::Verifier) says so.

use std::sync::Arc;

use super::Presented;
use super::policy::UnknownKey;
use super::presented::Credential;
use crate::credential::App;
use crate::error::{ErrorCode, Rejection};

/// A request whose credential names an app; nothing of it is proven.
#[derive(Debug)]
pub struct Known<'r> {
    pub(super) presented: Presented<'r>,
    /// `None` stands for an app that does not exist, and whose signature never verifies.
    pub(super) app: Option<Arc<App>>,
}

impl<'r> Known<'r> {
    /// Takes step 2 with what the credential store found.
    ///
    /// # Errors
    ///
    /// `A400IK` or `A401AC`.
    pub fn new(presented: Presented<'r>, app: Option<Arc<App>>) -> Result<Self, Rejection> {
        match (&presented.facts.credential, &app) {
            (Credential::Signature(_), None) => match presented.facts.policy.unknown_key {
                UnknownKey::Named => return Err(ErrorCode::A400IK.into()),
                UnknownKey::AsWrongSignature => {}
            },
            // A store may find by a prefix or a collation; this comparison decides.
            (Credential::AppCode(code), app) => {
                let owned = app.iter().flat_map(|app| app.app_codes());
                if !owned.fold(false, |found, own| found | own.matches(code)) {
                    return Err(ErrorCode::A401AC.into());
                }
            }
            (Credential::Signature(request), Some(app)) => {
                if app.key().as_str() != request.key {
                    return Err(ErrorCode::A400IK.into());
                }
            }
        }
        Ok(Self { presented, app })
    }
}
