//! Step 3: the timestamp against the clock, in both directions.
//!
//! Older than `max_age`, or ahead of the server by more than `max_ahead`: `S403TE`. Both ends of
//! the window are inside it. A request without a timestamp passes where the policy allows one, and
//! so does one with an AppCode.

use super::Known;
use super::pipeline::check_window;
use super::presented::Credential;
use crate::clock::UnixMillis;
use crate::error::Rejection;

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
    /// `S403TE`.
    pub fn new(known: Known<'r>, now: UnixMillis) -> Result<Self, Rejection> {
        if let Credential::Signature(request) = &known.presented.facts.credential
            && let Some(timestamp) = request.timestamp
        {
            check_window(known.presented.facts.policy.window, timestamp, now)?;
        }
        Ok(Self { known, now })
    }

    /// Whether the signature covers the parameters of a form body, which must then be read, up to
    /// [`body_limit`](Self::body_limit), before it can be verified.
    #[must_use]
    pub fn needs_form(&self) -> bool {
        self.known.presented.facts.is_signed_form()
    }

    /// The most bytes the body may have.
    #[must_use]
    pub fn body_limit(&self) -> u64 {
        self.known.presented.facts.body_limit()
    }
}
