//! Apps in memory.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::{CredentialStore, StoreError};
use crate::credential::{App, AppCode};
use crate::error::ConfigError;

/// A credential store that holds its apps in memory; they can be changed while it serves.
///
/// ```
/// use countersign::credential::{App, AppKey, AppSecret};
/// use countersign::store::MemoryCredentials;
///
/// let app = App::new("demo", AppKey::new("203710001")?).with_secret(AppSecret::new("…")?);
/// let credentials = MemoryCredentials::new([app.clone()])?;
/// assert!(credentials.insert(app).is_err(), "an AppKey names one app");
/// assert!(credentials.remove("203710001").is_some());
/// # Ok::<(), countersign::error::ConfigError>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryCredentials {
    maps: RwLock<Maps>,
}

#[derive(Debug, Default)]
struct Maps {
    by_key: HashMap<String, Arc<App>>,
    by_code: HashMap<[u8; 32], Arc<App>>,
}

impl MemoryCredentials {
    /// A store of these apps.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Duplicate`] if two of them share an AppKey or an AppCode.
    pub fn new(apps: impl IntoIterator<Item = App>) -> Result<Self, ConfigError> {
        let store = Self::default();
        apps.into_iter().try_for_each(|app| store.insert(app))?;
        Ok(store)
    }

    /// Adds an app.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Duplicate`] if its AppKey or one of its AppCodes is taken; the store is then
    /// unchanged.
    pub fn insert(&self, app: App) -> Result<(), ConfigError> {
        let mut maps = self.maps.write().unwrap_or_else(PoisonError::into_inner);
        if maps.by_key.contains_key(app.key().as_str()) {
            return Err(ConfigError::Duplicate("AppKey"));
        }
        if app.app_codes().iter().any(|code| maps.by_code.contains_key(code.digest())) {
            return Err(ConfigError::Duplicate("AppCode"));
        }
        let app = Arc::new(app);
        for code in app.app_codes() {
            maps.by_code.insert(*code.digest(), Arc::clone(&app));
        }
        maps.by_key.insert(app.key().as_str().to_owned(), app);
        Ok(())
    }

    /// Removes the app with this AppKey; its credentials are refused from the next request on.
    pub fn remove(&self, key: &str) -> Option<Arc<App>> {
        let mut maps = self.maps.write().unwrap_or_else(PoisonError::into_inner);
        let app = maps.by_key.remove(key)?;
        for code in app.app_codes() {
            maps.by_code.remove(code.digest());
        }
        Some(app)
    }

    fn find(&self, find: impl FnOnce(&Maps) -> Option<&Arc<App>>) -> Option<Arc<App>> {
        let maps = self.maps.read().unwrap_or_else(PoisonError::into_inner);
        find(&maps).map(Arc::clone)
    }
}

impl CredentialStore for MemoryCredentials {
    async fn app_by_key(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
        Ok(self.find(|maps| maps.by_key.get(key)))
    }

    async fn app_by_code(&self, code: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        Ok(self.find(|maps| maps.by_code.get(code.digest())))
    }
}
