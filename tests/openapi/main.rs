//! The signatures of OpenAPI requests: the published vectors, and what holds for every request.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../flips/mod.rs"]
mod flips;
#[path = "../strategies/mod.rs"]
mod strategies;
#[path = "../support/mod.rs"]
mod support;

mod client;
mod judge;
mod properties;
#[cfg(feature = "openapi-rsa")]
mod rsa;
mod signer;
mod vectors;
