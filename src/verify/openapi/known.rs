//! Step 2: the AccessKey behind the id.
//!
//! 1. nobody's: `InvalidAccessKeyId.NotFound`
//! 2. a temporary key, and the request shows no security token: `MissingSecurityToken`

use std::sync::Arc;

use super::{Presented, refuse};
use crate::credential::{AccessKey, App};
use crate::error::{OpenApiError, OpenApiRejection};

/// A request whose AccessKeyId names a key; nothing of it is proven.
#[derive(Debug)]
pub struct Known<'r> {
    pub(super) presented: Presented<'r>,
    pub(super) caller: Caller,
}

/// An app, and the place of the AccessKey of its that signs.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) app: Arc<App>,
    place: usize,
}

impl Caller {
    fn find(app: Arc<App>, id: &str) -> Option<Self> {
        let place = app.access_keys().iter().position(|key| key.id() == id)?;
        Some(Self { app, place })
    }

    /// The AccessKey. There is always one.
    pub(super) fn key(&self) -> Option<&AccessKey> {
        self.app.access_keys().get(self.place)
    }
}

impl<'r> Known<'r> {
    /// Takes step 2 with what the credential store found.
    ///
    /// # Errors
    ///
    /// `InvalidAccessKeyId.NotFound`, `MissingSecurityToken`.
    pub fn new(
        presented: Presented<'r>,
        found: Option<Arc<App>>,
    ) -> Result<Self, OpenApiRejection> {
        // A store may find by a prefix or a collation; this comparison decides.
        let caller = found.and_then(|app| Caller::find(app, presented.access_key_id()));
        let caller = caller.ok_or(OpenApiError::InvalidAccessKeyIdNotFound)?;
        let shows_token = presented.facts.credentials.security_token.is_some();
        let needs_token = caller.key().is_some_and(|key| key.security_token().is_some());
        if needs_token && !shows_token {
            return Err(refuse::missing("SecurityToken"));
        }
        Ok(Self { presented, caller })
    }
}
