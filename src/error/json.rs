//! Rejections with a body: JSON, and RFC 9457 problem details.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use serde_json::{Value, json};

use super::{Dialect, Rejection, RenderRejection};

/// A dialect's headers and `{"code": …, "message": …}` as the body.
///
/// ```
/// use countersign::error::{Dialect, ErrorCode, JsonBody, RenderRejection};
///
/// let response = JsonBody(Dialect::Vpc).render(&ErrorCode::S403NU.into());
/// assert_eq!(response.headers()["content-type"], "application/json");
/// assert_eq!(response.body(), r#"{"code":"S403NU","message":"Nonce Used"}"#);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonBody(pub Dialect);

impl RenderRejection for JsonBody {
    fn render(&self, rejection: &Rejection) -> Response<Bytes> {
        let body = json!({
            "code": rejection.code().as_str(),
            "message": self.0.message(rejection),
        });
        with_body(self.0.render(rejection), "application/json", &body)
    }
}

/// A dialect's headers and an RFC 9457 problem details body.
///
/// `type` is `about:blank` unless set, as the RFC asks where no page describes the problem.
///
/// ```
/// use countersign::error::{ErrorCode, ProblemBody, RenderRejection};
///
/// let response = ProblemBody::default().render(&ErrorCode::S403NU.into());
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// let problem: serde_json::Value = serde_json::from_slice(response.body())?;
/// assert_eq!(problem["status"], 403);
/// assert_eq!(problem["detail"], "Nonce Used");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProblemBody {
    dialect: Dialect,
    type_base: Option<String>,
}

impl Default for ProblemBody {
    fn default() -> Self {
        Self::new(Dialect::default())
    }
}

impl ProblemBody {
    /// Problem details on top of `dialect`'s status and headers.
    #[must_use]
    pub const fn new(dialect: Dialect) -> Self {
        Self { dialect, type_base: None }
    }

    /// Makes `type` the URI `base` followed by the code, e.g. `https://example.com/errors#S403NU`.
    #[must_use]
    pub fn with_type_base(mut self, base: impl Into<String>) -> Self {
        self.type_base = Some(base.into());
        self
    }
}

impl RenderRejection for ProblemBody {
    fn render(&self, rejection: &Rejection) -> Response<Bytes> {
        let response = self.dialect.render(rejection);
        let code = rejection.code();
        let type_uri = match &self.type_base {
            Some(base) => format!("{base}{code}"),
            None => "about:blank".to_owned(),
        };
        let body = json!({
            "type": type_uri,
            "title": response.status().canonical_reason().unwrap_or("Refused"),
            "status": response.status().as_u16(),
            "detail": self.dialect.message(rejection),
            "code": code.as_str(),
        });
        with_body(response, "application/problem+json", &body)
    }
}

fn with_body(
    mut response: Response<Bytes>,
    content_type: &'static str,
    body: &Value,
) -> Response<Bytes> {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.map(|_| Bytes::from(body.to_string()))
}
