//! The reverse proxy as a process, between raw sockets on both sides.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../example_server/mod.rs"]
mod example_server;
#[path = "../support/mod.rs"]
mod support;

mod backend;
mod bodies;
mod connections;
mod documented;
mod drain;
mod faults;
mod forwarding;
mod load;
mod operators;
mod proxy;
mod service;
mod smuggling;
