//! What an authentic request is answered.

use bytes::Bytes;
use countersign::error::{ErrorCode, Rejection};
use countersign::jwt::VerifiedToken;
use countersign::middleware::RequestId;
use countersign::verify::Verified;
use countersign::verify::openapi::VerifiedOpenApi;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Answer<'a> {
    app: Option<&'a str>,
    method: &'a str,
    path: &'a str,
    body_bytes: u64,
    /// What the caller's token says, if it presented one.
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<&'a Map<String, Value>>,
    /// What an OpenAPI client asks for, and the id that it looks for.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    openapi: Option<OpenApi<'a>>,
}

#[derive(Serialize)]
struct OpenApi<'a> {
    scheme: &'a str,
    action: Option<&'a str>,
    version: Option<&'a str>,
    #[serde(rename = "RequestId")]
    request_id: &'a str,
}

impl<'a> OpenApi<'a> {
    fn of(caller: &'a VerifiedOpenApi, id: Option<&'a RequestId>) -> Self {
        Self {
            scheme: caller.scheme().as_str(),
            action: caller.action(),
            version: caller.version(),
            request_id: id.map_or("", RequestId::as_str),
        }
    }
}

/// Reads the whole body and answers who sent what.
///
/// A body over the limit ends in an error; the layer then answers itself, whatever is returned here.
pub(crate) async fn answer<B: Body>(request: Request<B>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    // The layer has put them there.
    let caller = head.extensions.get::<VerifiedOpenApi>();
    let app = head.extensions.get::<Verified>().map(Verified::app_id);
    let app = app.or(caller.map(VerifiedOpenApi::app_id));
    let openapi = caller.map(|caller| OpenApi::of(caller, head.extensions.get()));
    let claims = head.extensions.get::<VerifiedToken>().map(VerifiedToken::claims);
    let json = match count(body).await {
        Some(body_bytes) => serde_json::to_vec(&Answer {
            app,
            method: head.method.as_str(),
            path: head.uri.path(),
            body_bytes,
            claims,
            openapi,
        }),
        None => return refused(Rejection::new(ErrorCode::I400BD).with("it ended early")),
    };
    let Ok(json) = json else {
        return refused(ErrorCode::X500ER.into());
    };
    let length = HeaderValue::from(json.len());
    // What HEAD is answered has the length of what GET would be, and no body.
    let body = if head.method == Method::HEAD { Bytes::new() } else { json.into() };
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_LENGTH, length);
    response
}

/// The answer to what should not have come this far.
pub(crate) fn refused(rejection: Rejection) -> Response<Full<Bytes>> {
    Response::from(rejection).map(Full::new)
}

/// How many bytes the body has; `None` if it cannot be read to its end.
async fn count<B: Body>(body: B) -> Option<u64> {
    let mut body = std::pin::pin!(body);
    let mut bytes = 0_u64;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.ok()?.into_data() {
            bytes = bytes.saturating_add(bytes::Buf::remaining(&data) as u64);
        }
    }
    Some(bytes)
}
