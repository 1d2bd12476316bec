//! Servers on one thread of their own, which tells its processor time.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tower::Service;

use crate::harness::cpu;

/// The thread goes with the process.
pub(crate) struct Thread {
    runtime: Handle,
    questions: UnboundedSender<mpsc::Sender<Duration>>,
}

impl Thread {
    pub(crate) fn start() -> Self {
        let (questions, asked) = unbounded_channel();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let handle = runtime.handle().clone();
        thread::spawn(move || runtime.block_on(tell(asked)));
        Self { runtime: handle, questions }
    }

    /// The processor time of the thread.
    pub(crate) fn cpu(&self) -> Duration {
        let (answer, told) = mpsc::channel();
        self.questions.send(answer).unwrap();
        told.recv().unwrap()
    }

    pub(crate) fn axum(&self, app: Router) -> SocketAddr {
        let listener = self.listen();
        let address = listener.local_addr().unwrap();
        self.runtime.spawn(async { axum::serve(listener, app).await.unwrap() });
        address
    }

    pub(crate) fn hyper<S, B>(&self, service: S) -> SocketAddr
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
        S: Clone + Send + 'static,
        S::Future: Send,
        B: Body<Data = Bytes, Error: std::error::Error + Send + Sync> + Send + 'static,
    {
        let listener = self.listen();
        let address = listener.local_addr().unwrap();
        self.runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let service = TowerToHyperService::new(service.clone());
                let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(serving);
            }
        });
        address
    }

    fn listen(&self) -> TcpListener {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let _entered = self.runtime.enter();
        TcpListener::from_std(listener).unwrap()
    }
}

async fn tell(mut asked: UnboundedReceiver<mpsc::Sender<Duration>>) {
    while let Some(answer) = asked.recv().await {
        answer.send(cpu::now()).unwrap();
    }
}
