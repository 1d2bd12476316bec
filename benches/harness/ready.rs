//! Futures that never wait: those of the memory stores.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Polls once.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("it answers at once"),
    }
}
