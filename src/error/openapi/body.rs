//! How a layer answers.

use bytes::Bytes;
use http::Response;

use super::{OpenApiAnswer, OpenApiAsked, OpenApiError, OpenApiRejection};
use crate::error::RenderRejection;
use crate::error::render::of_handler;

/// The documented body, in JSON or, where it is asked for, in XML: what the layers answer unless told
/// otherwise.
///
/// ```
/// use countersign::error::{OpenApiBody, OpenApiError, RenderRejection};
///
/// let response = OpenApiBody.render(&OpenApiError::SignatureNonceUsed.into());
/// assert_eq!(response.status(), 400);
/// assert!(response.body().starts_with(b"{\"RequestId\":"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenApiBody;

impl RenderRejection<OpenApiError> for OpenApiBody {
    fn render(&self, rejection: &OpenApiRejection) -> Response<Bytes> {
        self.render_for(rejection, "", &OpenApiAsked::default())
    }

    fn render_for(
        &self,
        rejection: &OpenApiRejection,
        request_id: &str,
        asked: &OpenApiAsked,
    ) -> Response<Bytes> {
        OpenApiAnswer::new(request_id, asked.host_id()).with_format(asked.format).render(rejection)
    }
}

/// The response to a request that the service itself refuses: in JSON, until a layer of this crate
/// renders it as it renders its own.
impl From<OpenApiRejection> for Response<Bytes> {
    fn from(rejection: OpenApiRejection) -> Self {
        of_handler(OpenApiBody.render(&rejection))
    }
}
