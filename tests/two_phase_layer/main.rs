//! What becomes of a nonce when its request could not be handled: the layers' `with_release`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../support/mod.rs"]
mod support;

mod cancellation;
mod nesting;
mod outcomes;
mod races;
mod service;
mod stores;
mod tokens;
