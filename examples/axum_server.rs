//! An axum server that answers every authentic request with who sent it.
//!
//! `cargo run --release --example axum_server` makes up an app and prints a signed `curl` command
//! for it; `-- --help` lists the options. It is served by hyper-util rather than `axum::serve`,
//! which cannot write header names in title case.

mod common;
mod echo;

use std::process::ExitCode;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use countersign::middleware::RequestId;

use common::verifier::Protection;
use echo::answer::answer;

fn main() -> ExitCode {
    echo::run("axum_server", app)
}

fn app(protection: Protection) -> Router {
    Router::new().fallback(echo).layer(protection)
}

/// The request's id is there only behind a layer: without one nobody is served.
async fn echo(_behind_a_layer: RequestId, request: Request) -> impl IntoResponse {
    answer(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn serves_the_authentic_only() {
        echo::testing::check(app).await;
    }
}
