//! The refusal of a request: a documented code and what fills its message.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::text::{MAX_REQUEST_TEXT, cut};
use super::{Catalogue, ErrorCode, StoreError, template};

/// A refused request: a documented code with its arguments.
///
/// It is what every check of this crate returns, and what a handler returns to answer a code
/// itself; with the `axum` feature it implements `IntoResponse`. The layers put it into the
/// response's extensions.
///
/// The code is the gateway's unless another [`Catalogue`] is named:
/// [`OpenApiRejection`](super::OpenApiRejection) has one of OpenAPI's.
///
/// ```
/// use countersign::error::{ErrorCode, Rejection};
///
/// let rejection = Rejection::new(ErrorCode::I400MP).with("userId");
/// assert_eq!(rejection.status(), 400);
/// assert_eq!(rejection.message(), "Parameter `userId` is required");
/// ```
///
/// `Display` and `Debug` leave out text that came with the request (a string to sign, a token), so
/// that it does not end up in logs; only [`message`](Self::message) has it.
#[derive(Clone)]
pub struct Rejection<C = ErrorCode>(Arc<Inner<C>>);

#[derive(Clone)]
struct Inner<C> {
    code: C,
    args: Vec<Arg>,
    retry_after: Option<Duration>,
    detail: Option<Cow<'static, str>>,
    cause: Option<StoreError>,
}

#[derive(Clone)]
enum Arg {
    /// Chosen by the service: fit for logs.
    Own(Cow<'static, str>),
    /// Taken from the request: for the caller's eyes only.
    FromRequest(String),
}

impl Arg {
    fn text(&self) -> &str {
        match self {
            Self::Own(text) => text,
            Self::FromRequest(text) => text,
        }
    }

    fn for_logs(&self) -> &str {
        match self {
            Self::Own(text) => text,
            Self::FromRequest(_) => "…",
        }
    }
}

impl<C: Catalogue> Rejection<C> {
    /// A rejection whose placeholders are still to be filled.
    #[must_use]
    #[cold]
    pub fn new(code: C) -> Self {
        let (args, retry_after, detail, cause) = (Vec::new(), None, None, None);
        Self(Arc::new(Inner { code, args, retry_after, detail, cause }))
    }

    /// Fills the next placeholder of the message with text of the service's own.
    #[must_use]
    pub fn with(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.with_arg(Arg::Own(text.into()))
    }

    /// Fills the next placeholder with text that came with the request. It is shown to the caller,
    /// cut at about 4 KB, and kept out of `Display` and `Debug`.
    #[must_use]
    pub fn with_request_text(self, text: impl AsRef<str>) -> Self {
        self.with_arg(Arg::FromRequest(cut(text.as_ref(), MAX_REQUEST_TEXT).to_owned()))
    }

    /// Tells the caller when to try again (`Retry-After`, in whole seconds, rounded up).
    #[must_use]
    pub fn with_retry_after(self, after: Duration) -> Self {
        self.change(|inner| inner.retry_after = Some(after))
    }

    /// Tells the operator more than the documented message tells the caller. It is logged, and no
    /// part of the answer; it must hold no secret.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.change(|inner| inner.detail = Some(detail.into()))
    }

    /// The documented code.
    #[must_use]
    pub fn code(&self) -> C {
        self.0.code
    }

    /// The documented HTTP status of the code.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.code.status()
    }

    /// The documented message, filled in. It may hold text from the request: not for logs.
    #[must_use]
    pub fn message(&self) -> String {
        self.fill(self.0.code.template())
    }

    /// The first argument: for `I400HD` and `I400MH`, the header it is about.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.args.first().map(Arg::text)
    }

    /// When the caller may try again, if that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What the operator should know and the caller is not told: for `S403TE`, how far off the
    /// timestamp is.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The store's error behind an `X503BZ` or a `ServiceUnavailable`.
    #[must_use]
    pub fn store_error(&self) -> Option<&StoreError> {
        self.0.cause.as_ref()
    }

    pub(super) fn fill(&self, template: &str) -> String {
        self.fill_with(template, Arg::text)
    }

    fn fill_with(&self, template: &str, text: fn(&Arg) -> &str) -> String {
        let nothing = self.0.code.no_argument();
        let args = self.0.args.iter().map(text);
        let args = args.map(|arg| if arg.is_empty() { nothing } else { arg });
        template::fill(template, args.chain(std::iter::repeat(nothing)))
    }

    /// Another code for the same refusal: what the operator is told and when to come back stay, the
    /// arguments do not.
    pub(super) fn recoded<D: Catalogue>(&self, code: D) -> Rejection<D> {
        let Inner { retry_after, detail, cause, .. } = &*self.0;
        Rejection::new(code).change(|inner| {
            inner.retry_after = *retry_after;
            inner.detail = detail.clone();
            inner.cause = cause.clone();
        })
    }

    #[cold]
    fn with_arg(self, arg: Arg) -> Self {
        self.change(|inner| inner.args.push(arg))
    }

    #[cold]
    fn change(mut self, change: impl FnOnce(&mut Inner<C>)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl<C: Catalogue> From<C> for Rejection<C> {
    #[cold]
    fn from(code: C) -> Self {
        Self::new(code)
    }
}

/// A store that cannot answer refuses the request: `X503BZ` or `ServiceUnavailable`, to be tried
/// again.
impl<C: Catalogue> From<StoreError> for Rejection<C> {
    #[cold]
    fn from(error: StoreError) -> Self {
        let after = error.retry_after().unwrap_or(Duration::from_secs(1));
        Self::new(C::UNAVAILABLE).with_retry_after(after).change(|inner| inner.cause = Some(error))
    }
}

impl<C: Catalogue> fmt::Display for Rejection<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.0.code.code_text(self.0.args.first().map(Arg::for_logs));
        let message = self.fill_with(self.0.code.template(), Arg::for_logs);
        write!(f, "{code}: {message}")?;
        self.0.detail.as_ref().map_or(Ok(()), |detail| write!(f, " ({detail})"))
    }
}

impl<C: Catalogue> fmt::Debug for Rejection<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("code", &self.0.code)
            .field("args", &self.0.args.iter().map(Arg::for_logs).collect::<Vec<_>>())
            .field("retry_after", &self.0.retry_after)
            .field("detail", &self.0.detail)
            .field("cause", &self.0.cause)
            .finish()
    }
}

impl<C: Catalogue> Error for Rejection<C> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.cause.as_ref().map(|cause| cause as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_the_request_reaches_the_caller_but_no_log() {
        let rejection = Rejection::new(ErrorCode::A403IS).with_request_text("GET\nsecret");
        assert!(rejection.message().contains("secret"));
        assert!(!rejection.to_string().contains("secret"));
        assert!(!format!("{rejection:?}").contains("secret"));
    }
}
