//! What can be set before the file is read.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{AppsFileError, FileCredentials};
use crate::clock::{Clock, SystemClock};

/// Configures a [`FileCredentials`].
#[derive(Clone, Debug)]
#[must_use = "call `open` to get a store"]
pub struct FileCredentialsBuilder {
    pub(super) path: PathBuf,
    pub(super) interval: Duration,
    pub(super) clock: Arc<dyn Clock>,
}

impl FileCredentialsBuilder {
    /// The default of [`with_interval`](Self::with_interval).
    pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(2);

    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, interval: Self::DEFAULT_INTERVAL, clock: Arc::new(SystemClock) }
    }

    /// How often [`watch`](FileCredentials::watch) looks for changes; 2 seconds by default. It reads
    /// the files each time, which takes microseconds for a few apps and some milliseconds for ten
    /// thousand. A change is served after an interval and a quarter of a second at the latest, and
    /// so is a revocation. Less than 10 milliseconds is 10.
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(Duration::from_millis(10));
        self
    }

    /// The clock that the [status](FileCredentials::status) has its times from; [`SystemClock`] by
    /// default.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Reads the file. It blocks while it does.
    ///
    /// # Errors
    ///
    /// [`AppsFileError`] if the file or one that it names cannot be used.
    pub fn open(self) -> Result<FileCredentials, AppsFileError> {
        FileCredentials::read(self)
    }
}
