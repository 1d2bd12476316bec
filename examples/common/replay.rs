//! What remembers which nonces and token ids were used: this process, a file beside it, or Redis.

use std::sync::Arc;

use countersign::store::{DynReplayStore, MemoryReplayStore, RedisReplayStore};

use super::args::Memory;
use super::{Problem, redis, state};

/// The store as the layers know it. Nonces and token ids are claimed in the same one.
pub(crate) type Replay = Arc<dyn DynReplayStore>;

/// The store as it is opened before the first request, and closed after the last.
pub(crate) enum Store {
    Own(Arc<MemoryReplayStore>),
    Shared(Arc<RedisReplayStore>),
}

impl Store {
    pub(crate) async fn open(name: &str, memory: &Memory) -> Result<Self, Problem> {
        Ok(match memory {
            Memory::Process => Self::Own(Arc::default()),
            Memory::File(path) => Self::Own(Arc::new(state::open(name, path)?)),
            Memory::Redis(url) => Self::Shared(Arc::new(redis::open(name, url).await?)),
        })
    }

    pub(crate) fn replay(&self) -> Replay {
        match self {
            Self::Own(store) => Arc::clone(store) as Replay,
            Self::Shared(store) => Arc::clone(store) as Replay,
        }
    }

    /// Other servers may go on with a shared store.
    pub(crate) fn close(&self) -> Result<(), Problem> {
        match self {
            Self::Own(store) => Ok(store.close()?),
            Self::Shared(_) => Ok(()),
        }
    }
}
