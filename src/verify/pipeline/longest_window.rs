//! For how long nonces are kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The longest window, in milliseconds, of a verifier's copies, those among them that nobody has asked
/// yet. They share the store, so a nonce is kept for the longest of them. It only grows.
#[derive(Clone, Debug, Default)]
pub(super) struct LongestWindow(Arc<AtomicU64>);

impl LongestWindow {
    /// The longest so far, this one included.
    pub(super) fn at_least(&self, window: Duration) -> Duration {
        let millis = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
        let longest = self.0.load(Ordering::Relaxed);
        if longest < millis {
            // Written once, then only read: all cores share it.
            self.0.fetch_max(millis, Ordering::Relaxed);
        }
        Duration::from_millis(longest.max(millis))
    }
}
