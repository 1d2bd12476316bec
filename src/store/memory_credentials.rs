//! Apps in memory.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::{CredentialStore, StoreError};
use crate::credential::{AccessKey, App, AppCode};
use crate::error::ConfigError;

/// A credential store that holds its apps in memory; they can be changed while it serves. Keep a
/// handle by giving the verifier an [`Arc`] of it.
///
/// Look-ups take no lock, so that cores do not wait for each other. The price is that a change copies
/// the tables: of thousands of apps, give those that are known at the start to [`new`](Self::new).
///
/// ```
/// use std::sync::Arc;
/// use countersign::credential::{App, AppKey, AppSecret};
/// use countersign::store::{MemoryCredentials, MemoryReplayStore};
/// use countersign::verify::Verifier;
///
/// let app = App::new("demo", AppKey::new("203710001")?).with_secret(AppSecret::new("old")?);
/// let credentials = Arc::new(MemoryCredentials::new([app.clone()])?);
/// let verifier = Verifier::new(Arc::clone(&credentials), MemoryReplayStore::new());
///
/// // To rotate the secret, both are accepted until every caller has the new one.
/// credentials.replace(app.clone().with_secret(AppSecret::new("new")?))?;
/// assert!(credentials.insert(app).is_err(), "an AppKey names one app");
///
/// // Revoked, from the next request on.
/// assert!(credentials.remove("203710001").is_some());
/// # let _ = verifier;
/// # Ok::<(), countersign::error::ConfigError>(())
/// ```
#[derive(Default)]
pub struct MemoryCredentials {
    maps: ArcSwap<Maps>,
    /// Held by who changes them: changes come one after the other.
    changing: Mutex<()>,
}

#[derive(Clone, Default)]
struct Maps {
    by_key: HashMap<String, Arc<App>>,
    by_code: HashMap<[u8; 32], Arc<App>>,
    by_access_key: HashMap<String, Arc<App>>,
}

impl MemoryCredentials {
    /// A store of these apps.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Duplicate`] if two of them share an AppKey, an AppCode or an AccessKeyId;
    /// [`ConfigError::NoCredential`] for an app that nobody could call as.
    pub fn new(apps: impl IntoIterator<Item = App>) -> Result<Self, ConfigError> {
        let mut maps = Maps::default();
        apps.into_iter().try_for_each(|app| maps.add(app))?;
        Ok(Self { maps: ArcSwap::from_pointee(maps), changing: Mutex::default() })
    }

    /// Adds an app.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Duplicate`] if its AppKey, one of its AppCodes or one of its AccessKeyIds is
    /// taken, [`ConfigError::NoCredential`] if it has none but an AppKey; the store is then unchanged.
    pub fn insert(&self, app: App) -> Result<(), ConfigError> {
        self.change(|maps| maps.add(app))
    }

    /// Adds an app, or puts it in the place of the one with its AppKey, in one step: no request in
    /// between finds neither. Returns the one that it replaced.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Duplicate`] if one of its AppCodes or AccessKeyIds is another app's,
    /// [`ConfigError::NoCredential`] if it has none but an AppKey; the store is then unchanged.
    pub fn replace(&self, app: App) -> Result<Option<Arc<App>>, ConfigError> {
        self.change(|maps| maps.put(app))
    }

    /// Removes the app with this AppKey; its credentials are refused from the next request on.
    pub fn remove(&self, key: &str) -> Option<Arc<App>> {
        self.change(|maps| Ok::<_, Infallible>(maps.take(key))).unwrap_or_default()
    }

    /// How many apps it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.maps.load().by_key.len()
    }

    /// Whether it holds no app, so that nobody can call.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn by_key(&self, key: &str) -> Option<Arc<App>> {
        self.find(|maps| maps.by_key.get(key))
    }

    pub(super) fn by_code(&self, code: &AppCode) -> Option<Arc<App>> {
        self.find(|maps| maps.by_code.get(code.digest()))
    }

    pub(super) fn by_access_key(&self, id: &str) -> Option<Arc<App>> {
        self.find(|maps| maps.by_access_key.get(id))
    }

    fn find(&self, find: impl FnOnce(&Maps) -> Option<&Arc<App>>) -> Option<Arc<App>> {
        find(&self.maps.load()).map(Arc::clone)
    }

    /// Changes a copy, and puts it in the place of the maps unless the change is refused.
    fn change<T, E>(&self, change: impl FnOnce(&mut Maps) -> Result<T, E>) -> Result<T, E> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut maps = Maps::clone(&self.maps.load());
        let answer = change(&mut maps)?;
        self.maps.store(Arc::new(maps));
        Ok(answer)
    }
}

impl Maps {
    fn add(&mut self, app: App) -> Result<(), ConfigError> {
        if self.by_key.contains_key(app.key().as_str()) {
            return Err(ConfigError::Duplicate("AppKey"));
        }
        self.put(app).map(|_none| ())
    }

    fn put(&mut self, app: App) -> Result<Option<Arc<App>>, ConfigError> {
        let key = app.key().as_str();
        if app.secrets().is_empty() && app.app_codes().is_empty() && app.access_keys().is_empty() {
            return Err(ConfigError::NoCredential);
        }
        let of_another =
            |owner: Option<&Arc<App>>| owner.is_some_and(|owner| owner.key() != app.key());
        if app.app_codes().iter().any(|code| of_another(self.by_code.get(code.digest()))) {
            return Err(ConfigError::Duplicate("AppCode"));
        }
        let ids = || app.access_keys().iter().map(AccessKey::id);
        let is_repeated = ids().collect::<HashSet<_>>().len() < app.access_keys().len();
        if is_repeated || ids().any(|id| of_another(self.by_access_key.get(id))) {
            return Err(ConfigError::Duplicate("AccessKeyId"));
        }
        let replaced = self.take(key);
        let app = Arc::new(app);
        for code in app.app_codes() {
            self.by_code.insert(*code.digest(), Arc::clone(&app));
        }
        for key in app.access_keys() {
            self.by_access_key.insert(key.id().to_owned(), Arc::clone(&app));
        }
        self.by_key.insert(app.key().as_str().to_owned(), app);
        Ok(replaced)
    }

    fn take(&mut self, key: &str) -> Option<Arc<App>> {
        let app = self.by_key.remove(key)?;
        for code in app.app_codes() {
            self.by_code.remove(code.digest());
        }
        for key in app.access_keys() {
            self.by_access_key.remove(key.id());
        }
        Some(app)
    }
}

impl CredentialStore for MemoryCredentials {
    async fn app_by_key(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
        Ok(self.by_key(key))
    }

    async fn app_by_code(&self, code: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        Ok(self.by_code(code))
    }

    async fn app_by_access_key(&self, id: &str) -> Result<Option<Arc<App>>, StoreError> {
        Ok(self.by_access_key(id))
    }
}

/// How many apps it holds: their AppCodes' digests are not for logs.
impl fmt::Debug for MemoryCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCredentials").field("apps", &self.len()).finish()
    }
}
