//! The contract of [`ReplayStore`](super::ReplayStore) as tests that every backend runs (feature
//! `test-util`).
//!
//! | rule | asks |
//! |---|---|
//! | [`one_winner`] | of any number of concurrent claims on one key, one is fresh |
//! | [`distinct_keys`] | hundreds of thousands of keys never meet, and none is forgotten |
//! | [`injective_keys`] | a byte moved between scope, AppKey and nonce makes another key |
//! | [`expiry`] | a key is used through `until`, then expired; what is expired is never written |
//! | [`memory`] | what was signed before the store's memory begins is expired, and not written |
//! | [`bounds`] | a full store refuses and forgets nothing ([`BoundedBackend`]) |
//! | [`outage`] | a store that cannot be asked answers an error ([`FailingBackend`]) |
//! | [`two_phase`] | who may release a claim, how often, and who gets it then |
//!
//! [`all`] runs the first five, which every store has to keep. A rule answers a [`Violation`] that
//! says which sentence is broken and how it showed.
//!
//! A backend says how to make an empty store and, if it has a clock of its own, how to read and
//! move it. Without one the rules wait in real time, a few seconds in all:
//!
//! ```
//! use countersign::store::conformance::{self, Backend, Violation};
//! use countersign::store::MemoryReplayStore;
//!
//! struct Memory;
//!
//! impl Backend for Memory {
//!     type Store = MemoryReplayStore;
//!
//!     async fn empty(&self) -> MemoryReplayStore {
//!         MemoryReplayStore::new()
//!     }
//! #   fn keys(&self) -> u32 { 1_000 }
//! }
//!
//! // #[tokio::test(flavor = "multi_thread")]: with one thread nothing runs at the same time.
//! async fn my_store_keeps_the_contract() -> Result<(), Violation> {
//!     conformance::all(&Memory).await
//! }
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
//! #     .block_on(my_store_keeps_the_contract()).unwrap();
//! ```
//!
//! A store that keeps less is found out:
//!
//! ```
//! use countersign::store::conformance::{self, Backend};
//! use countersign::store::{Claim, Claimed, ReplayStore, StoreError};
//!
//! struct Forgetful;
//!
//! impl ReplayStore for Forgetful {
//!     async fn claim(&self, _: Claim<'_>) -> Result<Claimed, StoreError> {
//!         Ok(Claimed::Fresh)
//!     }
//! }
//!
//! impl Backend for Forgetful {
//!     type Store = Self;
//!
//!     async fn empty(&self) -> Self {
//!         Self
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
//! let violation = conformance::all(&Forgetful).await.unwrap_err();
//! assert!(violation.to_string().starts_with("of any number of concurrent claims"));
//! # });
//! ```

mod backend;
mod bounds;
mod keys;
mod subject;
mod time;
mod two_phase;
mod violation;

pub use backend::{Backend, BoundedBackend, FailingBackend};
pub use bounds::{bounds, outage};
pub use keys::{distinct_keys, injective_keys, one_winner};
pub use time::{expiry, memory};
pub use two_phase::two_phase;
pub use violation::Violation;

/// Every rule that any store has to keep.
///
/// # Errors
///
/// The first [`Violation`].
pub async fn all(backend: &impl Backend) -> Result<(), Violation> {
    one_winner(backend).await?;
    injective_keys(backend).await?;
    distinct_keys(backend).await?;
    expiry(backend).await?;
    memory(backend).await
}
