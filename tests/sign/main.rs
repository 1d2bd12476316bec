//! The signer: what it adds, what it refuses, and that a verifier accepts the rest.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../strategies/mod.rs"]
mod strategies;
#[path = "../support/mod.rs"]
mod support;

mod additions;
mod app_codes;
mod bodies;
mod clocks;
mod properties;
mod refusals;
mod secrecy;
mod signing;
mod vectors;
