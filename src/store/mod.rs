//! Stores: which apps exist, and which nonces were used. They know no HTTP.
//!
//! | trait | answers | shipped |
//! |---|---|---|
//! | [`CredentialStore`] | which app has this AppKey, this AppCode | [`MemoryCredentials`] |
//! | [`ReplayStore`] | is this nonce fresh, in one atomic step | [`MemoryReplayStore`] |
//!
//! Both are asynchronous so that a database or Redis can stand behind them, and both have a boxed
//! twin ([`DynCredentialStore`], [`DynReplayStore`]) for a choice at run time.

pub mod memory_replay;
mod replay_store;

pub use crate::error::{FullScope, StoreError};
pub use memory_replay::{AppShare, MemoryReplayStore, MemoryReplayStoreBuilder};
pub use replay_store::{Claim, Claimed, DynReplayStore, ReplayStore};
