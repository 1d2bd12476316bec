//! Callers that sign: hyper-util's client and reqwest, each over HTTP/1 and HTTP/2.

use std::net::SocketAddr;

use axum::Router;
use bytes::Bytes;
use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{AppKey, AppSecret};
use countersign::middleware::SignLayer;
use countersign::middleware::sign::{CallError, NotSent};
use countersign::sign::Signer;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::{Layer, ServiceExt};

use crate::client::serve;
use crate::support::{KEY, NOW, SECRET};

/// The demo app's signer, at [`NOW`].
pub(crate) fn signer() -> Signer {
    let signer = Signer::new(AppKey::new(KEY).unwrap(), AppSecret::new(SECRET).unwrap()).unwrap();
    signer.with_clock(ManualClock::at(UnixMillis::new(NOW)))
}

pub(crate) fn layer() -> SignLayer {
    SignLayer::new(signer())
}

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    Hyper1,
    Hyper2,
    Reqwest1,
    Reqwest2,
}

impl Stack {
    pub(crate) const ALL: [Self; 4] = [Self::Hyper1, Self::Hyper2, Self::Reqwest1, Self::Reqwest2];
}

/// A client of one server.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    stack: Stack,
    address: SocketAddr,
    layer: SignLayer,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answered {
    /// The documented code, or the status of an answer without one.
    pub(crate) code: String,
    pub(crate) body: Bytes,
}

impl Caller {
    pub(crate) async fn of(stack: Stack, layer: SignLayer, app: Router) -> Self {
        Self { stack, layer, address: serve(app).await }
    }

    /// The request with this target, which may have no path.
    pub(crate) fn request(&self, method: &str, target: &str) -> http::request::Builder {
        Request::builder().method(method).uri(format!("http://{}{target}", self.address))
    }

    pub(crate) async fn get(&self, target: &str) -> Answered {
        self.send(self.request("GET", target).body(Full::default()).unwrap()).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answered, NotSent> {
        match self.stack {
            Stack::Hyper1 | Stack::Hyper2 => {
                let mut builder = Client::builder(TokioExecutor::new());
                let client = builder.http2_only(self.stack == Stack::Hyper2).build_http();
                let answer = sent(self.layer.layer(client).oneshot(request).await)?;
                let (head, body) = answer.into_parts();
                Ok(Answered::new(
                    head.status,
                    &head.headers,
                    body.collect().await.unwrap().to_bytes(),
                ))
            }
            Stack::Reqwest1 | Stack::Reqwest2 => {
                let request = reqwest::Request::try_from(request.map(wrapped)).unwrap();
                self.send_reqwest(request).await
            }
        }
    }

    pub(crate) async fn send_reqwest(
        &self,
        request: reqwest::Request,
    ) -> Result<Answered, NotSent> {
        let client = match self.stack {
            Stack::Reqwest2 => reqwest::Client::builder().no_proxy().http2_prior_knowledge(),
            _ => reqwest::Client::builder().no_proxy(),
        };
        let answer = sent(self.layer.layer(client.build().unwrap()).oneshot(request).await)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Ok(Answered::new(status, &headers, answer.bytes().await.unwrap()))
    }
}

impl Answered {
    fn new(status: http::StatusCode, headers: &http::HeaderMap, body: Bytes) -> Self {
        let code = headers.get("x-ca-error-code").map(|code| code.to_str().unwrap().to_owned());
        Self { code: code.unwrap_or_else(|| status.as_u16().to_string()), body }
    }
}

/// reqwest's client as it is.
pub(crate) fn reqwest_client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A request of reqwest's to this server.
pub(crate) fn put(address: SocketAddr, body: impl Into<reqwest::Body>) -> reqwest::Request {
    let url = format!("http://{address}/?a=1").parse().unwrap();
    let mut request = reqwest::Request::new(http::Method::PUT, url);
    *request.body_mut() = Some(body.into());
    request
}

/// A client that could not connect fails the test.
fn sent<T, E: std::fmt::Debug>(answer: Result<T, CallError<E>>) -> Result<T, NotSent> {
    match answer {
        Ok(answer) => Ok(answer),
        Err(CallError::NotSent(reason)) => Err(reason),
        Err(CallError::Inner(error)) => panic!("{error:?}"),
    }
}

/// As a caller of reqwest gives it: bytes, or no body at all.
fn wrapped(body: Full<Bytes>) -> reqwest::Body {
    match futures_util::FutureExt::now_or_never(body.collect()) {
        Some(Ok(body)) => body.to_bytes().into(),
        _ => panic!("the bytes are there"),
    }
}
