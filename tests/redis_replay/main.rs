//! `RedisReplayStore` against real servers, which the tests start for themselves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../support/mod.rs"]
mod support;

mod checks;
mod claims;
mod clocks;
mod cluster;
mod config;
mod faults;
mod keeps_the_rules;
mod load;
mod memories;
mod proxy;
mod server;
#[cfg(feature = "redis-tls")]
mod tls;
mod verifiers;
