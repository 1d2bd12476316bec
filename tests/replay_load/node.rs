//! Nodes: strict services with stores of their own on one Redis, whose handlers count.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use bytes::Bytes;
use countersign::clock::Clock;
use countersign::middleware::AppAuthLayer;
use countersign::store::{MemoryCredentials, RedisReplayStore};
use countersign::verify::Verifier;
use http::{HeaderMap, Response};
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};

use crate::redis_server::ready;
use crate::support::demo_apps;

/// How often each nonce has reached a handler, whatever became of the answer.
#[derive(Clone, Default)]
pub(crate) struct Handled(Arc<Mutex<HashMap<Vec<u8>, u32>>>);

impl Handled {
    fn note(&self, headers: &HeaderMap) {
        let nonce = headers["x-ca-nonce"].as_bytes().to_vec();
        *self.0.lock().unwrap().entry(nonce).or_default() += 1;
    }

    #[track_caller]
    pub(crate) fn assert_none_twice(&self) {
        let handled = self.0.lock().unwrap();
        let twice: Vec<_> = handled.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{twice:?} of {} that were handled", handled.len());
    }
}

pub(crate) type Layer = AppAuthLayer<MemoryCredentials, RedisReplayStore>;

/// A node's layer: the strict policy, and the store's defaults but for what makes it notice sooner.
pub(crate) async fn layer(redis: &str, clock: Arc<dyn Clock>) -> Layer {
    let builder = RedisReplayStore::builder(redis)
        .with_deadline(Duration::from_secs(1))
        .with_breaker(5, Duration::from_millis(100))
        .with_check_interval(Duration::from_millis(50))
        .with_clock(Arc::clone(&clock));
    let credentials = MemoryCredentials::new(demo_apps()).unwrap();
    AppAuthLayer::new(Verifier::new(credentials, ready(builder).await).with_clock(clock))
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

pub(crate) async fn serve_axum(layer: Layer, handled: Handled) -> SocketAddr {
    let handle = async |State(handled): State<Handled>, request: Request| {
        handled.note(request.headers());
    };
    let app = Router::new().fallback(handle).with_state(handled).layer(layer);
    let (listener, address) = listen().await;
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

pub(crate) async fn serve_hyper(layer: Layer, handled: Handled) -> SocketAddr {
    let handle = service_fn(move |request: http::Request<_>| {
        handled.note(request.headers());
        async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) }
    });
    let service = TowerToHyperService::new(ServiceBuilder::new().layer(layer).service(handle));
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let builder = Builder::new(TokioExecutor::new());
                builder.serve_connection(TokioIo::new(stream), service).await
            });
        }
    });
    address
}
