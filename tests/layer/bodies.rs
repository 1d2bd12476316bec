//! What the inner service gets is what was sent.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, Empty};
use tower::{ServiceBuilder, ServiceExt, service_fn};

use crate::backend::{Backend, frames, pieces, send, whole, with_body};
use crate::support::{APP_CODE, Call, WINDOW_MILLIS};

#[tokio::test]
async fn a_body_arrives_as_it_was_sent_whether_it_was_read_or_not() {
    let backend = Backend::strict();
    for size in [1, 7, 4096] {
        let body = "x".repeat(10_000);
        for call in [
            Call::post("/").digested(&body).sign(),
            Call::post("/").form(format!("a={body}")).sign(),
            Call::post("/").body(&body).with_app_code(APP_CODE),
        ] {
            let answer = send(&backend.app(), pieces(&call, size)).await;
            assert_eq!(answer.code(), "200");
            assert_eq!(answer.body, call.body);
        }
    }
}

#[tokio::test]
async fn trailers_arrive_behind_a_body_that_was_read_for_its_digest() {
    let backend = Backend::strict();
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", "1".parse().unwrap());
    for call in [
        Call::post("/").digested("abc").sign(),
        Call::post("/").form("a=1").sign(),
        Call::post("/").body("abc").with_app_code(APP_CODE),
    ] {
        let data = Frame::data(Bytes::from(call.body.clone()));
        let body = frames([data, Frame::trailers(trailers.clone())]);
        let answer = send(&backend.app(), with_body(&call, body)).await;
        assert_eq!((answer.code().as_str(), answer.header("seen-trailers")), ("200", "1"));
        assert_eq!(answer.body, call.body);
    }
}

#[tokio::test]
async fn the_size_hint_of_a_body_does_not_change() {
    let hint_of = |request: Request<Body>| async {
        let backend = Backend::strict();
        let inner = service_fn(|request: Request<_>| async move {
            let body: countersign::middleware::RequestBody<Body> = request.into_body();
            let before = body.size_hint();
            let ended = body.is_end_stream();
            assert_eq!(body.collect().await.unwrap().to_bytes().is_empty(), ended);
            let mut response = Response::new(Empty::<Bytes>::new());
            response.extensions_mut().insert((before.exact(), before.lower()));
            Ok::<_, std::convert::Infallible>(response)
        });
        let service = ServiceBuilder::new().layer(backend.layer()).service(inner);
        let response = service.oneshot(request).await.unwrap();
        response.extensions().get::<(Option<u64>, u64)>().copied()
    };
    let read = Call::post("/").digested("abc").sign();
    let unread = Call::post("/").body("abc").with_app_code(APP_CODE);
    assert_eq!(hint_of(whole(&read)).await, Some((Some(3), 3)));
    assert_eq!(hint_of(whole(&unread)).await, Some((Some(3), 3)));
    let read = Call::post("/").digested("abc").sign();
    assert_eq!(hint_of(pieces(&read, 1)).await, Some((None, 0)));
    assert_eq!(hint_of(pieces(&unread, 1)).await, Some((None, 0)));
    let none = Call::get("/").sign();
    assert_eq!(hint_of(whole(&none)).await, Some((Some(0), 0)));
}

#[tokio::test]
async fn lesson_09_a_swapped_body_is_refused_and_burns_no_nonce() {
    let backend = Backend::strict();
    let call = Call::post("/").json(r#"{"a":1}"#).sign();
    let swapped = call.clone().with_body(r#"{"a":2}"#);
    assert_eq!(send(&backend.app(), whole(&swapped)).await.code(), "I400I5");
    assert_eq!(backend.started(), 0);
    assert_eq!(send(&backend.app(), whole(&call)).await.code(), "200");
}

#[tokio::test]
async fn lesson_10_a_form_type_without_a_form_is_still_verified() {
    let backend = Backend::strict();
    for method in ["GET", "HEAD", "POST", "DELETE"] {
        let form = |call: Call| call.header("content-type", "application/x-www-form-urlencoded");
        let signed = form(Call::new(method, "/a")).sign();
        let forged = form(Call::new(method, "/a")).key("203710001", "not the secret").sign();
        for (call, code) in [(signed, "200"), (forged, "A403IS")] {
            let without = send(&backend.app(), with_body(&call, Body::empty())).await;
            assert_eq!(without.code(), code, "{method}");
            let call = match code {
                "200" => form(Call::new(method, "/a")).sign(),
                _ => call,
            };
            let empty_chunked = send(&backend.app(), pieces(&call, 1)).await;
            assert_eq!(empty_chunked.code(), code, "{method}");
        }
    }
    assert_eq!(backend.started(), 8);
}

#[tokio::test]
async fn lesson_13_a_body_that_breaks_off_is_refused_and_burns_no_nonce() {
    let backend = Backend::strict();
    let broken = || {
        let frames = [Ok(Frame::data(Bytes::from("{"))), Err(std::io::Error::other("reset"))];
        Body::new(http_body_util::StreamBody::new(futures_util::stream::iter(frames)))
    };
    for call in [Call::post("/").json("{}").sign(), Call::post("/").form("a=1").sign()] {
        let answer = send(&backend.app(), with_body(&call, broken())).await;
        assert_eq!(answer.code(), "I400BD");
        assert_eq!(answer.header("x-ca-error-message"), "Invalid Body: it ended early");
        assert_eq!(backend.started(), 0);
    }
    let call = Call::post("/").json("{}").sign();
    let request = with_body(&call, broken());
    assert_eq!(send(&backend.app(), request).await.code(), "I400BD");
    assert_eq!(send(&backend.app(), whole(&call)).await.code(), "200");
}

#[tokio::test]
async fn lesson_20a_a_body_dripped_past_the_window_is_expired_and_never_handled() {
    let backend = Backend::strict();
    let call = Call::post("/").json("{}").sign();
    let clock = backend.clock.clone();
    let body = futures_util::stream::iter(0..2).map(move |piece| {
        // The head arrives at the window's last instant, the end of the body after it.
        let step = if piece == 0 { WINDOW_MILLIS } else { 1 };
        clock.advance(std::time::Duration::from_millis(step));
        Ok::<_, std::convert::Infallible>(Frame::data(Bytes::from(["{", "}"][piece])))
    });
    use futures_util::StreamExt;
    let body = Body::new(http_body_util::StreamBody::new(body));
    assert_eq!(send(&backend.app(), with_body(&call, body)).await.code(), "S403TE");
    assert_eq!(backend.started(), 0);
}
