//! Lessons of other projects: keys that an issuer publishes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[cfg(feature = "jwt-cache")]
mod cache;
mod documents;
mod endpoint;
mod freshness;
mod https;
mod issuer;
mod lifetime;
mod outage;
mod unknown_kids;
