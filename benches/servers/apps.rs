//! What the servers serve, and what stands before it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use countersign::middleware::AppAuthLayer;
use countersign::protocol::{BodyLength, RequestHead};
use countersign::store::{MemoryCredentials, MemoryReplayStore};
use http::request::Parts;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};

use crate::around::AroundLayer;
use crate::plain;
use crate::request::{Kind, Signed};
use crate::subject::Subject;

/// An axum service: a GET, and a POST whose body is read.
pub(crate) fn router() -> Router {
    let post = async |_body: Bytes| "ok";
    Router::new().route("/http2test/test", get(async || "ok").post(post))
}

/// The same for hyper.
pub(crate) async fn answer<B>(request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible>
where
    B: Body<Data = Bytes, Error: std::fmt::Debug>,
{
    if request.method() == Method::POST {
        request.into_body().collect().await.unwrap();
    }
    Ok(Response::new(Full::new(Bytes::from_static(b"ok"))))
}

pub(crate) fn countersign() -> AppAuthLayer<MemoryCredentials, MemoryReplayStore> {
    AppAuthLayer::new(Subject::new(1, 20_000).verifier())
}

/// The rules written plainly, behind a body that was read.
pub(crate) fn plainly() -> AroundLayer<impl Fn(&Parts, &[u8]) -> bool + Clone> {
    let verifier = Arc::new(plain::Verifier::new(1));
    AroundLayer::new(move |parts: &Parts, body: &[u8]| {
        let length = BodyLength::Known(body.len() as u64);
        let head = RequestHead::new(&parts.method, &parts.uri, &parts.headers, length);
        verifier.accepts(head, body)
    })
}

/// What nobody can leave out, done with a request that is ready, whatever has arrived.
pub(crate) fn cryptography<B>() -> impl Fn(Request<B>) -> Request<B> + Clone {
    let ready = Arc::new([Kind::Get, Kind::Json(1 << 10)].map(|kind| Signed::new(kind, 1, 0)));
    move |request| {
        ready[usize::from(request.method() == Method::POST)].check_cryptography();
        request
    }
}
