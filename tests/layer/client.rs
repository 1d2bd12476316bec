//! A hyper server on a real socket, and a client of it.

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use crate::backend::Answer;

/// Serves `app` on a port of its own, HTTP/1 and HTTP/2, until the test ends.
pub(crate) async fn serve(app: axum::Router) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let app = app.clone();
            tokio::spawn(async move {
                let mut server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                server.http1().title_case_headers(true);
                let _ = server
                    .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app))
                    .await;
            });
        }
    });
    address
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Http1,
    Http2,
}

/// A connection that sends one request after the other.
pub(crate) enum Client {
    Http1(hyper::client::conn::http1::SendRequest<Body>),
    Http2(hyper::client::conn::http2::SendRequest<Body>),
}

impl Client {
    pub(crate) async fn connect(address: std::net::SocketAddr, version: Version) -> Self {
        let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
        match version {
            Version::Http1 => {
                let (sender, connection) =
                    hyper::client::conn::http1::handshake(stream).await.unwrap();
                tokio::spawn(connection);
                Self::Http1(sender)
            }
            Version::Http2 => {
                let (sender, connection) =
                    hyper::client::conn::http2::handshake(TokioExecutor::new(), stream)
                        .await
                        .unwrap();
                tokio::spawn(connection);
                Self::Http2(sender)
            }
        }
    }

    pub(crate) async fn send(&mut self, mut request: http::Request<Body>) -> Answer {
        let response = match self {
            Self::Http1(sender) => {
                request.headers_mut().insert("host", "localhost".parse().unwrap());
                if http_body::Body::size_hint(request.body()).exact().is_none() {
                    // Else the client drops the body of a GET.
                    let chunked = "chunked".parse().unwrap();
                    request.headers_mut().insert("transfer-encoding", chunked);
                }
                sender.send_request(request).await.unwrap()
            }
            Self::Http2(sender) => {
                let target = format!("http://localhost{}", request.uri());
                *request.uri_mut() = target.parse().unwrap();
                sender.send_request(request).await.unwrap()
            }
        };
        let (head, body) = response.into_parts();
        // A server that refuses a body it did not read may close the connection behind the head.
        let body =
            body.collect().await.map(|body| body.to_bytes()).unwrap_or_else(|_| Bytes::new());
        Answer { head, body }
    }
}
