//! Stores: which apps exist, and which nonces were used. They know no HTTP.
//!
//! | trait | answers | shipped |
//! |---|---|---|
//! | [`CredentialStore`] | which app has this AppKey, this AppCode | [`MemoryCredentials`]; with their features `FileCredentials`, which reads a file again when it changes, and `CachedCredentials`, in front of a store that is slow |
//! | [`ReplayStore`] | is this nonce fresh, in one atomic step | [`MemoryReplayStore`] |
//!
//! Both are asynchronous so that a database or Redis can stand behind them, and both have a boxed
//! twin ([`DynCredentialStore`], [`DynReplayStore`]) for a choice at run time.

#[cfg(feature = "cached-credentials")]
pub mod cached_credentials;
mod credential_store;
#[cfg(feature = "file-credentials")]
pub mod file_credentials;
mod memory_credentials;
pub mod memory_replay;
mod replay_store;

pub use crate::error::{FullScope, StoreError};
#[cfg(feature = "cached-credentials")]
pub use cached_credentials::CachedCredentials;
pub use credential_store::{CredentialStore, DynCredentialStore};
#[cfg(feature = "file-credentials")]
pub use file_credentials::{AppsFileError, FileCredentials};
pub use memory_credentials::MemoryCredentials;
pub use memory_replay::{AppShare, MemoryReplayStore, MemoryReplayStoreBuilder};
pub use replay_store::{Claim, Claimed, DynReplayStore, ReplayStore};
