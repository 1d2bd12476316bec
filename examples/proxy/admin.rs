//! An address of its own for who operates the proxy: not for callers, who could read it.
//!
//! | path | answer |
//! |---|---|
//! | `/healthz` | 200 `ready`, or 503 `draining` from the moment when the proxy is to stop |
//! | `/metrics` | Prometheus text |

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tower::service_fn;

use super::metrics;
use crate::common::Problem;
use crate::common::serve::{self, Serving};

/// Whether the proxy takes requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Health {
    draining: Arc<AtomicBool>,
}

impl Health {
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// Begins to count and to answer at `address`, until the process ends.
pub(crate) fn start(address: &str, health: Health) -> Result<SocketAddr, Problem> {
    let cannot_listen = |error| Problem(format!("cannot listen on {address} (host:port): {error}"));
    let listener = std::net::TcpListener::bind(address).map_err(cannot_listen)?;
    listener.set_nonblocking(true).map_err(cannot_listen)?;
    let listener = TcpListener::from_std(listener).map_err(cannot_listen)?;
    let bound = listener.local_addr().map_err(cannot_listen)?;

    let metrics = metrics::install()?;
    let upkeep = metrics.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            upkeep.run_upkeep();
        }
    });
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = answer(request.method(), request.uri().path(), &health, &metrics);
        std::future::ready(Ok::<_, Infallible>(answer))
    });
    tokio::spawn(async move {
        let forever = std::future::pending();
        serve::serve(listener, service, forever, &Serving::default()).await;
    });
    Ok(bound)
}

fn answer(
    method: &Method,
    path: &str,
    health: &Health,
    metrics: &PrometheusHandle,
) -> Response<Full<Bytes>> {
    let (status, text) = match (method.as_str(), path) {
        ("GET" | "HEAD", "/healthz") if health.is_draining() => {
            (StatusCode::SERVICE_UNAVAILABLE, "draining\n".to_owned())
        }
        ("GET" | "HEAD", "/healthz") => (StatusCode::OK, "ready\n".to_owned()),
        ("GET" | "HEAD", "/metrics") => (StatusCode::OK, metrics.render()),
        (_, "/healthz" | "/metrics") => (StatusCode::METHOD_NOT_ALLOWED, String::new()),
        _ => (StatusCode::NOT_FOUND, String::new()),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
