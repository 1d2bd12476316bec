//! Stores: which apps exist, and which nonces were used. They know no HTTP.
//!
//! | trait | answers | shipped |
//! |---|---|---|
//! | [`CredentialStore`] | which app has this AppKey, this AppCode, this AccessKeyId | [`MemoryCredentials`]; with their features `FileCredentials`, which reads a file again when it changes, and `CachedCredentials`, in front of a store that is slow |
//! | [`ReplayStore`] | is this nonce fresh, in one atomic step | [`MemoryReplayStore`]; `RedisReplayStore` (feature `redis`) |
//! | [`TwoPhaseReplayStore`] | the same, and may its claim be taken back, once | both |
//!
//! [`DangerouslyFailOpen`] accepts what a replay store of either kind cannot answer. `conformance`
//! (feature `test-util`) has the rules of a replay store as tests, for stores of your own.
//!
//! All are asynchronous so that a database or Redis can stand behind them, and all have a boxed
//! twin ([`DynCredentialStore`], [`DynReplayStore`], [`DynTwoPhaseReplayStore`]) for a choice at run
//! time.

#[cfg(feature = "cached-credentials")]
pub mod cached_credentials;
#[cfg(feature = "test-util")]
pub mod conformance;
mod credential_store;
mod dyn_two_phase;
mod fail_open;
#[cfg(feature = "file-credentials")]
pub mod file_credentials;
mod held_claim;
mod memory_credentials;
pub mod memory_replay;
#[cfg(feature = "redis")]
pub mod redis_replay;
mod replay_store;
mod two_phase;

pub use crate::error::{FullScope, StoreError};
#[cfg(feature = "cached-credentials")]
pub use cached_credentials::CachedCredentials;
pub use credential_store::{CredentialStore, DynCredentialStore};
pub use dyn_two_phase::DynTwoPhaseReplayStore;
pub use fail_open::DangerouslyFailOpen;
#[cfg(feature = "file-credentials")]
pub use file_credentials::{AppsFileError, FileCredentials};
pub use held_claim::HeldClaim;
pub(crate) use held_claim::{Standing, make_claim};
pub use memory_credentials::MemoryCredentials;
pub use memory_replay::{AppShare, MemoryReplayStore, MemoryReplayStoreBuilder};
#[cfg(feature = "redis")]
pub use redis_replay::{RedisConfigError, RedisReplayStore, RedisReplayStoreBuilder};
pub use replay_store::{Claim, Claimed, DynReplayStore, ReplayStore};
pub use two_phase::{ClaimToken, Released, Reserved, TwoPhaseReplayStore};
