//! Turns a rejection into a response.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response};

use super::text::header_text;
use super::{Catalogue, Dialect, ErrorCode, Rejection};
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
/// whatever the implementation does. `C` is whose codes are answered: the gateway's, unless said
/// otherwise.
pub trait RenderRejection<C: Catalogue = ErrorCode>:
    std::fmt::Debug + Send + Sync + 'static
{
    /// The response to a request refused with `rejection`.
    fn render(&self, rejection: &Rejection<C>) -> Response<Bytes>;

    /// The same for the request of this id that has asked for this: what the layers call. Default:
    /// [`render`](Self::render), for an answer that depends on neither.
    fn render_for(
        &self,
        rejection: &Rejection<C>,
        request_id: &str,
        asked: &C::Asked,
    ) -> Response<Bytes> {
        let _ = (request_id, asked);
        self.render(rejection)
    }
}

/// The documented headers and an empty body. `Cache-Control: no-store`, because a refusal says
/// nothing about the next request; `Retry-After` where the rejection knows it.
impl RenderRejection for Dialect {
    fn render(&self, rejection: &Rejection) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = self.status(rejection);
        let headers = response.headers_mut();
        self.write_code(rejection.code(), headers);
        let mut message = header_text(&self.message(rejection));
        // It may repeat the string to sign: not for `Debug`, nor for an HPACK table.
        message.set_sensitive(true);
        headers.insert(header::ERROR_MESSAGE, message);
        passing(rejection, headers);
        response.extensions_mut().insert(rejection.clone());
        response
    }
}

/// Whatever the code: a refusal says nothing about the next request, and may say when to make it.
pub(super) fn passing<C: Catalogue>(rejection: &Rejection<C>, headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(after) = rejection.retry_after() {
        let seconds = after.as_millis().div_ceil(1000);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// Marks a response that a handler made of a [`Rejection`]: no layer has rendered it yet.
#[derive(Clone, Copy, Debug)]
struct Unrendered;

/// The response to a request that the service itself refuses: in the [`Dialect::Vpc`], until a layer
/// of this crate renders it as it renders its own.
impl From<Rejection> for Response<Bytes> {
    fn from(rejection: Rejection) -> Self {
        of_handler(Dialect::Vpc.render(&rejection))
    }
}

/// A response that a layer is to render as it renders its own.
pub(super) fn of_handler(mut response: Response<Bytes>) -> Response<Bytes> {
    response.extensions_mut().insert(Unrendered);
    response
}

/// A handler returns a [`Rejection`] to answer a documented code itself. A layer around it renders
/// it as it renders its own; without one, it is in the [`Dialect::Vpc`].
#[cfg(feature = "axum")]
impl<C: Catalogue> axum::response::IntoResponse for Rejection<C>
where
    Response<Bytes>: From<Self>,
{
    fn into_response(self) -> axum::response::Response {
        Response::from(self).map(axum::body::Body::from)
    }
}

/// The response to a refused request, with the rejection in its extensions.
#[cfg(feature = "middleware")]
pub(crate) fn rendered<C: Catalogue>(
    renderer: &dyn RenderRejection<C>,
    rejection: &Rejection<C>,
    request_id: &str,
    asked: &C::Asked,
) -> Response<Bytes> {
    let mut response = renderer.render_for(rejection, request_id, asked);
    response.extensions_mut().remove::<Unrendered>();
    response.extensions_mut().insert(rejection.clone());
    response
}

/// Renders what a handler has refused. What the handler added stays: its extensions, and those of
/// its headers that neither the renderer sets nor describe the body that is discarded. A rejection of
/// another protocol's codes is another layer's.
#[cfg(feature = "middleware")]
pub(crate) fn render_handlers<B, C: Catalogue>(
    response: &mut Response<B>,
    renderer: &dyn RenderRejection<C>,
    request_id: &str,
    asked: &C::Asked,
) -> Option<Response<Bytes>> {
    use http::header::{
        CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED, TRANSFER_ENCODING,
    };
    const OF_THE_BODY: [http::HeaderName; 6] =
        [CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED, TRANSFER_ENCODING];
    const OF_THE_DIALECT: [http::HeaderName; 2] = [header::ERROR_CODE, header::ERROR_MESSAGE];

    response.extensions().get::<Unrendered>()?;
    let rejection = response.extensions_mut().remove::<Rejection<C>>()?;
    response.extensions_mut().remove::<Unrendered>();
    let mut rendered = rendered(renderer, &rejection, request_id, asked);
    let set = rendered.headers().clone();
    for (name, value) in response.headers() {
        if !OF_THE_BODY.contains(name) && !OF_THE_DIALECT.contains(name) && !set.contains_key(name)
        {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    let handlers = std::mem::take(response.extensions_mut());
    let renderers = std::mem::replace(rendered.extensions_mut(), handlers);
    rendered.extensions_mut().extend(renderers);
    Some(rendered)
}
