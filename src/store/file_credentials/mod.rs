//! Apps from a file that may change while they are served.
//!
//! ```yaml
//! apps:
//!   - appId: demo
//!     appKey: "203710001"
//!     appSecret: "…"                       # or {env: NAME}, or {file: PATH}
//!     appCode: {file: secrets/demo-code}   # optional; the same three
//!     enabled: true                        # optional
//!     expiresAt: 2027-01-01T00:00:00Z      # optional
//!   - appId: billing
//!     appKey: "203710002"
//!     appSecrets:                          # in place of appSecret, to rotate
//!       - {version: q3, secret: {env: BILLING_Q3}, notAfter: 2026-10-07T00:00:00Z}
//!       - {version: q4, secret: {env: BILLING_Q4}, notBefore: 2026-09-30T00:00:00Z}
//!   - appId: console                       # signs OpenAPI only, so it needs no appKey
//!     accessKeys:                          # or beside an appKey
//!       - accessKeyId: LTAI5tExample
//!         accessKeySecret: {env: CONSOLE}
//!         schemes: [v3]                    # optional; of rpc, roa and v3, all by default
//!         active: true                     # optional
//!       - accessKeyId: STS.NUExample
//!         accessKeySecret: {env: CONSOLE_STS}
//!         securityToken: {env: CONSOLE_TOKEN}            # for a temporary key
//!         securityTokenExpiresAt: 2027-01-01T00:00:00Z   # optional
//! ```
//!
//! 1. YAML, or JSON of the same shape. A field that is unknown, given twice, of another type, empty or
//!    null is refused, and so are two apps with one AppKey, AppCode or AccessKeyId. An error is one line
//!    with the place, and shows no secret. TOML is not read: five more crates, and dates that are no
//!    texts, for the same few fields in a third spelling.
//! 2. A secret is a text, `{env: NAME}` or `{file: PATH}`. A relative path begins at the apps file's
//!    folder; one line feed at a file's end is not the secret's. A number is put in quotes.
//! 3. A look-up never waits for a file: the apps are in memory, and new ones take their place in one
//!    step. No request sees half of a change.
//! 4. [`FileCredentials::watch`] looks for changes of the apps file and of every secret's file;
//!    [`FileCredentials::reload`] reads them now. A load counts only if all of the files still say the
//!    same after it, so that a file half written or a folder half swapped is not taken for whole.
//! 5. What cannot be used changes nothing: the apps from before are served, and
//!    [`FileCredentials::status`], a warning (`tracing`) and the counter
//!    `countersign_apps_file_loads_total` with `outcome` `loaded` or `refused` (`metrics`) say so.
//!    So is the load that ends it.
//! 6. A file with secrets that its group or others may open is a [warning](FileCredentials::warnings),
//!    and so is a secret whose `notAfter`, or a token whose `securityTokenExpiresAt`, is past when it is
//!    read.
//!
//! ```
//! use countersign::store::{FileCredentials, MemoryReplayStore};
//! use countersign::verify::Verifier;
//!
//! # let path = std::env::temp_dir().join(format!("countersign-doc-{}.yaml", std::process::id()));
//! let apps = "apps: [{appId: demo, appKey: '203710001', appSecret: a secret}]";
//! std::fs::write(&path, apps)?;
//! let credentials = FileCredentials::open(&path)?;
//! let verifier = Verifier::new(credentials.clone(), MemoryReplayStore::new());
//! // In a service: tokio::spawn(credentials.watch());
//!
//! std::fs::write(&path, "apps: [{appId: demo, appKey: '', appSecret: a secret}]")?;
//! let refused = credentials.reload().unwrap_err();
//! assert_eq!((refused.place(), refused.problem()), ("apps[0].appKey", "the AppKey is empty"));
//! assert_eq!(credentials.status().apps, 1, "the one from before is served");
//! # std::fs::remove_file(&path)?;
//! # let _ = verifier;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Security
//!
//! - A file that is wrong does not revoke anything: look at the status, or count refused loads. An
//!   [expiry](crate::credential::App::expires_at) holds whatever the file says.
//! - To change a file, write another and rename it. One that is written in place is read when it has
//!   rested for a quarter of a second; a writer that rests longer is read half way, and again when it
//!   is done.
//! - The parsers may leave copies of a secret in freed memory; what this crate holds it wipes.
//! - Whoever may write the file decides who may call, and may take any file or variable that the
//!   service can read for a secret: paths are not kept to a folder.
//! - An environment variable is read at every load, and can be read by whoever may inspect the process.

mod access_keys;
mod apps;
mod builder;
mod document;
mod error;
mod load;
mod parse;
mod secret;
mod sources;
mod status;
mod telemetry;
mod watch;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;

use self::builder::OnReload;
use self::load::load;
use self::sources::{Print, Sources};
use super::{CredentialStore, MemoryCredentials, StoreError};
use crate::clock::Clock;
use crate::credential::{App, AppCode};

pub use builder::FileCredentialsBuilder;
pub use error::AppsFileError;
pub use status::{AppsFileStatus, RefusedLoad};

