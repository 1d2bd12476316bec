//! The server of `axum_server` without axum: hyper and tower only.
//!
//! `cargo run --release --example hyper_server` takes the same options and gives the same answers.

mod common;
mod echo;

use std::convert::Infallible;
use std::process::ExitCode;

use bytes::Bytes;
use countersign::error::ErrorCode;
use countersign::middleware::{RequestBody, RequestId, ResponseBody};
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower::{Service, ServiceBuilder, service_fn};

use common::BoxError;
use common::verifier::Protection;
use echo::answer::{answer, refused};

fn main() -> ExitCode {
    echo::run("hyper_server", app)
}

fn app<B>(
    protection: Protection,
) -> impl Service<
    Request<B>,
    Response = Response<ResponseBody<Full<Bytes>>>,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send
+ 'static
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    ServiceBuilder::new().layer(protection).service(service_fn(echo::<B>))
}

async fn echo<B>(request: Request<RequestBody<B>>) -> Result<Response<Full<Bytes>>, Infallible>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    // The request's id is there only behind a layer: without one nobody is served.
    Ok(match request.extensions().get::<RequestId>() {
        Some(_) => answer(request).await,
        None => refused(ErrorCode::X500ER.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn serves_the_authentic_only() {
        echo::testing::check(app).await;
    }
}
