//! The layers that ask for tokens, as a service around them sees them: answers, forwarded claims,
//! extractors, carriers, readiness, nesting, and what they have to do with app authentication.

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

mod adversary;
mod answers;
mod bodies;
mod carriers;
mod extractors;
mod forwarding;
mod matrix;
mod nesting;
mod observing;
mod readiness;
mod replays;
mod service;
mod spoofing;
mod stacked;
mod token;
