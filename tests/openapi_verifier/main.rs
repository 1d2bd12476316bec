//! The checks of OpenAPI requests, step by step.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../openapi_client/mod.rs"]
mod bench;
mod bodies;
mod keys;
mod order;
mod replays;
mod roa;
mod rpc;
mod secrecy;
mod v3;
