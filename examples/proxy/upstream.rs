//! The connections to the service: a pool of them, made when needed.
//!
//! A connection that the service closed while it was idle is noticed, and not used. If it closes at
//! the very moment when a request is on its way, the request is sent again only if not a byte of it
//! was written; otherwise nobody knows what the service has done, and the answer is `D504CO`. Nothing
//! is sent twice.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower::ServiceExt;
use tower::util::MapErr;

use super::body::FromCaller;
use crate::common::BoxError;

/// What is spoken to the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Protocol {
    #[default]
    Http1,
    /// Without TLS, so by prior knowledge.
    Http2,
}

/// The service's name has no address.
#[derive(Debug, thiserror::Error)]
#[error("the name cannot be resolved")]
pub(crate) struct Unresolved(#[source] io::Error);

type Resolver = MapErr<GaiResolver, fn(io::Error) -> Unresolved>;

/// A request's body on its way to the service.
pub(crate) type Outgoing = FromCaller<UnsyncBoxBody<Bytes, BoxError>>;

pub(crate) type Pool = Client<HttpConnector<Resolver>, Outgoing>;

/// A pool without connections. `keep` is how long one may be idle: less than the service keeps it, or
/// requests meet closed connections.
pub(crate) fn pool(protocol: Protocol, connect: Duration, keep: Duration) -> Pool {
    let unresolved: fn(io::Error) -> Unresolved = Unresolved;
    let mut connector = HttpConnector::new_with_resolver(GaiResolver::new().map_err(unresolved));
    connector.set_connect_timeout(Some(connect));
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(keep)
        .http1_title_case_headers(true)
        .http2_only(protocol == Protocol::Http2)
        .build(connector)
}
