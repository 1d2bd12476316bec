//! Sends a call, exactly as it is signed, and reads the answer.

use std::time::Duration;

use countersign::explain::Answer;
use http::uri::PathAndQuery;
use http::{Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio_rustls::rustls::crypto::aws_lc_rs;

use crate::Problem;
use crate::call::Call;

/// As long as anybody waits at a terminal.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most that is read of a body, which may repeat the message.
const MAX_BODY: usize = 64 * 1024;

/// What came back.
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    pub(crate) body: String,
}

/// No redirect is followed, and no header is added but `Host` and `Content-Length`.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn send(call: &Call, against: &Uri) -> Result<Answered, Problem> {
    let mut request = Request::new(Full::new(Bytes::from(call.body.clone())));
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = url(call, against)?;
    *request.headers_mut() = call.headers.clone();

    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(aws_lc_rs::default_provider())?
        .https_or_http()
        .enable_http1()
        .build();
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let answered = tokio::time::timeout(PATIENCE, async {
        let response = client
            .request(request)
            .await
            .map_err(|error| Problem(format!("cannot reach {against}: {}", innermost(&error))))?;
        let (head, body) = response.into_parts();
        // What cannot be read is as good as nothing: the head says most.
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        let answer = Answer::new(head.status, &head.headers);
        Ok(Answered { answer, body: String::from_utf8_lossy(&body).into_owned() })
    });
    answered.await.map_err(|_| Problem(format!("{against} does not answer within 30 seconds")))?
}

/// Where the call goes: to the server, with its own path unless there is one to try instead.
fn url(call: &Call, against: &Uri) -> Result<Uri, Problem> {
    let signed = call.target.path_and_query().cloned();
    let mut parts = against.clone().into_parts();
    let is_server = matches!(against.path_and_query().map(PathAndQuery::as_str), None | Some("/"));
    if is_server {
        parts.path_and_query = signed.or_else(|| Some(PathAndQuery::from_static("/")));
    }
    Ok(Uri::from_parts(parts)?)
}

/// The reason under the reasons.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
