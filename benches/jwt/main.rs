//! What a token's verification costs beside its signature's check with a parsed key, and what one
//! costs that the cache knows.
//!
//! `cargo bench --bench jwt --features jwt-cache`, or with names of algorithms: `-- RS256 ES256`.
//! Aims: RS256, ES256 and EdDSA within 1.10 of the check, a cached hit within 300 ns. `benches/peers`
//! has the same tables with another library in them.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unimplemented,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

mod candidate;
#[path = "../harness/mod.rs"]
mod harness;
mod issuer;
mod rows;

fn main() {
    for algorithm in rows::ALGORITHMS {
        if harness::is_wanted(algorithm.as_str()) {
            rows::table(algorithm, |_, _| None);
        }
    }
}
