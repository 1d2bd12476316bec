//! What the two servers share that answer who sent what.

pub(crate) mod answer;
#[cfg(test)]
pub(crate) mod testing;

use std::convert::Infallible;
use std::process::ExitCode;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use lexopt::Parser;
use tower::Service;

use crate::common::args::{Family, OwnFlags};
use crate::common::serve::Serving;
use crate::common::server::Server;
use crate::common::verifier::Protection;
use crate::common::{self, BoxError, Problem};

/// They have no flags of their own.
struct NoFlags;

impl OwnFlags for NoFlags {
    const ABOUT: &'static str = "Answers every authentic request with who sent it.";
    const USAGE: &'static str = "
  --openapi               verify OpenAPI clients (RPC, ROA, V3) instead, by the accessKeys of
                          --apps, which it needs; --policy gateway is then all that these
                          clients send; it listens from the next whole second on, because
                          they date in seconds

";
    const FAMILIES: &'static [Family] = &[Family::Gateway, Family::OpenApi];

    fn take(&mut self, _: &str, _: &mut Parser) -> Result<bool, Problem> {
        Ok(false)
    }

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }
}

/// Runs the server called `name` around the service that `app` makes.
pub(crate) fn run<S, B>(name: &str, app: impl FnOnce(Protection) -> S) -> ExitCode
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    common::run(name, NoFlags, |NoFlags, protection, _| {
        Ok(Server {
            service: app(protection),
            serving: Serving::default(),
            announcement: String::new(),
            before_stop: Box::pin(std::future::ready(())),
        })
    })
}
