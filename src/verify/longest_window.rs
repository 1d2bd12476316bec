//! For how long nonces are kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The longest window, in milliseconds, that a copy of a verifier has judged by. Copies with other
/// windows share the store, so a nonce is kept for the longest of them.
#[derive(Clone, Debug, Default)]
pub(super) struct LongestWindow(Arc<AtomicU64>);

impl LongestWindow {
    /// The longest so far, this one included.
    pub(super) fn and(&self, window: Duration) -> Duration {
        let millis = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.0.fetch_max(millis, Ordering::Relaxed).max(millis))
    }
}
