//! Nodes under load while their Redis fails in every way that is documented.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../redis_server/mod.rs"]
mod redis_server;
#[path = "../support/mod.rs"]
mod support;
#[path = "../swarm/mod.rs"]
mod swarm;

mod clock;
mod faults;
mod node;
