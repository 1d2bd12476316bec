//! How the keys and the fetching are.

use std::sync::Arc;
use std::time::Duration;

use super::FetchError;
use super::state::{Phase, State};
use crate::jwt::UnusableKey;

/// What [`RemoteKeys::status`](super::RemoteKeys::status) tells, for a health check.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RemoteKeysStatus {
    /// How many keys there are.
    pub keys: usize,
    /// The keys of the document that are left out, and why.
    pub left_out: Arc<[UnusableKey]>,
    /// A number that changes when the keys do; 0 before the first.
    pub generation: u64,
    /// How long ago the last successful fetch was. More than the refresh interval: they are stale.
    pub age: Option<Duration>,
    /// How many fetches have failed since.
    pub failures: u32,
    /// Why the last fetch failed, if it did.
    pub last_error: Option<FetchError>,
}

impl RemoteKeysStatus {
    pub(super) fn of(state: &State) -> Self {
        let published = state.published.as_ref();
        let ended = (state.phase == Phase::Ended).then_some(FetchError::Ended);
        Self {
            keys: published.map_or(0, |published| published.held.keys.iter().count()),
            left_out: published.map(|published| published.left_out.clone()).unwrap_or_default(),
            generation: published.map_or(0, |published| published.held.generation),
            age: published.map(|published| published.at.elapsed()),
            failures: state.failures,
            last_error: ended.or_else(|| state.last_error.clone()),
        }
    }
}
