//! What the rules need to know of a backend.

use std::future::Future;
use std::time::Duration;

use crate::clock::{Clock, SystemClock, UnixMillis};
use crate::store::ReplayStore;

/// How to get the stores to test, and how their time passes.
pub trait Backend: Sync {
    /// What is tested.
    type Store: ReplayStore;

    /// A store with nothing in it, whose memory begins when this is called. If it reads a clock that
    /// only moves when told to, it is the one that [`now`](Self::now) reads.
    fn empty(&self) -> impl Future<Output = Self::Store> + Send;

    /// The wall time that the store goes by. Default: the system's.
    fn now(&self) -> UnixMillis {
        SystemClock.wall()
    }

    /// Lets time pass. Default: waits. A backend with a [`ManualClock`](crate::clock::ManualClock)
    /// advances that.
    fn pass(&self, span: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(span)
    }

    /// How many keys [`distinct_keys`](super::distinct_keys) claims. Default: 200,000, enough that
    /// a 32-bit hash would meet itself.
    fn keys(&self) -> u32 {
        200_000
    }
}

/// A backend whose stores hold a limited number of keys.
pub trait BoundedBackend: Backend {
    /// An empty store with room for a few thousand keys, or less.
    fn small(&self) -> impl Future<Output = Self::Store> + Send;
}

/// A backend whose stores can fail to answer.
pub trait FailingBackend: Backend {
    /// A store that cannot be asked: its server is down, its disk is gone.
    fn unreachable(&self) -> impl Future<Output = Self::Store> + Send;
}
