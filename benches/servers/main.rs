//! What the layer costs a server: the processor time of the server's thread for a request, beside the
//! same server without a layer. Another thread sends requests that were signed before.
//!
//! `cargo bench --bench servers`, or with parts of tables' names: `-- axum`.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

mod apps;
mod around;
#[path = "../harness/mod.rs"]
mod harness;
mod load;
#[path = "../verify/plain.rs"]
mod plain;
#[path = "../verify/request/mod.rs"]
mod request;
mod serving;
#[path = "../verify/subject.rs"]
mod subject;
mod wire;

use std::net::SocketAddr;

use axum::Router;
use tower::layer::util::Identity;
use tower::util::MapRequestLayer;
use tower::{Layer, service_fn};

use apps::{answer, countersign, cryptography, plainly, router};
use harness::is_wanted;
use harness::rounds::{numbers, report};
use load::{Load, status};
use request::{Kind, Signed};
use serving::Thread;

const CONNECTIONS: usize = 16;
const REQUESTS: usize = 1_000;
const ROUNDS: usize = 60;
/// Rounds before those that count.
const WARM_UP: usize = 5;

/// A server, and whether it refuses what it has seen.
struct Variant(&'static str, SocketAddr, Replays);

#[derive(PartialEq)]
enum Replays {
    Accepted,
    Refused,
}

fn main() {
    let thread = Thread::start();
    for (server, variants) in [("axum", axum(&thread)), ("hyper", hyper(&thread))] {
        for kind in [Kind::Get, Kind::Json(1 << 10)] {
            let title = format!("{server}, {}", kind.name());
            if is_wanted(&title) {
                compare(&title, kind, &thread, &variants);
            }
        }
    }
}

fn axum(thread: &Thread) -> Vec<Variant> {
    let serve = |app: Router| thread.axum(app);
    vec![
        Variant("no layer", serve(router()), Replays::Accepted),
        Variant(
            "a layer that does nothing",
            serve(router().layer(Identity::new())),
            Replays::Accepted,
        ),
        Variant(
            "cryptography",
            serve(router().layer(MapRequestLayer::new(cryptography()))),
            Replays::Accepted,
        ),
        Variant("countersign", serve(router().layer(countersign())), Replays::Refused),
        Variant("the same, written plainly", serve(router().layer(plainly())), Replays::Refused),
    ]
}

fn hyper(thread: &Thread) -> Vec<Variant> {
    let cryptography = MapRequestLayer::new(cryptography()).layer(service_fn(answer));
    vec![
        Variant("no layer", thread.hyper(service_fn(answer)), Replays::Accepted),
        Variant("cryptography", thread.hyper(cryptography), Replays::Accepted),
        Variant(
            "countersign",
            thread.hyper(countersign().layer(service_fn(answer))),
            Replays::Refused,
        ),
        Variant(
            "the same, written plainly",
            thread.hyper(plainly().layer(service_fn(answer))),
            Replays::Refused,
        ),
    ]
}

fn compare(title: &str, kind: Kind, thread: &Thread, variants: &[Variant]) {
    let sign = |number| wire::encode(Signed::new(kind, 1, number));
    for Variant(name, address, replays) in variants {
        let request = sign(numbers(1).start);
        assert_eq!(status(*address, &request), 200, "{name}");
        let again = if *replays == Replays::Refused { 403 } else { 200 };
        assert_eq!(status(*address, &request), again, "{name}");
    }
    let mut loads: Vec<_> = variants
        .iter()
        .map(|Variant(_, address, _)| Load::connect(*address, CONNECTIONS))
        .collect();
    let mut samples = vec![Vec::with_capacity(ROUNDS); variants.len()];
    for round in 0..WARM_UP + ROUNDS {
        for turn in 0..variants.len() {
            let at = (turn + round) % variants.len();
            let requests: Vec<_> = numbers(REQUESTS).map(sign).collect();
            let start = thread.cpu();
            let answers = loads[at].send(&requests, || true);
            let nanos = (thread.cpu() - start).as_nanos() as f64 / REQUESTS as f64;
            assert_eq!(answers.len(), REQUESTS);
            if round >= WARM_UP {
                samples[at].push(nanos);
            }
        }
    }
    let names = variants.iter().map(|Variant(name, ..)| *name);
    report(title, &names.zip(samples).collect::<Vec<_>>());
}
