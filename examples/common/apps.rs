//! Who may call: the demo app, or the apps of a file that is read again when it changes.

use std::path::Path;
use std::sync::Arc;

use countersign::credential::App;
use countersign::store::{DynCredentialStore, FileCredentials, MemoryCredentials};

use super::Problem;

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

    /// Reads an apps file, and watches it from then on. What is wrong with it later is
    /// [told](super::told).
    pub(crate) fn watched(path: &Path) -> Result<Self, Problem> {
        let apps = FileCredentials::open(path).map_err(|error| Problem(error.to_string()))?;
        tokio::spawn(apps.watch());
        Ok(Self { count: apps.status().apps, credentials: Arc::new(apps) })
    }
}
