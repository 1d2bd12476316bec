//! What a verification costs beside the cryptography that it cannot do without, and beside the same
//! rules written plainly.
//!
//! `cargo bench --bench verify`, or with parts of rows' names: `-- get form`. Every row of a table takes
//! its turn in every round, and ratios are taken within a round, because machines are noisy. The time is
//! the thread's own processor time. Read a table only if its `min` and `median` are close.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

#[path = "../replay_store/cpu.rs"]
mod cpu;
mod plain;
mod request;
mod rounds;
mod subject;

use countersign::error::ErrorCode;
use request::{Kind, Signed};
use rounds::{Row, compare};
use subject::Subject;

fn main() {
    // cargo adds `--bench`.
    let wanted: Vec<_> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    for kind in Kind::ALL {
        if is_wanted(kind.name()) {
            accepted(kind);
        }
    }
    if is_wanted("refused") {
        refused();
    }
    if is_wanted("cold") {
        cold();
    }
}

/// One app, its requests warm.
fn accepted(kind: Kind) {
    let (ours, plain) = (Subject::new(1, 0), plain::Verifier::new(1));
    let mut rows = vec![
        Row::new("cryptography", |requests: &[Signed]| {
            requests.iter().for_each(|request| request.check_cryptography());
        }),
        Row::new("countersign", |requests: &[Signed]| {
            requests.iter().for_each(|request| ours.accept(request));
        }),
    ];
    if kind != Kind::AppCode {
        rows.push(Row::new("the same, written plainly", |requests: &[Signed]| {
            requests.iter().for_each(|request| assert!(plain.accepts(request)));
        }));
    }
    compare(kind.name(), kind.batch(), |number| Signed::new(kind, 1, number), rows);
}

/// What is refused, beside what is accepted.
fn refused() {
    let subject = Subject::new(1, 0);
    let row = |name, code, change: fn(&mut Signed)| {
        let subject = &subject;
        Row::new(name, move |requests: &[Signed]| {
            requests.iter().for_each(|request| subject.refuse(request, code));
        })
        .changing(change)
    };
    let rows = vec![
        Row::new("accepted", |requests: &[Signed]| {
            requests.iter().for_each(|request| subject.accept(request));
        }),
        row("wrong signature", ErrorCode::A403IS, |request| request.set("accept", "text/plain")),
        row("unknown key", ErrorCode::A400IK, |request| request.set("x-ca-key", "nobody")),
        row("stale", ErrorCode::S403TE, |request| request.set("x-ca-timestamp", "1500000000000")),
        row("nonce missing", ErrorCode::I400NC, |request| request.remove("x-ca-nonce")),
        row("garbage", ErrorCode::I400HD, |request| {
            request.set("x-ca-signature-headers", "/x, \u{1f4a9},,");
        }),
        row("too long", ErrorCode::I413UL, |request| request.lengthen(9_000)),
        Row::new("replay", |requests: &[Signed]| {
            requests.iter().for_each(|request| subject.refuse(request, ErrorCode::S403NU));
        })
        .prepared(|requests: &[Signed]| {
            requests.iter().for_each(|request| subject.accept(request));
        }),
    ];
    let kind = Kind::Get;
    compare("refused, a GET", kind.batch(), |number| Signed::new(kind, 1, number), rows);
}

/// A thousand apps and a million live nonces, so that nothing is in a cache.
fn cold() {
    const APPS: usize = 1_000;
    let subject = Subject::new(APPS, 1_000_000);
    let rows = vec![
        Row::new("cryptography", |requests: &[Signed]| {
            requests.iter().for_each(|request| request.check_cryptography());
        }),
        Row::new("countersign", |requests: &[Signed]| {
            requests.iter().for_each(|request| subject.accept(request));
        }),
    ];
    let kind = Kind::Get;
    compare("cold, a GET", 1_000, |number| Signed::new(kind, APPS, number), rows);
}
