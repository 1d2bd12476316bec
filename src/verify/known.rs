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
use crate::credential::{App, AppCode};
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
    pub fn new(presented: Presented<'r>, found: Option<Arc<App>>) -> Result<Self, Rejection> {
        // A store may find by a prefix or a collation; these comparisons decide.
        let app = found.filter(|app| match &presented.facts.credential {
            Credential::Signature(request) => app.key().as_str() == request.key,
            Credential::AppCode(code) => owns(app, code),
        });
        match (&presented.facts.credential, &app, presented.facts.policy.unknown_key) {
            (Credential::Signature(_), None, UnknownKey::Named) => Err(ErrorCode::A400IK.into()),
            (Credential::AppCode(_), None, _) => Err(ErrorCode::A401AC.into()),
            (_, Some(_), _) | (Credential::Signature(_), None, UnknownKey::AsWrongSignature) => {
                Ok(Self { presented, app })
            }
        }
    }
}

/// Compares with every AppCode of the app, in constant time.
fn owns(app: &App, code: &AppCode) -> bool {
    app.app_codes().iter().fold(false, |found, own| found | own.matches(code))
}
