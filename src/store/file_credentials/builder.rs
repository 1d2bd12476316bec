//! What can be set before the file is read.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{AppsFileError, AppsFileStatus, FileCredentials};
use crate::clock::{Clock, SystemClock};

/// Configures a [`FileCredentials`].
///
/// ```
/// use std::time::Duration;
/// use countersign::store::FileCredentials;
///
/// let builder = FileCredentials::builder("no/such.yaml")
///     .with_interval(Duration::from_secs(10))
///     .on_reload(|status| match &status.refused {
///         Some(refused) => eprintln!("{}", refused.error),
///         None => eprintln!("{} apps", status.apps),
///     });
/// assert!(builder.open().is_err(), "a service does not start without its apps");
/// ```
#[derive(Clone)]
#[must_use = "call `open` to get a store"]
pub struct FileCredentialsBuilder {
    pub(super) path: PathBuf,
    pub(super) interval: Duration,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) on_reload: Option<OnReload>,
}

pub(super) type OnReload = Arc<dyn Fn(&AppsFileStatus) + Send + Sync>;

impl FileCredentialsBuilder {
    /// The default of [`with_interval`](Self::with_interval).
    pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(2);

    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            interval: Self::DEFAULT_INTERVAL,
            clock: Arc::new(SystemClock),
            on_reload: None,
        }
    }

    /// How often [`watch`](FileCredentials::watch) looks for changes; 2 seconds by default. It reads
    /// the files each time, which takes microseconds for a few apps and some milliseconds for ten
    /// thousand. A change is served after an interval and a quarter of a second at the latest, and
    /// so is a revocation. Less than 10 milliseconds is 10.
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(Duration::from_millis(10));
        self
    }

    /// The clock that the [status](FileCredentials::status) has its times from, and by which a secret
    /// has ended; [`SystemClock`] by default.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Is called after each reload, taken over or refused, on the thread that read; nothing by
    /// default. The next reload waits for it.
    pub fn on_reload(mut self, told: impl Fn(&AppsFileStatus) + Send + Sync + 'static) -> Self {
        self.on_reload = Some(Arc::new(told));
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

impl fmt::Debug for FileCredentialsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileCredentialsBuilder")
            .field("path", &self.path)
            .field("interval", &self.interval)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}
