//! The layer, as a service around it sees it: bodies, readiness, nesting, options, real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../support/mod.rs"]
mod support;

mod adversary;
mod backend;
mod bodies;
mod client;
mod limits;
mod matrix;
mod nesting;
mod options;
mod readiness;
mod replays;
mod sockets;
