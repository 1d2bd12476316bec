//! Step 3: a forwarded timestamp against the clock, in both directions: `S403TE`. It is checked
//! whether the signature covers it or not; only a covered one proves anything.

use super::Known;
use crate::clock::UnixMillis;
use crate::error::Rejection;
use crate::verify::pipeline::check_window;

/// A request that is neither stale nor from the future, as far as it says when it was signed; nothing
/// of it is proven.
#[derive(Debug)]
pub struct Timely<'r> {
    pub(super) known: Known<'r>,
}

impl<'r> Timely<'r> {
    /// Takes step 3.
    ///
    /// # Errors
    ///
    /// `S403TE`.
    pub fn new(known: Known<'r>, now: UnixMillis) -> Result<Self, Rejection> {
        let facts = &known.presented.facts;
        if let Some(timestamp) = facts.timestamp {
            check_window(facts.policy.window, timestamp, now)?;
        }
        Ok(Self { known })
    }
}
