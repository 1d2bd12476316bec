//! GETs through the layer, around a service that does nothing.

use std::cell::RefCell;
use std::convert::Infallible;

use bytes::Bytes;
use countersign::middleware::AppAuthLayer;
use http::{Request, Response};
use http_body_util::Empty;
use tower::{Layer, Service, service_fn};

use crate::apps::{Subject, wrong};
use crate::harness::ready::ready;
use crate::request::{Kind, Signed};
use crate::{Case, measure};

pub(crate) const CASES: [Case; 2] = [
    ("layer: accepted GET", || answered(200, |_| {})),
    ("layer: refused GET, wrong signature", || answered(403, wrong)),
];

fn answered(status: u16, change: fn(&mut Signed)) {
    async fn ok<B>(_: Request<B>) -> Result<Response<Empty<Bytes>>, Infallible> {
        Ok(Response::new(Empty::new()))
    }
    let subject = Subject::new();
    let layer = AppAuthLayer::new(subject.verifier.clone());
    let service = RefCell::new(layer.layer(service_fn(ok)));
    let make = |number| {
        let mut signed = subject.signed(Kind::Get, number);
        change(&mut signed);
        let mut request = Request::new(Empty::<Bytes>::new());
        *request.uri_mut() = signed.target;
        *request.headers_mut() = signed.headers;
        Some(request)
    };
    measure(&subject.clock, make, |request| {
        let request = request.take().expect("it is asked once");
        ready(service.borrow_mut().call(request)).unwrap().status() == status
    });
}
