//! What a state file promises across a restart, one sentence per test.
//!
//! A store that is dropped without being closed leaves what a killed process leaves: nothing is
//! written then. `killed` does it with processes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod clocks;
mod concurrency;
mod damage;
mod files;
mod killed;
mod outage;
mod restart;
