//! The layer around a service behind the gateway, as the service sees it: answers, bodies, replays,
//! real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../layer/backend.rs"]
#[allow(dead_code, reason = "the tests of the app layer use the rest")]
mod backend;
#[path = "../layer/client.rs"]
mod client;
#[path = "../support/mod.rs"]
mod support;

mod answers;
mod bodies;
mod limits;
mod nesting;
mod releases;
mod service;
mod sockets;
