//! A retry layer outside: each attempt is signed anew.

use std::collections::BTreeSet;
use std::future::{Ready, ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request as ServerRequest;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::retry::{Policy, RetryLayer};
use tower::{Layer, ServiceBuilder, ServiceExt};

use crate::backend::Backend;
use crate::caller::{layer, put, reqwest_client};
use crate::client::serve;

/// Three attempts, as long as the answer is 503.
#[derive(Clone)]
struct Thrice(usize);

trait Attempt: Sized {
    fn again(&self) -> Option<Self>;
}

impl Attempt for Request<Full<Bytes>> {
    fn again(&self) -> Option<Self> {
        Some(self.clone())
    }
}

impl Attempt for reqwest::Request {
    fn again(&self) -> Option<Self> {
        self.try_clone()
    }
}

trait Status {
    fn unavailable(&self) -> bool;
}

impl<B> Status for http::Response<B> {
    fn unavailable(&self) -> bool {
        self.status() == StatusCode::SERVICE_UNAVAILABLE
    }
}

impl Status for reqwest::Response {
    fn unavailable(&self) -> bool {
        self.status() == StatusCode::SERVICE_UNAVAILABLE
    }
}

impl<R: Attempt, A: Status, E> Policy<R, A, E> for Thrice {
    type Future = Ready<()>;

    fn retry(&mut self, _: &mut R, answer: &mut Result<A, E>) -> Option<Ready<()>> {
        let again = self.0 > 1 && answer.as_ref().is_ok_and(A::unavailable);
        self.0 -= 1;
        again.then(|| ready(()))
    }

    fn clone_request(&mut self, request: &R) -> Option<R> {
        request.again()
    }
}

/// A strict server whose handler fails twice, and what it saw.
struct Flaky {
    app: Router,
    seen: Arc<Mutex<Vec<(String, String, Bytes)>>>,
}

impl Flaky {
    fn new(backend: &Backend) -> Self {
        let seen: Arc<Mutex<Vec<_>>> = Arc::default();
        let (saw, attempts) = (Arc::clone(&seen), AtomicUsize::new(0));
        let attempts = Arc::new(attempts);
        let clock = Arc::clone(&backend.clock);
        let handle = move |request: ServerRequest| {
            let (saw, attempts, clock) =
                (Arc::clone(&saw), Arc::clone(&attempts), Arc::clone(&clock));
            async move {
                let (head, body) = request.into_parts();
                let header = |name| head.headers[name].to_str().unwrap().to_owned();
                let (nonce, timestamp) = (header("x-ca-nonce"), header("x-ca-timestamp"));
                let body = axum::body::to_bytes(body, 100).await.unwrap();
                saw.lock().unwrap().push((nonce, timestamp, body));
                clock.advance(std::time::Duration::from_secs(1));
                match attempts.fetch_add(1, Ordering::SeqCst) {
                    0 | 1 => StatusCode::SERVICE_UNAVAILABLE,
                    _ => StatusCode::OK,
                }
            }
        };
        let app = Router::new().fallback(handle).layer(backend.layer());
        Self { app, seen }
    }

    /// Each attempt was accepted, with a stamp and a nonce of its own, and the same body.
    fn assert_signed_three_times(&self) {
        let seen = self.seen.lock().unwrap();
        assert_eq!(seen.len(), 3);
        let nonces: BTreeSet<_> = seen.iter().map(|(nonce, ..)| nonce).collect();
        assert_eq!(nonces.len(), 3);
        let stamps: Vec<_> = seen.iter().map(|(_, stamp, _)| stamp.as_str()).collect();
        assert_eq!(stamps, ["1700000000000", "1700000001000", "1700000002000"]);
        assert!(seen.iter().all(|(.., body)| body == "{}"));
    }
}

fn signing(backend: &Backend) -> countersign::middleware::SignLayer {
    let signer = crate::caller::signer().with_clock(Arc::clone(&backend.clock));
    countersign::middleware::SignLayer::new(signer)
}

#[tokio::test]
async fn each_attempt_of_hypers_client_is_signed_anew() {
    let backend = Backend::strict();
    let flaky = Flaky::new(&backend);
    let address = serve(flaky.app.clone()).await;
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new(Thrice(3)))
        .layer(signing(&backend))
        .service(Client::builder(TokioExecutor::new()).build_http());
    let request = Request::post(format!("http://{address}/"));
    let request = request.body(Full::new(Bytes::from_static(b"{}"))).unwrap();
    assert_eq!(service.oneshot(request).await.unwrap().status(), 200);
    flaky.assert_signed_three_times();
}

#[tokio::test]
async fn each_attempt_of_reqwest_is_signed_anew() {
    let backend = Backend::strict();
    let flaky = Flaky::new(&backend);
    let address = serve(flaky.app.clone()).await;
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new(Thrice(3)))
        .layer(signing(&backend))
        .service(reqwest_client());
    assert_eq!(service.oneshot(put(address, "{}")).await.unwrap().status(), 200);
    flaky.assert_signed_three_times();
}

#[tokio::test]
async fn a_retry_layer_inside_sends_the_same_signature_again_and_it_is_a_replay() {
    let backend = Backend::strict();
    let flaky = Flaky::new(&backend);
    let address = serve(flaky.app.clone()).await;
    let retrying = RetryLayer::new(Thrice(3)).layer(reqwest_client());
    let answer = layer().layer(retrying).oneshot(put(address, "{}")).await.unwrap();
    assert_eq!(answer.headers()["x-ca-error-code"], "S403NU");
    assert_eq!(flaky.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_request_that_was_signed_before_is_signed_anew() {
    let backend = Backend::strict();
    let address = serve(backend.app()).await;
    // Two layers, one in the other: the inner signature is the one that is sent.
    let service = layer().layer(layer().layer(reqwest_client()));
    for finished in 1..=2 {
        let answer = service.clone().oneshot(put(address, "{}")).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(backend.finished(), finished);
    }
}
