//! Looking for changes.
//!
//! 1. Every interval the files are read on a thread that may block, and compared.
//! 2. What has changed is looked at again after a short while, until two looks agree: a file that is
//!    written in place is not taken for whole while it grows.
//! 3. It ends with the store.
//!
//! There is no `notify` here: file events do not come from network file systems, come for the wrong
//! inode after a rename and for the wrong folder after a symbolic link was swapped, and say nothing
//! about when a file is whole. Reading a few kilobytes now and then needs none of it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::Shared;

/// How long a changed file must stay as it is.
const SETTLE: Duration = Duration::from_millis(250);

pub(super) async fn watch(store: Weak<Shared>, interval: Duration) {
    let mut before = None;
    loop {
        tokio::time::sleep(if before.is_some() { SETTLE.min(interval) } else { interval }).await;
        let Some(now) = on_a_thread(&store, |store| store.change()).await else {
            return;
        };
        before = match now {
            Some(now) if before.as_ref() == Some(&now) => {
                // The status has the error, too.
                on_a_thread(&store, |store| drop(store.reload())).await;
                None
            }
            now => now,
        };
    }
}

/// `None` if the store is gone, or the runtime is going.
async fn on_a_thread<T: Send + 'static>(
    store: &Weak<Shared>,
    work: impl FnOnce(&Arc<Shared>) -> T + Send + 'static,
) -> Option<T> {
    let store = store.upgrade()?;
    tokio::task::spawn_blocking(move || work(&store)).await.ok()
}
