//! What the memory replay store costs, and that it keeps its promise at size.
//!
//! `cargo bench --bench replay_store`, or with the name of a part: `-- memory`. A harness of its own,
//! because what counts is ratios within a round, the longest of millions, and memory. The clock is
//! moved by the load, so a window of traffic passes in seconds.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

mod alone;
mod floor;
#[path = "../harness/mod.rs"]
mod harness;
mod load;
mod memory;
mod replays;
mod speed;
mod stalls;
mod state;

use harness::cpu;

fn main() {
    let parts: [(&str, fn()); 6] = [
        ("memory", memory::run),
        ("speed", speed::run),
        ("alone", alone::run),
        ("stalls", stalls::run),
        ("state", state::run),
        ("replays", replays::run),
    ];
    // cargo adds `--bench`.
    let wanted: Vec<_> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if wanted.first().is_some_and(|part| part == memory::CHILD) {
        return memory::child();
    }
    for (name, part) in parts {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            part();
        }
    }
}
