//! Who may call: the demo app, or the apps of a file that is read again when it changes.

use std::path::Path;
use std::sync::Arc;

use countersign::credential::App;
use countersign::store::{DynCredentialStore, FileCredentials, MemoryCredentials};

use super::{Problem, warn};

pub(crate) type Credentials = Arc<dyn DynCredentialStore>;

pub(crate) struct Apps {
    pub(crate) credentials: Credentials,
    pub(crate) count: usize,
}

impl Apps {
    pub(crate) fn one(app: App) -> Result<Self, Problem> {
        let apps = MemoryCredentials::new([app]).map_err(|error| Problem(error.to_string()))?;
        Ok(Self { count: apps.len(), credentials: Arc::new(apps) })
    }

    /// Reads an apps file, and watches it from then on.
    pub(crate) fn watched(name: &str, path: &Path) -> Result<Self, Problem> {
        let told = name.to_owned();
        let apps = FileCredentials::builder(path)
            .on_reload(move |status| {
                if let Some(refused) = &status.refused {
                    warn(&told, format_args!("{}; the apps from before are served", refused.error));
                }
            })
            .open()
            .map_err(|error| Problem(error.to_string()))?;
        for warning in apps.warnings() {
            warn(name, warning);
        }
        tokio::spawn(apps.watch());
        Ok(Self { count: apps.status().apps, credentials: Arc::new(apps) })
    }
}
