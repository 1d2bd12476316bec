//! Step 3: the timestamp against the clock, in both directions: `InvalidTimeStamp.Expired`.

use super::Known;
use crate::clock::UnixMillis;
use crate::error::{OpenApiError, OpenApiRejection};
use crate::verify::pipeline::check_window;

/// A request that is neither stale nor from the future; nothing of it is proven.
#[derive(Debug)]
pub struct Timely<'r> {
    pub(super) known: Known<'r>,
    pub(super) now: UnixMillis,
}

impl<'r> Timely<'r> {
    /// Takes step 3.
    ///
    /// # Errors
    ///
    /// `InvalidTimeStamp.Expired`.
    pub fn new(known: Known<'r>, now: UnixMillis) -> Result<Self, OpenApiRejection> {
        let facts = &known.presented.facts;
        check_window::<OpenApiError>(facts.head.policy.window, facts.credentials.timestamp, now)?;
        Ok(Self { known, now })
    }
}
