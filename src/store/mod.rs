//! Stores: which apps exist, and which nonces were used. They know no HTTP.
//!
//! | trait | answers | shipped |
//! |---|---|---|
//! | [`CredentialStore`] | which app has this AppKey, this AppCode | [`MemoryCredentials`] |
//! | [`ReplayStore`] | is this nonce fresh, in one atomic step | [`MemoryReplayStore`] |
//! | [`TwoPhaseReplayStore`] | the same, and may its claim be taken back, once | [`MemoryReplayStore`] |
//!
//! All are asynchronous so that a database or Redis can stand behind them, and all have a boxed
//! twin ([`DynCredentialStore`], [`DynReplayStore`], [`DynTwoPhaseReplayStore`]) for a choice at run
//! time.

mod credential_store;
mod dyn_two_phase;
mod held_claim;
mod memory_credentials;
pub mod memory_replay;
mod replay_store;
mod two_phase;

pub use crate::error::{FullScope, StoreError};
pub use credential_store::{CredentialStore, DynCredentialStore};
pub use dyn_two_phase::DynTwoPhaseReplayStore;
pub use held_claim::HeldClaim;
pub(crate) use held_claim::{Standing, make_claim};
pub use memory_credentials::MemoryCredentials;
pub use memory_replay::{AppShare, MemoryReplayStore, MemoryReplayStoreBuilder};
pub use replay_store::{Claim, Claimed, DynReplayStore, ReplayStore};
pub use two_phase::{ClaimToken, Released, Reserved, TwoPhaseReplayStore};