/// A credential store that reads its apps from a file, and again when the file changes: see the
/// [module](self). A clone is a handle to the same apps.
#[derive(Clone)]
pub struct FileCredentials {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    interval: Duration,
    clock: Arc<dyn Clock>,
    on_reload: Option<OnReload>,
    /// Look-ups take no lock. Who holds `read` changes it.
    served: ArcSwap<Served>,
    /// What was read last, taken over or not. One load at a time holds it.
    read: Mutex<Sources>,
}

#[derive(Clone)]
struct Served {
    apps: Arc<MemoryCredentials>,
    warnings: Vec<String>,
    status: AppsFileStatus,
}

impl FileCredentials {
    /// Reads an apps file, with all defaults. It blocks while it does.
    ///
    /// # Errors
    ///
    /// [`AppsFileError`] if the file or one that it names cannot be used.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, AppsFileError> {
        Self::builder(path).open()
    }

    /// Configures how an apps file is read.
    pub fn builder(path: impl Into<PathBuf>) -> FileCredentialsBuilder {
        FileCredentialsBuilder::new(path.into())
    }

    fn read(builder: FileCredentialsBuilder) -> Result<Self, AppsFileError> {
        let FileCredentialsBuilder { path, interval, clock, on_reload } = builder;
        let load = load(&path, clock.wall());
        let served = Served::new(load.apps?, &load.sources, 1, &path, &*clock);
        let (served, read) = (ArcSwap::from_pointee(served), Mutex::new(load.sources));
        Ok(Self { shared: Arc::new(Shared { path, interval, clock, on_reload, served, read }) })
    }

    /// Looks for changes until the last handle is gone. Spawn it on a tokio runtime that has timers:
    /// `tokio::spawn(credentials.watch())`.
    pub fn watch(&self) -> impl Future<Output = ()> + Send + use<> {
        watch::watch(Arc::downgrade(&self.shared), self.shared.interval)
    }

    /// Reads the files now, whether they have changed or not. It blocks while it does: in a task, give
    /// it to `tokio::task::spawn_blocking`.
    ///
    /// # Errors
    ///
    /// [`AppsFileError`]; the apps from before are served then.
    pub fn reload(&self) -> Result<(), AppsFileError> {
        self.shared.reload()
    }

    /// How many apps are served since when, and why the file as it is now is not.
    #[must_use]
    pub fn status(&self) -> AppsFileStatus {
        self.shared.status()
    }

    /// What is doubtful about the files that are served: which of them others may open, and
    /// which secrets had ended when they were read.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.shared.served(|served| served.warnings.clone())
    }

    /// The apps file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    fn find(&self, find: impl FnOnce(&MemoryCredentials) -> Option<Arc<App>>) -> Option<Arc<App>> {
        self.shared.served(|served| find(&served.apps))
    }
}

impl Shared {
    fn served<T>(&self, look: impl FnOnce(&Served) -> T) -> T {
        look(&self.served.load())
    }

    fn status(&self) -> AppsFileStatus {
        self.served(|served| served.status.clone())
    }

    /// What the files say now, if that is something else than when they were read.
    fn change(&self) -> Option<Vec<Print>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).change()
    }

    fn reload(&self) -> Result<(), AppsFileError> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let load = load(&self.path, self.clock.wall());
        *read = load.sources;
        let AppsFileStatus { loads, refused, .. } = self.status();
        let loads = loads + 1;
        let outcome = match load.apps {
            Ok(apps) => {
                let new = Served::new(apps, &read, loads, &self.path, &*self.clock);
                if refused.is_some() {
                    telemetry::mended(new.status.apps);
                }
                self.change_served(|served| *served = new);
                Ok(())
            }
            Err(error) => {
                telemetry::refused(&error);
                let refused = RefusedLoad { at: self.clock.wall(), error: error.clone() };
                self.change_served(|served| served.status.refused = Some(refused));
                Err(error)
            }
        };
        if let Some(told) = &self.on_reload {
            told(&self.status());
        }
        outcome
    }

    fn change_served(&self, change: impl FnOnce(&mut Served)) {
        let mut served = Served::clone(&self.served.load());
        change(&mut served);
        self.served.store(Arc::new(served));
    }
}

impl Served {
    fn new(
        apps: MemoryCredentials,
        sources: &Sources,
        loads: u64,
        file: &Path,
        clock: &dyn Clock,
    ) -> Self {
        let warnings = sources.warnings().to_vec();
        telemetry::loaded(file, apps.len(), &warnings);
        let status =
            AppsFileStatus { apps: apps.len(), loaded_at: clock.wall(), loads, refused: None };
        Self { apps: Arc::new(apps), warnings, status }
    }
}

impl CredentialStore for FileCredentials {
    async fn app_by_key(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
        Ok(self.find(|apps| apps.by_key(key)))
    }

    async fn app_by_code(&self, code: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        Ok(self.find(|apps| apps.by_code(code)))
    }

    async fn app_by_access_key(&self, id: &str) -> Result<Option<Arc<App>>, StoreError> {
        Ok(self.find(|apps| apps.by_access_key(id)))
    }
}

/// Where from and how many: what the apps are is not for logs.
impl fmt::Debug for FileCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileCredentials")
            .field("path", &self.shared.path)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
