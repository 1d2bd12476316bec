//! `RedisReplayStore` against real servers, which the tests start for themselves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../redis_server/mod.rs"]
mod server;
#[path = "../support/mod.rs"]
mod support;

mod checks;
mod claims;
mod cluster;
mod config;
mod failover;
mod faults;
mod keeps_the_rules;
mod load;
mod memories;
#[cfg(feature = "redis-tls")]
mod tls;
mod verifiers;
