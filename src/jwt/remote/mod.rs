//! Keys that an issuer publishes as a JWK set, fetched and kept fresh.
//!
//! One task fetches; requests read what it has published ([`RemoteKeys`]).
//!
//! | when | what happens |
//! |---|---|
//! | at the start | the first fetch; requests wait for it, and are `X503BZ` with `Retry-After` if it fails |
//! | every 10 minutes | a fetch; requests go on with the keys that are there |
//! | a token names a `kid` that no key has | a fetch, at most one every 30 s however many ask; the request waits for it, then the key without `kid` is used, or it is `A403JK` |
//! | such a `kid` within the pause | the same at once |
//! | a fetch fails, for whatever reason | the keys stay; it is tried again after 1 s, 2 s, 4 s … 30 s |
//! | one key of the set is bad, or symmetric | it is left out; the others are used |
//! | the last [`RemoteKeys`] is dropped | the task ends |
//!
//! A token without `kid` never causes a fetch. Where the only key has none and tokens name one all the
//! same, they cause a fetch after every pause; a longer
//! [`with_absent_kid_memory`](RemoteKeysBuilder::with_absent_kid_memory) makes that rarer.
//!
//! The numbers are knobs of [`RemoteKeysBuilder`].
//!
//! # Security
//!
//! - Whoever answers for the endpoint decides who is let in. [`HttpsKeySet`] speaks HTTPS only, and
//!   follows no redirect to another origin. A token's own `jku` is never read.
//! - A key that the issuer withdraws is accepted until the next fetch, and as long as fetches fail,
//!   unless [`with_max_staleness`](RemoteKeysBuilder::with_max_staleness) bounds it.
//! - Strangers can cause a fetch every 30 s and have their own requests wait for it, nothing more. A
//!   new key is found at the first fetch after the pause, whatever they have asked for before, unless
//!   [`with_absent_kid_memory`](RemoteKeysBuilder::with_absent_kid_memory) is longer than the pause.

mod absent;
mod builder;
mod fetch;
mod fetch_error;
mod handle;
mod https;
mod state;
mod status;
mod task;
mod telemetry;

pub use builder::RemoteKeysBuilder;
pub use fetch::{DynFetchKeySet, FetchKeySet};
pub use fetch_error::FetchError;
pub use handle::RemoteKeys;
pub use https::{HttpsKeySet, HttpsKeySetBuilder};
pub use status::RemoteKeysStatus;
