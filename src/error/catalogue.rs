//! What the codes of all protocols have in common.

use std::fmt::{Debug, Display};

use http::{HeaderName, StatusCode};

use super::ErrorCode;
use crate::header;

/// A documented list of error codes, with their statuses and messages: [`ErrorCode`], the gateway's. What every scheme refuses has its code here, so that one check serves them all.
///
/// It is implemented by this crate's catalogues.
pub trait Catalogue: Copy + Debug + Display + Eq + Send + Sync + 'static {
    /// A timestamp outside of the window.
    const EXPIRED: Self;
    /// A nonce that was used before.
    const NONCE_USED: Self;
    /// A store that cannot answer, or no room for another body.
    const UNAVAILABLE: Self;
    /// A body over its limit.
    const BODY_TOO_LONG: Self;
    /// A body that breaks off, or does not arrive in time.
    const BODY_UNREADABLE: Self;

    /// The header in which every response carries the request's id.
    const REQUEST_ID: HeaderName;

    /// The code, fit for a metric's label: a parameter of its name is still a placeholder.
    fn label(self) -> &'static str;

    /// The documented HTTP status.
    fn status(self) -> StatusCode;

    /// The documented message, its placeholders still in place.
    fn template(self) -> &'static str;
}

impl Catalogue for ErrorCode {
    const EXPIRED: Self = Self::S403TE;
    const NONCE_USED: Self = Self::S403NU;
    const UNAVAILABLE: Self = Self::X503BZ;
    const BODY_TOO_LONG: Self = Self::I413RL;
    const BODY_UNREADABLE: Self = Self::I400BD;

    const REQUEST_ID: HeaderName = header::REQUEST_ID;

    fn label(self) -> &'static str {
        self.as_str()
    }

    fn status(self) -> StatusCode {
        self.status()
    }

    fn template(self) -> &'static str {
        self.template()
    }
}
