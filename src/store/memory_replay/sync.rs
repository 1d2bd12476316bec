//! What threads share: the standard library's, or `loom`'s where every interleaving is tried
//! (`cfg(countersign_loom)`, see CONTRIBUTING).

#[cfg(all(test, countersign_loom))]
pub(super) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
#[cfg(not(all(test, countersign_loom)))]
pub(super) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
