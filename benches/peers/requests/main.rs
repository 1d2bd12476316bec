//! A signed GET and a JSON POST of 1 KiB, verified by countersign and by other crates, each with the
//! scheme that is its own and as its documentation verifies.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --bin requests`. The schemes differ, so
//! do the jobs; the ratio is to countersign's cryptography.
//!
//! | row | what it checks | what it does not |
//! |---|---|---|
//! | cryptography | the MAC of the ready string with the ready key, the MD5 of the body | all else |
//! | countersign | [`Subject`]: limits, headers, key, time, string to sign, signature, digest, nonce once | |
//! | the same, written plainly | [`plain`]: key, time, string to sign, signature, digest, nonce once | limits, doubled headers, bounded memory |
//! | nonce-auth | time, MAC of time, nonce and payload, nonce once | what the payload is (here the body, of a GET the path), headers, which key, a bound of memory; the MAC is compared as text |
//! | standardwebhooks | time, MAC of id, time and payload | the same, and **replays** |
//! | scratchstack-aws-signature | SigV4: time, scope, canonical request, signature, SHA-256 of the body | **replays**; the look-up of the key is the caller's, here at hand |
//! | httpsig-hyper | RFC 9421: the covered components, `expires`, signature, `Content-Digest` (SHA-256) | **replays**; what must be covered; the look-up of the key |
//!
//! Futures of peers are always ready here, as no store waits, and are polled once. A request that a
//! peer takes for good is made before the time counts, and dropped after.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

#[path = "../../harness/mod.rs"]
mod harness;
mod message_signatures;
mod nonce_auth;
mod peer;
#[path = "../../verify/plain.rs"]
mod plain;
#[path = "../../verify/request/mod.rs"]
mod request;
mod sigv4;
#[path = "../../verify/subject.rs"]
mod subject;
mod webhooks;

use countersign::error::ErrorCode;
use harness::rounds::{Row, compare, numbers};
use message_signatures::MessageSignatures;
use nonce_auth::NonceAuth;
use peer::Peer;
use request::{Kind, Signed};
use sigv4::SigV4;
use subject::Subject;
use webhooks::Webhooks;

fn main() {
    for kind in [Kind::Get, Kind::Json(1 << 10)] {
        if harness::is_wanted(&kind.name()) {
            table(kind);
        }
    }
}

fn table(kind: Kind) {
    let (ours, plain) = (Subject::new(1, 0), plain::Verifier::new(1));
    let (nonces, webhooks) = (NonceAuth::new(), Webhooks::new());
    let (sigv4, messages) = (SigV4::new(), MessageSignatures::new());
    let make = |number| Signed::new(kind, 1, number);
    let mut changed = make(numbers(1).start);
    changed.set("accept", "text/plain");
    ours.refuse(&changed, ErrorCode::A403IS);
    assert!(!plain.accepts(changed.head(), &changed.body));
    compare(
        &kind.name(),
        kind.batch(),
        &[
            Row::new("cryptography", make, each(Signed::check_cryptography)),
            Row::new("countersign", make, each(|request| ours.accept(request))),
            Row::new(
                "the same, written plainly",
                make,
                each(|request| assert!(plain.accepts(request.head(), &request.body))),
            ),
            nonces.row(kind),
            webhooks.row(kind),
            sigv4.row(kind),
            messages.row(kind),
        ],
    );
}

fn each<'a>(run: impl Fn(&Signed) + 'a) -> impl Fn(&[Signed]) + 'a {
    move |requests| requests.iter().for_each(&run)
}
