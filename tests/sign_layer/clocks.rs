//! A server whose clock is another one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use bytes::Bytes;
use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::error::Dialect;
use countersign::middleware::SignLayer;
use countersign::sign::ClockLearning;
use countersign::store::MemoryReplayStore;
use countersign::verify::Policy;
use http_body_util::Full;
use tower::{Layer, ServiceExt};

use crate::backend::Backend;
use crate::caller::{Caller, Stack, layer, put, reqwest_client, signer};
use crate::client::serve;
use crate::support::NOW;

const HOUR: Duration = Duration::from_secs(3600);

/// A strict server whose clock is off, and that tells its time.
struct Elsewhere {
    backend: Backend,
    app: Router,
    attempts: Arc<AtomicUsize>,
}

impl Elsewhere {
    fn at(wall: u64) -> Self {
        Self::answering(wall, Dialect::Vpc)
    }

    fn answering(wall: u64, dialect: Dialect) -> Self {
        // It has run for a while: what was signed before a server's start is refused.
        let clock = Arc::new(ManualClock::at(UnixMillis::new(wall - 10_000)));
        let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
        clock.advance(Duration::from_secs(10));
        let backend = Backend::with_replay(Policy::strict(), clock, replay);
        let attempts = Arc::new(AtomicUsize::new(0));
        let (clock, count) = (Arc::clone(&backend.clock), Arc::clone(&attempts));
        let dated = from_fn(move |request: Request, next: Next| {
            let (clock, count) = (Arc::clone(&clock), Arc::clone(&count));
            async move {
                count.fetch_add(1, Ordering::SeqCst);
                let mut response: Response = next.run(request).await;
                let date = http_date(&clock).parse().unwrap();
                response.headers_mut().insert("date", date);
                response
            }
        });
        let app = backend.routes().layer(backend.layer().with_renderer(dialect)).layer(dated);
        Self { backend, app, attempts }
    }

    fn attempts(&self) -> usize {
        self.attempts.load(Ordering::SeqCst)
    }
}

fn http_date(clock: &ManualClock) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(clock.wall().get()))
}

fn learning(within: Duration) -> SignLayer {
    layer().with_clock_learning(ClockLearning::Within(within))
}

#[tokio::test]
async fn nothing_is_learned_by_default() {
    let server = Elsewhere::at(NOW + 7_200_000);
    let caller = Caller::of(Stack::Hyper1, layer(), server.app.clone()).await;
    for attempts in 1..=2 {
        assert_eq!(caller.get("/").await.code, "S403TE");
        assert_eq!(server.attempts(), attempts);
    }
}

#[tokio::test]
async fn a_request_that_was_expired_is_sent_once_more_and_the_next_ones_are_right() {
    for stack in Stack::ALL {
        for wall in [NOW + 7_200_000, NOW - 7_200_000, NOW + 7_200_999, NOW - 7_199_001] {
            let server = Elsewhere::at(wall);
            let caller = Caller::of(stack, learning(3 * HOUR), server.app.clone()).await;
            let request = caller.request("POST", "/?a=1");
            let request = request.body(Full::new(Bytes::from_static(b"{}"))).unwrap();
            let answer = caller.send(request).await.unwrap();
            assert_eq!((&*answer.code, &answer.body[..]), ("200", &b"{}"[..]), "{stack:?} {wall}");
            assert_eq!(server.attempts(), 2);
            assert_eq!(caller.clone().get("/").await.code, "200");
            assert_eq!(server.attempts(), 3, "what was learned is kept");
            assert_eq!(server.backend.finished(), 2);
        }
    }
}

#[tokio::test]
async fn the_classic_dialect_teaches_too() {
    let server = Elsewhere::answering(NOW + 7_200_000, Dialect::Classic);
    let caller = Caller::of(Stack::Hyper1, learning(3 * HOUR), server.app.clone()).await;
    assert_eq!(caller.get("/").await.code, "200");
    assert_eq!(server.attempts(), 2);
}

#[tokio::test]
async fn a_clock_that_is_further_off_than_the_bound_teaches_nothing() {
    let server = Elsewhere::at(NOW + 7_200_000);
    let caller = Caller::of(Stack::Hyper1, learning(HOUR), server.app.clone()).await;
    assert_eq!(caller.get("/").await.code, "S403TE");
    assert_eq!(server.attempts(), 1);
}

#[tokio::test]
async fn the_bound_is_on_all_that_was_learned() {
    let server = Elsewhere::at(NOW + 3_600_000);
    let caller = Caller::of(Stack::Hyper1, learning(HOUR), server.app.clone()).await;
    assert_eq!(caller.get("/").await.code, "200");
    // Step by step it would be led anywhere.
    server.backend.clock.step_wall_to(UnixMillis::new(NOW + 7_200_000));
    assert_eq!(caller.get("/").await.code, "S403TE");
    assert_eq!(server.attempts(), 3);
}

#[tokio::test]
async fn a_server_that_always_says_expired_is_asked_twice() {
    let attempts = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&attempts);
    let app = Router::new().fallback(move || {
        let count = Arc::clone(&count);
        async move {
            count.fetch_add(1, Ordering::SeqCst);
            [("x-ca-error-code", "S403TE"), ("date", "Tue, 14 Nov 2023 23:13:20 GMT")]
        }
    });
    let caller = Caller::of(Stack::Reqwest1, learning(3 * HOUR), app).await;
    for call in 1..=2 {
        assert_eq!(caller.get("/").await.code, "S403TE");
        assert_eq!(attempts.load(Ordering::SeqCst), 2 * call);
    }
}

#[tokio::test]
async fn a_streamed_body_is_not_sent_once_more_and_teaches_the_time() {
    let server = Elsewhere::at(NOW + 7_200_000);
    let address = serve(server.app.clone()).await;
    let service = learning(3 * HOUR).layer(reqwest_client());
    let send = || {
        let mut request = put(address, reqwest::Body::wrap(crate::bodies::stream(&["abc"])));
        let digest = countersign::protocol::ContentMd5::of(b"abc").encode();
        request.headers_mut().insert("content-md5", digest.parse().unwrap());
        let service = service.clone();
        async move { service.oneshot(request).await.unwrap() }
    };
    assert_eq!(send().await.headers()["x-ca-error-code"], "S403TE");
    assert_eq!(server.attempts(), 1);
    assert_eq!(send().await.status(), 200);
    assert_eq!(server.attempts(), 2);
}

#[tokio::test]
async fn what_one_layer_learned_another_does_not_know() {
    let server = Elsewhere::at(NOW + 7_200_000);
    let learned = learning(3 * HOUR);
    let caller = Caller::of(Stack::Hyper1, learned.clone(), server.app.clone()).await;
    assert_eq!(caller.get("/").await.code, "200");
    let off = learned.with_clock_learning(ClockLearning::Off);
    let caller = Caller::of(Stack::Hyper1, off, server.app.clone()).await;
    assert_eq!(caller.get("/").await.code, "S403TE");
    let fresh = SignLayer::new(signer());
    let caller = Caller::of(Stack::Hyper1, fresh, server.app.clone()).await;
    assert_eq!(caller.get("/").await.code, "S403TE");
}
