//! What can be set about a state file.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::seal::Seal;
use crate::error::ConfigError;

/// Where a [`MemoryReplayStore`](crate::store::MemoryReplayStore) keeps what has to outlive it. See
/// the [module](super) for the rules.
#[derive(Clone)]
#[must_use = "give it to `MemoryReplayStoreBuilder::open`"]
pub struct StateFile {
    pub(super) path: PathBuf,
    pub(super) step: Duration,
    pub(super) max_snapshot_age: Duration,
    pub(super) seal: Seal,
}

impl StateFile {
    /// The default of [`with_step`](Self::with_step).
    pub const DEFAULT_STEP: Duration = Duration::from_secs(5);
    /// The default of [`with_max_snapshot_age`](Self::with_max_snapshot_age).
    pub const DEFAULT_MAX_SNAPSHOT_AGE: Duration = Duration::from_secs(900);

    /// A file that this service alone uses, on a local disk, in a folder that only it may write.
    /// Files with the same name and a suffix come beside it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            step: Self::DEFAULT_STEP,
            max_snapshot_age: Self::DEFAULT_MAX_SNAPSHOT_AGE,
            seal: Seal::Checksum,
        }
    }

    /// How far the mark runs ahead of the claims; 5 seconds by default. It is written about twice
    /// in a step. After a crash, callers are refused for up to a step longer than their requests
    /// were ahead. A step of zero writes for each claim that is the latest so far.
    pub fn with_step(mut self, step: Duration) -> Self {
        self.step = step;
        self
    }

    /// How old a snapshot may be; 15 minutes by default, because the policies' default window ends
    /// then: an older one remembers nothing that would still be accepted, and may be from a backup.
    pub fn with_max_snapshot_age(mut self, age: Duration) -> Self {
        self.max_snapshot_age = age;
        self
    }

    /// Authenticates the files with HMAC-SHA256; without it they have a checksum. It is for places
    /// where others can write. A file under another key, or without one, is not believed. It does
    /// not hide anything, and who can put an old file back needs no key.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`].
    pub fn with_mac_key(mut self, key: &[u8]) -> Result<Self, ConfigError> {
        let empty = ConfigError::Empty("the state file's key");
        if key.is_empty() {
            return Err(empty);
        }
        self.seal = Seal::keyed(key).ok_or(empty)?;
        Ok(self)
    }
}

/// Without the key.
impl fmt::Debug for StateFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateFile")
            .field("path", &self.path)
            .field("step", &self.step)
            .field("max_snapshot_age", &self.max_snapshot_age)
            .finish_non_exhaustive()
    }
}
