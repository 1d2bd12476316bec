//! What the layer costs around a service, without a socket: beside the service alone, beside the
//! verifier alone, and for long bodies beside their digest alone.
//!
//! `cargo bench --bench layer`, or with parts of tables' names: `-- GET`. The requests' bodies come in
//! pieces of 16 KiB, as from a socket, unless the row says otherwise.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

mod case;
#[path = "../harness/mod.rs"]
mod harness;
mod leaf;
#[path = "../verify/request/mod.rs"]
mod request;
#[path = "../verify/subject.rs"]
mod subject;

use std::hint::black_box;

use countersign::middleware::AppAuthLayer;
use countersign::middleware::app_auth::Authentication;
use countersign::protocol::ContentMd5;
use tower::{Layer, service_fn};

use case::{Case, tell};
use harness::is_wanted;
use leaf::leaf;
use request::{Kind, Signed};
use subject::Subject;

const PIECE: usize = 16 << 10;

fn main() {
    // The layer bounds the time that a body may take by tokio's timer.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _entered = runtime.enter();
    for kind in [Kind::Get, Kind::Json(1 << 10)] {
        if is_wanted(&kind.name()) {
            around(kind);
        }
    }
    for (len, title) in [
        (1 << 10, "a body of 1 KiB"),
        (16 << 10, "a body of 16 KiB"),
        (128 << 10, "a body of 128 KiB"),
        (1 << 20, "a body of 1 MiB"),
    ] {
        if is_wanted(title) {
            body(len, title);
        }
    }
}

/// What is around a service.
fn around(kind: Kind) {
    let subject = Subject::new(1, 20_000);
    let layer = AppAuthLayer::new(subject.verifier());
    let open = layer.clone().with_authentication(Authentication::Optional);
    let sign = move |number| Signed::new(kind, 1, number);
    let mut cases = vec![
        Case::calling("the service alone", sign, PIECE, service_fn(leaf)),
        Case::new("cryptography alone", sign, Signed::check_cryptography),
        Case::new("the verifier alone", sign, |request: &Signed| subject.accept(request)),
        Case::calling("behind the layer", sign, PIECE, layer.layer(service_fn(leaf))),
    ];
    if kind == Kind::Get {
        // No verifier that says yes to everything: these are the shortest ways through the layer.
        let stranger = |number| {
            let mut request = Signed::new(Kind::AppCode, 1, number);
            request.remove("authorization");
            request
        };
        let code = |number| Signed::new(Kind::AppCode, 1, number);
        cases.push(Case::calling(
            "a stranger who may pass",
            stranger,
            PIECE,
            open.layer(service_fn(leaf)),
        ));
        cases.push(Case::calling("an AppCode", code, PIECE, layer.layer(service_fn(leaf))));
    }
    tell(&kind.name(), 100, cases);
}

/// A long body beside its digest.
fn body(len: usize, title: &str) {
    let subject = Subject::new(1, 20_000);
    let layer = AppAuthLayer::new(subject.verifier());
    let sign = move |number| Signed::new(Kind::Json(len), 1, number);
    let cases = vec![
        Case::new("its MD5 alone", sign, |request: &Signed| {
            black_box(ContentMd5::of(black_box(&request.body)));
        }),
        Case::calling("in pieces", sign, PIECE, layer.layer(service_fn(leaf))),
        Case::calling("in one piece", sign, usize::MAX, layer.layer(service_fn(leaf))),
    ];
    tell(title, (100 << 10) / len.max(1 << 10) + 1, cases);
}
