//! Why a signature is refused: broken clients against the real verifier, whose message is explained.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod broken;
mod fixed_lines;
mod headers;
mod parameters;
mod path;
mod properties;
mod shape;
mod signature;
