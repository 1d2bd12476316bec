use std::sync::atomic::{AtomicU64, Ordering};

/// Tells verifiers apart. Clones and re-configured copies share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VerifierId(u64);

impl VerifierId {
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}
