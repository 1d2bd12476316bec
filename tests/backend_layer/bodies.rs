//! What the service gets is what was sent.

use bytes::Bytes;
use countersign::verify::backend::{BackendPolicy, BodyCoverage};
use http::HeaderMap;
use http_body::Frame;

use crate::backend::{frames, pieces, send, whole, with_body};
use crate::service::Service;
use crate::support::{Forwarded, Wire};

/// One request of each kind of body, and whether it is read before the service is called.
fn requests(body: &str) -> [Wire; 4] {
    [
        Forwarded::post("/").json(body).digested(body).sign(),
        Forwarded::post("/").json(body).digesting_gateway().sign(),
        Forwarded::post("/").form(body).sign(),
        Forwarded::post("/").json(body).sign(),
    ]
}

fn lenient() -> Service {
    Service::new(BackendPolicy::strict().with_body_coverage(BodyCoverage::AsSent))
}

#[tokio::test]
async fn a_body_arrives_as_it_was_sent_whether_it_was_read_or_not() {
    let app = lenient().app();
    for size in [1, 7, 4096] {
        for call in requests(&format!("a={}", "x".repeat(10_000))) {
            let answer = send(&app, pieces(&call, size)).await;
            assert_eq!(answer.code(), "200");
            assert_eq!(answer.body, call.body);
        }
    }
}

#[tokio::test]
async fn trailers_arrive_behind_a_body_whether_it_was_read_or_not() {
    let app = lenient().app();
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", "1".parse().unwrap());
    for call in requests("a=1") {
        let data = Frame::data(Bytes::from(call.body.clone()));
        let body = frames([data, Frame::trailers(trailers.clone())]);
        let answer = send(&app, with_body(&call, body)).await;
        assert_eq!((answer.code().as_str(), answer.header("seen-trailers")), ("200", "1"));
        assert_eq!(answer.body, call.body);
    }
}

#[tokio::test]
async fn a_body_that_is_none_after_all_is_covered() {
    let app = Service::strict().app();
    let call = Forwarded::post("/").sign();
    assert_eq!(send(&app, with_body(&call, frames([]))).await.code(), "200");
    let some = frames([Frame::data(Bytes::from_static(b"x"))]);
    assert_eq!(send(&app, with_body(&call, some)).await.code(), "I400MH");
}

#[tokio::test]
async fn a_swapped_body_is_refused_before_the_service_is_called() {
    let service = Service::strict();
    let [digested, by_gateway, form, uncovered] = requests("a=1");
    for (call, code) in
        [(digested, "I400I5"), (by_gateway, "A403IS"), (form, "A403IS"), (uncovered, "I400MH")]
    {
        let swapped = call.with_body("a=2");
        assert_eq!(send(&service.app(), whole(&swapped)).await.code(), code);
        assert_eq!(send(&service.app(), pieces(&swapped, 1)).await.code(), code);
    }
    assert_eq!(service.started(), 0);
}
