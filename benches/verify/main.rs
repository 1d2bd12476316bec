//! What a verification costs beside the cryptography that it cannot do without, and beside the same
//! rules written plainly.
//!
//! `cargo bench --bench verify`, or with parts of tables' names: `-- GET form`, `-- growth`. Every row of a table takes
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

mod growth;
#[path = "../harness/mod.rs"]
mod harness;
mod plain;
mod request;
mod subject;
mod threads;

use countersign::error::ErrorCode;
use harness::is_wanted;
use harness::rounds::{Row, compare};
use request::{Kind, Signed};
use subject::{OpenApiSubject, Subject};

fn main() {
    for kind in Kind::ALL {
        if is_wanted(&kind.name()) {
            accepted(kind);
        }
    }
    for kind in Kind::OPENAPI {
        if is_wanted(&kind.name()) {
            openapi(kind);
        }
    }
    if is_wanted("refused") {
        refused();
    }
    if is_wanted("cold") {
        cold();
    }
    if is_wanted("growth") {
        growth::run();
    }
    if is_wanted("threads") {
        threads::run();
    }
}

/// One app, its requests warm.
fn accepted(kind: Kind) {
    let (ours, plain) = (Subject::new(1, 0), plain::Verifier::new(1));
    let make = |number| Signed::new(kind, 1, number);
    let mut rows = vec![
        Row::new("cryptography", make, each(Signed::check_cryptography)),
        Row::new("countersign", make, each(|request| ours.accept(request))),
    ];
    if kind != Kind::AppCode {
        let run = each(|request| assert!(plain.accepts(request.head(), &request.body)));
        rows.push(Row::new("the same, written plainly", make, run));
    }
    compare(&kind.name(), kind.batch(), &rows);
}

/// One AccessKey, its requests warm.
fn openapi(kind: Kind) {
    let ours = OpenApiSubject::new(1);
    let make = |number| Signed::new(kind, 1, number);
    let rows = [
        Row::new("cryptography", make, each(Signed::check_cryptography)),
        Row::new("countersign", make, each(|request| ours.accept(request))),
    ];
    compare(&kind.name(), kind.batch(), &rows);
}

/// What is refused, beside what is accepted.
fn refused() {
    let kind = Kind::Get;
    let subject = Subject::new(1, 0);
    let make = |number| Signed::new(kind, 1, number);
    let row = |name, code, change: fn(&mut Signed)| {
        let subject = &subject;
        let make = move |number| {
            let mut request = make(number);
            change(&mut request);
            request
        };
        Row::new(name, make, each(move |request| subject.refuse(request, code)))
    };
    let accept = || each(|request| subject.accept(request));
    let refuse_used = each(|request| subject.refuse(request, ErrorCode::S403NU));
    let rows = [
        Row::new("accepted", make, accept()),
        row("wrong signature", ErrorCode::A403IS, |request| request.set("accept", "text/plain")),
        row("unknown key", ErrorCode::A400IK, |request| request.set("x-ca-key", "nobody")),
        row("stale", ErrorCode::S403TE, |request| request.set("x-ca-timestamp", "1500000000000")),
        row("nonce missing", ErrorCode::I400NC, |request| request.remove("x-ca-nonce")),
        row("garbage", ErrorCode::I400HD, |request| {
            request.set("x-ca-signature-headers", "/x, \u{1f4a9},,");
        }),
        row("too long", ErrorCode::I413UL, |request| request.lengthen(9_000)),
        Row::prepared("replay", make, accept(), refuse_used),
    ];
    compare("refused, a GET", kind.batch(), &rows);
}

/// A thousand apps and a million live nonces, so that nothing is in a cache.
fn cold() {
    const APPS: usize = 1_000;
    let subject = Subject::new(APPS, 1_000_000);
    for kind in Kind::ALL {
        let make = |number| Signed::new(kind, APPS, number);
        let rows = [
            Row::new("cryptography", make, each(Signed::check_cryptography)),
            Row::new("countersign", make, each(|request| subject.accept(request))),
        ];
        compare(&format!("cold, {}", kind.name()), kind.batch() * 10, &rows);
    }
}

pub(crate) fn each<'a>(run: impl Fn(&Signed) + 'a) -> impl Fn(&[Signed]) + 'a {
    move |requests| requests.iter().for_each(&run)
}
