//! How connections are served: HTTP/1 with title-case header names, HTTP/2 with prior knowledge, and
//! an end that lets running requests finish.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use countersign::clock::{Clock, SystemClock};
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{Service, ServiceExt};

use super::prompt::Prompt;
use super::{BoxError, Problem};

/// What connections, and the end of them, may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Serving {
    /// To send a request's head, from the connection's first moment or from the answer before; over
    /// HTTP/2, to answer a ping. 30 seconds.
    pub(crate) head: Duration,
    /// To take what is written to it, in between two pieces. A minute.
    pub(crate) pause: Duration,
    /// The longest head of a request. 64 KiB.
    pub(crate) max_head: u32,
    /// For running requests, once the server is to stop. 10 seconds.
    pub(crate) grace: Duration,
}

impl Default for Serving {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            pause: Duration::from_secs(60),
            max_head: 64 << 10,
            grace: Duration::from_secs(10),
        }
    }
}

/// Where a request's connection comes from, in its extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(#[allow(dead_code, reason = "not every server asks")] pub(crate) SocketAddr);

/// Serves until `stop` resolves.
pub(crate) async fn serve<S, B>(
    listener: TcpListener,
    service: S,
    stop: impl Future<Output = ()>,
    serving: &Serving,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let mut server = Builder::new(TokioExecutor::new());
    let max_head = usize::try_from(serving.max_head).unwrap_or(usize::MAX);
    // Two official client SDKs look up `X-Ca-Error-Message` by exactly these letters.
    server.http1().title_case_headers(true).timer(TokioTimer::new());
    server.http1().header_read_timeout(serving.head).max_buf_size(max_head);
    server.http2().timer(TokioTimer::new()).keep_alive_interval(serving.head);
    server.http2().max_header_list_size(serving.max_head);

    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Ok((stream, address)) = accepted else {
            // Out of file descriptors, most likely: they return when connections end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // A connection works without it, only slower.
        let _ = stream.set_nodelay(true);
        let service = service.clone().map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(address));
            request
        });
        let stream = Prompt::new(stream, serving.head, serving.pause);
        let service = TowerToHyperService::new(service);
        let connection = server.serve_connection(TokioIo::new(stream), service).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // It failed on the client's side: nobody is left to be told.
            let _ = connection.await;
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(serving.grace, graceful.shutdown()).await;
}

/// How long until the wall clock shows the next whole second.
pub(crate) fn until_next_second() -> Duration {
    const SECOND: u64 = 1000;
    Duration::from_millis(SECOND - SystemClock.wall().get() % SECOND)
}

/// Resolves on SIGINT and SIGTERM.
#[cfg(unix)]
pub(crate) fn stop_signal() -> Result<impl Future<Output = ()>, Problem> {
    use tokio::signal::unix::{SignalKind, signal};

    let listen =
        |kind| signal(kind).map_err(|error| Problem(format!("cannot listen for signals: {error}")));
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves on Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn stop_signal() -> Result<impl Future<Output = ()>, Problem> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}
