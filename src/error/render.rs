//! Turns a rejection into a response.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use http::{HeaderValue, Response};

use super::text::header_text;
use super::{Dialect, Rejection};
use crate::header;

/// How a refused request is answered.
///
/// [`Dialect`] is the plain implementation. A service with its own error format implements the
/// trait on top of it:
///
/// ```
/// use bytes::Bytes;
/// use countersign::error::{Dialect, ErrorCode, Rejection, RenderRejection};
/// use http::Response;
///
/// #[derive(Debug)]
/// struct PlainText;
///
/// impl RenderRejection for PlainText {
///     fn render(&self, rejection: &Rejection) -> Response<Bytes> {
///         Dialect::Vpc.render(rejection).map(|_| Bytes::from(rejection.code().to_string()))
///     }
/// }
///
/// let response = PlainText.render(&ErrorCode::S403NU.into());
/// assert_eq!(response.status(), 403);
/// assert_eq!(response.body(), "S403NU");
/// ```
///
/// The layers add `X-Ca-Request-Id` and put the [`Rejection`] into the response's extensions,
/// whatever the implementation does.
pub trait RenderRejection: std::fmt::Debug + Send + Sync + 'static {
    /// The response to a request refused with `rejection`.
    fn render(&self, rejection: &Rejection) -> Response<Bytes>;
}

/// The documented headers and an empty body. `Cache-Control: no-store`, because a refusal says
/// nothing about the next request; `Retry-After` where the rejection knows it.
impl RenderRejection for Dialect {
    fn render(&self, rejection: &Rejection) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = self.status(rejection);
        let headers = response.headers_mut();
        self.write_code(rejection.code(), headers);
        headers.insert(header::ERROR_MESSAGE, header_text(&self.message(rejection)));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(after) = rejection.retry_after() {
            let seconds = after.as_millis().div_ceil(1000);
            headers
                .insert(RETRY_AFTER, HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)));
        }
        response.extensions_mut().insert(rejection.clone());
        response
    }
}

/// The response in the [`Dialect::Vpc`], for services without a layer around them.
impl From<Rejection> for Response<Bytes> {
    fn from(rejection: Rejection) -> Self {
        Dialect::Vpc.render(&rejection)
    }
}

/// A handler returns a [`Rejection`] to answer a documented code itself, in the [`Dialect::Vpc`].
#[cfg(feature = "axum")]
impl axum::response::IntoResponse for Rejection {
    fn into_response(self) -> axum::response::Response {
        Response::from(self).map(axum::body::Body::from)
    }
}
