//! What is answered where the service is not.
//!
//! | what happened | code |
//! |---|---|
//! | its name has no address | `D504RE` |
//! | no connection, or not in time | `D504CO` |
//! | the connection ended before the answer, or the answer is no HTTP | `D504CO` |
//! | no answer in time | `D504TO`, by [`Progress`](super::progress::Progress) |
//! | the caller's body broke off | `I400BD`, by the same |
//!
//! A fault after the answer's head has no code: its status is sent already. The caller's connection is
//! closed before the body's end, which every client takes for a fault.

use std::error::Error;
use std::io::{self, ErrorKind};

use countersign::error::{ErrorCode, Rejection};
use hyper_util::client::legacy;

use super::target::Upstream;
use super::upstream::Unresolved;

/// The code for a request that brought no answer. What was wrong in detail is for logs.
pub(crate) fn rejection(error: &legacy::Error, upstream: &Upstream) -> Rejection {
    let rejection = match cause::<Unresolved>(error) {
        Some(_) => Rejection::new(ErrorCode::D504RE).with(upstream.host().to_owned()),
        None => Rejection::new(ErrorCode::D504CO).with(reason(error)),
    };
    rejection.with_detail(chain(error))
}

/// The answer is one, but not to what was asked.
pub(crate) fn unusable(reason: &'static str) -> Rejection {
    Rejection::new(ErrorCode::D504CO).with(reason)
}

fn reason(error: &legacy::Error) -> &'static str {
    let protocol = cause::<hyper::Error>(error);
    let io = cause::<io::Error>(error).map(io::Error::kind);
    match (error.is_connect(), io) {
        (true, Some(ErrorKind::ConnectionRefused)) => "the connection was refused",
        (true, Some(ErrorKind::TimedOut)) => "no connection in time",
        (true, _) => "no connection",
        (false, _) if protocol.is_some_and(hyper::Error::is_parse) => "the answer is no HTTP",
        (false, _) => "the connection ended before the answer",
    }
}

fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut error = Some(error);
    while let Some(current) = error {
        if let Some(found) = current.downcast_ref() {
            return Some(found);
        }
        error = current.source();
    }
    None
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut error = error.source();
    while let Some(source) = error {
        text = format!("{text}: {source}");
        error = source.source();
    }
    text
}
