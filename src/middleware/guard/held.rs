use std::mem;
use std::pin::Pin;

use tokio::runtime::Handle;

use super::Release;
use super::release::Releasing;
use crate::middleware::telemetry;
use crate::store::HeldClaim;

/// The claims of a request that may be taken back, and how far the request has come. Dropped, it
/// takes back what may be taken back of a request that goes no further.
#[derive(Default)]
pub(in crate::middleware) struct Held {
    /// A nonce, a `jti`, or both.
    claims: Vec<HeldClaim>,
    release: Release,
    progress: Progress,
}

#[derive(Clone, Copy, Default)]
enum Progress {
    #[default]
    NotCalled,
    /// The inner service has the thread. If that is the end, it panicked.
    Running,
    /// The inner service waits.
    Waiting,
}

/// Waits for the stores that could not answer at once. Where there is a runtime they are asked even if
/// nobody waits: the caller may go away meanwhile.
pub(super) type TakingBack = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Held {
    pub(in crate::middleware) fn add(
        &mut self,
        claim: Option<HeldClaim>,
        releasing: Option<&Releasing>,
    ) {
        self.claims.extend(claim);
        self.release = releasing.map_or(self.release, |releasing| releasing.release);
    }

    /// Hands the thread to the inner service.
    pub(super) fn run<T>(&mut self, inner: impl FnOnce() -> T) -> T {
        self.progress = Progress::Running;
        let answer = inner();
        self.progress = Progress::Waiting;
        answer
    }

    /// The request was handled.
    pub(super) fn keep(&mut self) {
        self.claims.clear();
    }

    /// The service failed, or will not be called. What remains to be waited for is returned.
    pub(super) fn take_back(&mut self) -> Option<TakingBack> {
        if self.claims.is_empty() {
            return None;
        }
        let claims = mem::take(&mut self.claims);
        let slow: Vec<_> = claims.into_iter().filter(|claim| !released_at_once(claim)).collect();
        if slow.is_empty() {
            return None;
        }
        let release = async move {
            for claim in slow {
                telemetry::released(&claim.release().await);
            }
        };
        Some(match Handle::try_current() {
            Ok(runtime) => {
                let task = runtime.spawn(release);
                Box::pin(async { drop(task.await) })
            }
            // If it is dropped, what a remote store has claimed is used.
            Err(_) => Box::pin(release),
        })
    }
}

fn released_at_once(claim: &HeldClaim) -> bool {
    match claim.try_release_now() {
        Some(released) => {
            telemetry::released(&Ok(released));
            true
        }
        None => false,
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let goes_back = match (self.progress, self.release) {
            (Progress::NotCalled, _) => true,
            (Progress::Waiting, Release::DangerouslyOnCancellation) => true,
            (Progress::Running | Progress::Waiting, _) => false,
        };
        if goes_back {
            drop(self.take_back());
        }
    }
}
