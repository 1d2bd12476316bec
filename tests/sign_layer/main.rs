//! The client's layer: over real sockets with hyper-util's client and reqwest against a strict
//! server, and as Tower sees it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../layer/backend.rs"]
#[allow(dead_code, reason = "the tests of the server's layer use the rest")]
mod backend;
#[path = "../layer/client.rs"]
#[allow(dead_code, reason = "the tests of the server's layer use the rest")]
mod client;

mod bodies;
mod caller;
mod calls;
mod clocks;
mod readiness;
mod retries;
mod streams;
