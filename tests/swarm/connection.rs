//! A caller's connection to one server, made anew when it broke or when the server has moved.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::places::{Place, Places};
use crate::support::Wire;

pub(super) struct Connection {
    places: Arc<Places>,
    server: usize,
    open: Option<(Place, SendRequest<Empty<Bytes>>)>,
}

/// What came back.
pub(crate) struct Answer {
    /// In which of its lives the server said so.
    pub(super) life: usize,
    /// The code of a refusal.
    pub(super) code: Option<String>,
    pub(super) retry_after: bool,
}

impl Connection {
    pub(super) fn to(places: &Arc<Places>, server: usize) -> Self {
        Self { places: Arc::clone(places), server, open: None }
    }

    pub(super) fn server(&self) -> usize {
        self.server
    }

    /// The answer; nothing if there is nobody, or the connection broke.
    pub(super) async fn ask(&mut self, wire: &Wire) -> Option<Answer> {
        let place = self.places.get(self.server);
        let (life, mut sender) = match self.open.take() {
            Some((open, sender)) if open == place && !sender.is_closed() => (open.life, sender),
            _ => {
                let stream = TcpStream::connect(place.address).await.ok()?;
                let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
                tokio::spawn(connection);
                (place.life, sender)
            }
        };
        sender.ready().await.ok()?;
        let response = sender.send_request(request(wire)).await.ok()?;
        let (head, body) = response.into_parts();
        body.collect().await.ok()?;
        self.open = Some((place, sender));
        let code = head.headers.get("x-ca-error-code");
        let code = code.map(|code| code.to_str().unwrap().to_owned());
        assert_eq!(code.is_none(), head.status == 200, "{} {code:?}", head.status);
        let retry_after = head.headers.contains_key("retry-after");
        Some(Answer { life, code, retry_after })
    }
}

fn request(wire: &Wire) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    *request.method_mut() = wire.method.clone();
    *request.uri_mut() = wire.target.clone();
    *request.headers_mut() = wire.headers.clone();
    request.headers_mut().insert("host", "localhost".parse().unwrap());
    request
}
