//! The four SDKs of OpenAPI clients, unmodified, over real sockets.
//!
//! | SDK | schemes |
//! |---|---|
//! | PyPI `aliyun-python-sdk-core` | RPC, ROA |
//! | PyPI `alibabacloud-tea-openapi` | RPC, ROA, V3 |
//! | npm `@alicloud/pop-core` | RPC, ROA |
//! | npm `@alicloud/openapi-client`, with `@alicloud/openapi-util` | RPC, ROA, V3 |
//! | PyPI `alibabacloud-openapi-util`, which only signs | RPC, ROA, V3 |
//!
//! The drivers in `tests/clients/openapi-*` run the calls; [`cases`] says what each must answer: success
//! as the SDK sees it, or the SDK's own error with our code, message and id. `examples` runs them all
//! against the example servers, `clock` some against a server whose clock is another, and `knobs` those
//! that the strict policy refuses against the knob that lets them pass.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../example_server/mod.rs"]
mod example_server;

mod cases;
mod clock;
mod examples;
mod knobs;
mod sdk;
mod server;
