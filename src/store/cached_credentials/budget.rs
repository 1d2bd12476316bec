//! How much strangers may ask of the backing store. A stranger is a credential of which the cache
//! holds no app; anybody can make up as many as they like.
//!
//! 1. Only so many of their look-ups run at a time.
//! 2. A look-up that finds an app is free; one that does not is paid for afterwards. When a second's
//!    worth is owed, strangers are refused until some of it is paid off. So a service that starts with
//!    thousands of callers is not slowed down, and in a span of *t* seconds no more than *rate* × (*t*
//!    + 1) + *concurrent* look-ups come to nothing.
//! 3. What is refused is [`StoreError::Busy`], `X503BZ`: not "unknown", which could be wrong.
//!
//! Look-ups of apps that the cache holds, or held until lately, are not strangers': a flood does not
//! come between an app and its refresh.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::StoreError;

/// How far the debt may grow.
const BURST: Duration = Duration::from_secs(1);

pub(super) struct Budget {
    running: Arc<Semaphore>,
    cost: Duration,
    /// When, by the monotonic clock, everything is paid off.
    paid_off: Mutex<Duration>,
}

impl Budget {
    pub(super) fn new(concurrent: usize, per_second: u32) -> Self {
        Self {
            running: Arc::new(Semaphore::new(concurrent.min(Semaphore::MAX_PERMITS))),
            cost: Duration::from_secs(1) / per_second.max(1),
            paid_off: Mutex::default(),
        }
    }

    /// Lets a stranger's look-up begin; it runs until the permit is dropped.
    pub(super) fn enter(&self, now: Duration) -> Result<OwnedSemaphorePermit, StoreError> {
        let debt = self.paid_off.lock().unwrap_or_else(PoisonError::into_inner).saturating_sub(now);
        if debt >= BURST {
            return Err(busy(debt.saturating_sub(BURST).saturating_add(self.cost)));
        }
        // The look-ups that run take a while, and nobody knows how long.
        Arc::clone(&self.running).try_acquire_owned().map_err(|_| busy(BURST))
    }

    /// Charges for a look-up that found nothing.
    pub(super) fn charge(&self, now: Duration) {
        let mut paid_off = self.paid_off.lock().unwrap_or_else(PoisonError::into_inner);
        *paid_off = now.max(*paid_off).saturating_add(self.cost);
    }
}

const fn busy(retry_after: Duration) -> StoreError {
    StoreError::Busy { retry_after: Some(retry_after) }
}
