//! What is served, and what was refused since.

use super::error::AppsFileError;
use crate::clock::UnixMillis;

/// How a [`FileCredentials`](super::FileCredentials) stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AppsFileStatus {
    /// How many apps are served.
    pub apps: usize,
    /// When they were read.
    pub loaded_at: UnixMillis,
    /// How often apps were taken over, the first time included.
    pub loads: u64,
    /// Why the file, as it is now, was not taken over; `None` if it was.
    pub refused: Option<RefusedLoad>,
}

/// A file that was not taken over.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RefusedLoad {
    /// When it was read.
    pub at: UnixMillis,
    /// What is wrong with it.
    pub error: AppsFileError,
}
