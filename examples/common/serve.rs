//! How connections are served: HTTP/1 with title-case header names, HTTP/2 with prior knowledge, and
//! an end that lets running requests finish.

use std::convert::Infallible;
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
use tower::Service;

use super::{BoxError, Problem};

/// How long an HTTP/1 connection may take to send a request's head, and how long an HTTP/2 one may
/// leave a ping unanswered. Connections that have not said which they are, and how many there are,
/// is for a proxy in front to limit.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long running requests may take once the server is to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` resolves.
pub(crate) async fn serve<S, B>(listener: TcpListener, service: S, stop: impl Future<Output = ()>)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let mut server = Builder::new(TokioExecutor::new());
    // Two official client SDKs look up `X-Ca-Error-Message` by exactly these letters.
    server.http1().title_case_headers(true).timer(TokioTimer::new());
    server.http1().header_read_timeout(HEAD_TIMEOUT);
    server.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD_TIMEOUT);

    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely: they return when connections end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // A connection works without it, only slower.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(service.clone());
        let connection = server.serve_connection(TokioIo::new(stream), service).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // It failed on the client's side: nobody is left to be told.
            let _ = connection.await;
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
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
