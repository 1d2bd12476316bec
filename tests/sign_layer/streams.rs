//! Bodies that are read to be signed, and those that are streamed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use bytes::Bytes;
use countersign::middleware::sign::{CallError, NotSent, SignedBody};
use countersign::protocol::ContentMd5;
use countersign::sign::SignError;
use http::{HeaderMap, Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::{BodyExt, Empty, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::{Layer, ServiceExt, service_fn};

use crate::backend::Backend;
use crate::bodies::{Announced, frames, never, stream, trailer, with_trailer};
use crate::caller::{layer, put, reqwest_client};
use crate::client::serve;

fn digest(body: &str) -> String {
    ContentMd5::of(body.as_bytes()).encode()
}

/// Whatever is sent is kept: the request's head, whether its length was known, and its body.
#[derive(Clone, Debug, Default)]
struct Sent {
    count: Arc<AtomicUsize>,
}

impl Sent {
    /// Sends to a service that answers what it got.
    async fn send<B>(
        &self,
        max: usize,
        request: Request<B>,
    ) -> Result<Response<(SizeHint, Bytes, Option<HeaderMap>)>, NotSent>
    where
        B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
            + Send
            + 'static,
    {
        let count = Arc::clone(&self.count);
        let service = service_fn(move |request: Request<SignedBody<B>>| {
            let count = Arc::clone(&count);
            async move {
                count.fetch_add(1, Ordering::SeqCst);
                let (head, body) = request.into_parts();
                let hint = body.size_hint();
                let body = body.collect().await.unwrap();
                let trailers = body.trailers().cloned();
                let mut answer = Response::new((hint, body.to_bytes(), trailers));
                *answer.headers_mut() = head.headers;
                Ok::<_, std::convert::Infallible>(answer)
            }
        });
        match layer().with_max_buffered(max).layer(service).oneshot(request).await {
            Ok(answer) => Ok(answer),
            Err(CallError::NotSent(reason)) => Err(reason),
            Err(CallError::Inner(never)) => match never {},
        }
    }

    async fn refused(&self, max: usize, request: Request<Body>) -> NotSent {
        let reason = self.send(max, request).await.unwrap_err();
        assert_eq!(self.count.load(Ordering::SeqCst), 0, "nothing was sent");
        reason
    }
}

#[tokio::test]
async fn a_stream_without_a_digest_is_refused_before_anything_is_sent() {
    let sent = Sent::default();
    let request = Request::post("/").body(Body::new(stream(&["a"]))).unwrap();
    assert!(matches!(sent.refused(100, request).await, NotSent::StreamWithoutDigest));
    // A digest that is none is none.
    let request =
        Request::post("/").header("content-md5", "x").body(Body::new(stream(&["a"]))).unwrap();
    assert!(matches!(sent.refused(100, request).await, NotSent::StreamWithoutDigest));
    // Nor is the body touched: this one never comes.
    let request = Request::post("/").body(Body::new(never())).unwrap();
    assert!(matches!(sent.refused(100, request).await, NotSent::StreamWithoutDigest));
}

#[tokio::test]
async fn a_stream_with_a_digest_is_streamed() {
    let sent = Sent::default();
    let request = Request::post("/").header("content-md5", digest("abc"));
    let request = request.body(stream(&["a", "bc"])).unwrap();
    let answer = sent.send(0, request).await.unwrap();
    assert_eq!(answer.headers()["content-md5"], digest("abc"));
    let (hint, body, _) = answer.into_body();
    assert_eq!(hint.exact(), None, "it was not read");
    assert_eq!(body, "abc");
}

#[tokio::test]
async fn a_form_is_never_streamed() {
    let request = Request::post("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-md5", digest("a=1"));
    let request = request.body(Body::new(stream(&["a=1"]))).unwrap();
    let reason = Sent::default().refused(100, request).await;
    assert!(matches!(reason, NotSent::Unsigned(SignError::FormByDigest)), "{reason}");
}

#[tokio::test]
async fn a_body_is_read_up_to_the_limit() {
    let sent = Sent::default();
    let request = || Request::post("/").body(Body::from("abc")).unwrap();
    let (hint, body, _) = sent.send(3, request()).await.unwrap().into_body();
    assert_eq!((hint.exact(), &body[..]), (Some(3), &b"abc"[..]));

    let reason = Sent::default().refused(2, request()).await;
    assert!(matches!(reason, NotSent::BodyTooLong { max: 2 }), "{reason}");

    let mut digested = request();
    digested.headers_mut().insert("content-md5", digest("abc").parse().unwrap());
    let (hint, body, _) = sent.send(2, digested).await.unwrap().into_body();
    assert_eq!((hint.exact(), &body[..]), (Some(3), &b"abc"[..]));
}

#[tokio::test]
async fn a_body_that_is_longer_than_it_says_is_not_read_on() {
    let request = Request::post("/").body(Body::new(Announced(3, stream(&["abc", "d"])))).unwrap();
    let reason = Sent::default().refused(3, request).await;
    assert!(matches!(reason, NotSent::BodyTooLong { max: 3 }), "{reason}");
}

#[tokio::test]
async fn a_body_that_breaks_is_not_sent() {
    let broken = frames(vec![
        Ok(Frame::data(Bytes::from_static(b"a"))),
        Err(std::io::Error::other("the disk is gone")),
    ]);
    let broken = Body::new(Announced(3, broken));
    let reason = Sent::default().refused(100, Request::post("/").body(broken).unwrap()).await;
    let NotSent::Body(cause) = reason else { panic!("{reason}") };
    assert_eq!(cause.to_string(), "the disk is gone");
}

#[tokio::test]
async fn trailers_stay_with_a_body_that_was_read() {
    let request = Request::post("/").body(Announced(3, with_trailer("abc"))).unwrap();
    let answer = Sent::default().send(3, request).await.unwrap();
    assert_eq!(answer.headers()["content-md5"], digest("abc"));
    let (_, body, seen) = answer.into_body();
    assert_eq!((&body[..], seen), (&b"abc"[..], Some(trailer())));
}

#[tokio::test]
async fn no_body_is_none() {
    let empty = Request::post("/").body(Empty::<Bytes>::new()).unwrap();
    let full = Request::post("/").body(Full::<Bytes>::default()).unwrap();
    let answers = [
        Sent::default().send(0, empty).await.unwrap(),
        Sent::default().send(0, full).await.unwrap(),
    ];
    for answer in answers {
        assert!(!answer.headers().contains_key("content-md5"));
        let (hint, body, _) = answer.into_body();
        assert_eq!((hint.exact(), body.len()), (Some(0), 0));
    }
}

#[tokio::test]
async fn a_digest_of_other_bytes_is_not_sent_if_they_are_known() {
    let request = Request::post("/").header("content-md5", digest("abc"));
    let reason = Sent::default().refused(100, request.body(Body::from("abd")).unwrap()).await;
    assert!(matches!(reason, NotSent::Unsigned(SignError::ContentMd5)), "{reason}");
}

#[tokio::test]
async fn a_streamed_body_is_accepted_over_real_sockets() {
    for http2 in [false, true] {
        let backend = Backend::strict();
        let address = serve(backend.app()).await;
        let client = Client::builder(TokioExecutor::new()).http2_only(http2).build_http();
        let service = layer().layer(client);
        let send = |declared: &str, pieces: &[&'static str]| {
            let request = Request::put(format!("http://{address}/"));
            let request = request.header("content-md5", declared).body(stream(pieces)).unwrap();
            let service = service.clone();
            async move { service.oneshot(request).await.unwrap() }
        };
        assert_eq!(send(&digest("abcdef"), &["abc", "def"]).await.status(), 200);
        // A stream that turns out to be empty is a body, and its digest says so.
        assert_eq!(send(&digest(""), &[]).await.status(), 200);
        let changed = send(&digest("abcdef"), &["abc", "deg"]).await;
        assert_eq!(changed.headers()["x-ca-error-code"], "I400I5");
    }
}

#[tokio::test]
async fn reqwest_streams_are_signed_by_their_digest_too() {
    let backend = Backend::strict();
    let address = serve(backend.app()).await;
    let service = layer().layer(reqwest_client());
    let request = || put(address, reqwest::Body::wrap(stream(&["abc", "def"])));
    let refused = service.clone().oneshot(request()).await.unwrap_err();
    assert!(matches!(refused, CallError::NotSent(NotSent::StreamWithoutDigest)), "{refused}");
    assert_eq!(backend.started(), 0);
    let mut digested = request();
    digested.headers_mut().insert("content-md5", digest("abcdef").parse().unwrap());
    assert_eq!(service.clone().oneshot(digested).await.unwrap().status(), 200);

    // One whose length is known is read, and keeps its trailers.
    let announced = put(address, reqwest::Body::wrap(Announced(3, with_trailer("abc"))));
    assert_eq!(service.oneshot(announced).await.unwrap().status(), 200);
}
