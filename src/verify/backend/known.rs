//! Step 2: the pair behind the key. Unknown: `A400IK`.

use std::sync::Arc;

use super::Presented;
use crate::credential::BackendPair;
use crate::error::{ErrorCode, Rejection};

/// A request whose key names a pair; nothing of it is proven.
#[derive(Debug)]
pub struct Known<'r> {
    pub(super) presented: Presented<'r>,
    pub(super) pair: Arc<BackendPair>,
}

impl<'r> Known<'r> {
    /// Takes step 2 with the pair that was found.
    ///
    /// # Errors
    ///
    /// `A400IK`.
    pub fn new(
        presented: Presented<'r>,
        found: Option<Arc<BackendPair>>,
    ) -> Result<Self, Rejection> {
        let pair = found.filter(|pair| pair.key().as_str() == presented.facts.key);
        Ok(Self { pair: pair.ok_or(ErrorCode::A400IK)?, presented })
    }
}
