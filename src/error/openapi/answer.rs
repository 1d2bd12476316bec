//! Headers and body of a refused request of the OpenAPI family.
//!
//! 1. The status is the code's.
//! 2. The body is JSON, or XML where it is asked for, with the documented members; never empty,
//!    because a client takes an empty one for a success or for a failure of its own.
//! 3. All of it is escaped for its format: a message repeats what the caller has sent.
//! 4. `x-acs-request-id` is the body's `RequestId`. The answer is not to be stored, nor taken for
//!    another type than it says.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response};

use super::{OpenApiFormat, OpenApiRejection, json, xml};
use crate::error::render::passing;
use crate::error::text::{cut, header_text};
use crate::header;

/// How a refused request of the OpenAPI family is answered: status, headers, and a body.
///
/// ```
/// use countersign::error::{OpenApiAnswer, OpenApiError, OpenApiFormat};
///
/// let answer = OpenApiAnswer::new("0C2D9A1B-5F2E-4B6A-8C1D-3E4F5A6B7C8D", "apigateway.example.com");
/// let response = answer.render(&OpenApiError::SignatureNonceUsed.into());
/// assert_eq!(response.status(), 400);
/// assert_eq!(response.headers()["content-type"], "application/json;charset=utf-8");
/// assert_eq!(
///     response.body(),
///     "{\"RequestId\":\"0C2D9A1B-5F2E-4B6A-8C1D-3E4F5A6B7C8D\",\
///       \"HostId\":\"apigateway.example.com\",\
///       \"Code\":\"SignatureNonceUsed\",\
///       \"Message\":\"Specified signature nonce was used already.\"}",
/// );
///
/// let response = answer.with_format(OpenApiFormat::Xml).render(&OpenApiError::NoPermission.into());
/// assert_eq!(response.headers()["content-type"], "text/xml;charset=utf-8");
/// assert!(response.body().starts_with(b"<Error><RequestId>0C2D9A1B-"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OpenApiAnswer<'a> {
    request_id: &'a str,
    host_id: &'a str,
    format: OpenApiFormat,
    recommend: Option<&'a str>,
}

impl<'a> OpenApiAnswer<'a> {
    /// An answer in JSON. The request's id is an upper-case UUID; the host's is the host that the
    /// caller has asked, of which 255 bytes are repeated.
    #[must_use]
    pub const fn new(request_id: &'a str, host_id: &'a str) -> Self {
        Self { request_id, host_id, format: OpenApiFormat::Json, recommend: None }
    }

    /// The format that the caller asked for; JSON by default.
    #[must_use]
    pub const fn with_format(mut self, format: OpenApiFormat) -> Self {
        self.format = format;
        self
    }

    /// A page that helps with the code, as the member `Recommend`; none by default.
    #[must_use]
    pub const fn with_recommend(mut self, url: &'a str) -> Self {
        self.recommend = Some(url);
        self
    }

    /// The response, with the rejection in its extensions.
    #[must_use]
    pub fn render(&self, rejection: &OpenApiRejection) -> Response<Bytes> {
        let mut response = Response::new(self.body(rejection));
        *response.status_mut() = rejection.status();
        let headers = response.headers_mut();
        let content_type = HeaderValue::from_static(self.format.content_type());
        headers.insert(CONTENT_TYPE, content_type);
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::ACS_REQUEST_ID, header_text(self.request_id));
        passing(rejection, headers);
        response.extensions_mut().insert(rejection.clone());
        response
    }

    fn body(&self, rejection: &OpenApiRejection) -> Bytes {
        /// The longest name of a host (RFC 1035 §2.3.4).
        const MAX_HOST: usize = 255;
        let (code, message) = (rejection.code_text(), rejection.bounded_message());
        let members = [
            ("RequestId", Some(self.request_id)),
            ("HostId", Some(cut(self.host_id, MAX_HOST))),
            ("Code", Some(&*code)),
            ("Message", Some(&*message)),
            ("Recommend", self.recommend),
        ];
        let members = members.into_iter().filter_map(|(name, text)| Some((name, text?)));
        Bytes::from(match self.format {
            OpenApiFormat::Json => json::object(members),
            OpenApiFormat::Xml => xml::document("Error", members),
        })
    }
}
