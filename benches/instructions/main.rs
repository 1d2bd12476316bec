//! Requests for callgrind to count the instructions of: `scripts/cost` runs this and compares.
//!
//! `instructions CASE` makes requests of one case and has them answered, each by one call of
//! `measured`; without a case it lists them. Time stands still but for a millisecond between two
//! requests, and the replay store is in use, so that counts repeat but for what the stores' random hash
//! keys make of them: on the average of some thousand requests, a few instructions.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

mod apps;
#[path = "../harness/mod.rs"]
mod harness;
mod layer;
mod openapi;
#[path = "../verify/request/mod.rs"]
mod request;
mod token;

use std::hint::black_box;
use std::time::Duration;

use countersign::clock::{ManualClock, UnixMillis};

/// So many that a table of the replay store that grows makes no difference.
const REQUESTS: u64 = 4_000;
const NOW: UnixMillis = UnixMillis::new(1_700_000_000_000);

/// A case and what runs it.
type Case = (&'static str, fn());

fn main() {
    let cases = [&apps::CASES[..], &openapi::CASES, &layer::CASES, &token::CASES].concat();
    // cargo adds `--bench`.
    match std::env::args().nth(1).filter(|arg| !arg.starts_with("--")) {
        None => cases.iter().for_each(|(name, _)| println!("{name}")),
        Some(wanted) => {
            let (_, run) = cases.iter().find(|(name, _)| *name == wanted).expect("a case's name");
            run();
            println!("{REQUESTS}");
        }
    }
}

/// Makes requests and has each answered, a millisecond after the other. An answer says whether it is
/// the one that the case is about.
fn measure<R>(clock: &ManualClock, make: impl Fn(u64) -> R, answer: impl Fn(&mut R) -> bool) {
    for number in 0..REQUESTS {
        clock.advance(Duration::from_millis(1));
        let mut request = make(number);
        assert!(measured(&mut || answer(&mut request)), "not the case's answer");
    }
}

/// The only function in which instructions are counted, with all that it calls.
#[inline(never)]
fn measured(answer: &mut dyn FnMut() -> bool) -> bool {
    black_box(answer())
}
