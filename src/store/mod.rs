//! Stores: which apps exist, and which nonces were used. They know no HTTP.
//!
//! | trait | answers | shipped |
//! |---|---|---|
//! | [`CredentialStore`] | which app has this AppKey, this AppCode | [`MemoryCredentials`] |
//! | [`ReplayStore`] | is this nonce fresh, in one atomic step | [`MemoryReplayStore`]; `RedisReplayStore` (feature `redis`) |
//! | [`TwoPhaseReplayStore`] | may this claim be taken back | `RedisReplayStore` |
//!
//! [`DangerouslyFailOpen`] accepts what a replay store cannot answer. `conformance` (feature
//! `test-util`) has the rules of a replay store as tests, for stores of your own.
//!
//! Both are asynchronous so that a database or Redis can stand behind them, and both have a boxed
//! twin ([`DynCredentialStore`], [`DynReplayStore`]) for a choice at run time.

#[cfg(feature = "test-util")]
pub mod conformance;
mod credential_store;
mod fail_open;
mod memory_credentials;
pub mod memory_replay;
#[cfg(feature = "redis")]
pub mod redis_replay;
mod replay_store;
mod two_phase;

pub use crate::error::{FullScope, StoreError};
pub use credential_store::{CredentialStore, DynCredentialStore};
pub use fail_open::DangerouslyFailOpen;
pub use memory_credentials::MemoryCredentials;
pub use memory_replay::{AppShare, MemoryReplayStore, MemoryReplayStoreBuilder};
#[cfg(feature = "redis")]
pub use redis_replay::{RedisConfigError, RedisReplayStore, RedisReplayStoreBuilder};
pub use replay_store::{Claim, Claimed, DynReplayStore, ReplayStore};
pub use two_phase::{ClaimToken, Released, Reserved, TwoPhaseReplayStore};
