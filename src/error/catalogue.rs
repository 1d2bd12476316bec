//! What a rejection needs to know of the code that it carries.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderName, StatusCode};

use super::Rejection;

/// A documented list of error codes: [`ErrorCode`](super::ErrorCode), the gateway's, or
/// [`OpenApiError`](super::OpenApiError). It is sealed: a list of your own is for a
/// [renderer](super::RenderRejection).
pub trait Catalogue: Copy + fmt::Debug + Send + Sync + sealed::Sealed + 'static {
    /// The code for a store that cannot answer.
    const UNAVAILABLE: Self;
    /// The code for a timestamp outside of the window.
    const EXPIRED: Self;
    /// The code for a nonce that was used before.
    const NONCE_USED: Self;
    /// The header in which every response carries the request's id.
    const REQUEST_ID: HeaderName;

    /// What an answer takes from its request.
    type Asked: Clone + Default + fmt::Debug + Send + Sync + Unpin;

    /// The refusal of a body over its limit.
    fn body_too_long() -> Rejection<Self>;

    /// The code as it stands in the list, fit for a metric's label: it may hold a placeholder.
    fn label(self) -> &'static str;

    /// The documented HTTP status.
    fn status(self) -> StatusCode;

    /// The documented message, its placeholders still in place.
    fn template(self) -> &'static str;

    /// What stands in the message where an argument is missing or empty: nothing, unless that could be
    /// read as an argument.
    fn no_argument(self) -> &'static str {
        ""
    }

    /// The code's text; a code that names what it is about does so by the first argument.
    fn code_text(self, subject: Option<&str>) -> Cow<'static, str>;
}

pub(super) mod sealed {
    pub trait Sealed {}
}

/// Every status in a table is a valid one (a test looks at each row), so the fallback is unused.
pub(super) fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
