//! What a back-end signature proves to the service behind the gateway, and what it does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../support/mod.rs"]
mod support;

mod bodies;
mod coverage;
mod pairs;
mod readings;
mod replays;
mod secrecy;
