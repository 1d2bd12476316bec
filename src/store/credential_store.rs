//! The credential store's contract.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::StoreError;
use crate::credential::{App, AppCode};

/// Finds the app behind a presented credential.
///
/// An unknown credential is `Ok(None)`, not an error: it is the caller's fault (`A400IK`,
/// `A401AC`, `InvalidAccessKeyId.NotFound`), while an error is the service's (`X503BZ`,
/// `ServiceUnavailable`). Look-ups happen before a signature is
/// verified, so anyone can cause them: a store in front of a database should cache, misses
/// included: `CachedCredentials` (feature `cached-credentials`) does.
///
/// # A store of your own
///
/// A table of apps with their AppKey, their secret and the digest of their AppCode:
///
/// ```
/// use std::sync::Arc;
///
/// use countersign::clock::UnixMillis;
/// use countersign::credential::{App, AppCode, AppKey, AppSecret, Availability};
/// use countersign::error::ConfigError;
/// use countersign::store::{CredentialStore, StoreError};
///
/// struct Row {
///     app_id: String,
///     app_key: String,
///     app_secret: String,
///     app_code_sha256: Option<[u8; 32]>,
///     enabled: bool,
///     expires_at_millis: Option<u64>,
/// }
///
/// /// Stands for your database's driver.
/// trait Database: Send + Sync + 'static {
///     type Error: std::error::Error + Send + Sync + 'static;
///
///     fn app_where(
///         &self,
///         column: &'static str,
///         value: &[u8],
///     ) -> impl Future<Output = Result<Option<Row>, Self::Error>> + Send;
/// }
///
/// struct DatabaseCredentials<D>(D);
///
/// impl<D: Database> DatabaseCredentials<D> {
///     async fn find(&self, column: &'static str, value: &[u8]) -> Result<Option<Arc<App>>, StoreError> {
///         // No row is "unknown"; a database that does not answer, or a row that makes no sense, is
///         // the service's fault.
///         let Some(row) = self.0.app_where(column, value).await.map_err(StoreError::unavailable)? else {
///             return Ok(None);
///         };
///         app(row).map(Arc::new).map(Some).map_err(StoreError::unavailable)
///     }
/// }
///
/// fn app(row: Row) -> Result<App, ConfigError> {
///     let mut app = App::new(row.app_id, AppKey::new(row.app_key)?)
///         .with_secret(AppSecret::new(row.app_secret)?)
///         .with_availability(if row.enabled { Availability::Enabled } else { Availability::Disabled });
///     if let Some(digest) = row.app_code_sha256 {
///         app = app.with_app_code(AppCode::from_digest(digest));
///     }
///     if let Some(end) = row.expires_at_millis {
///         app = app.with_expiry(UnixMillis::new(end));
///     }
///     Ok(app)
/// }
///
/// impl<D: Database> CredentialStore for DatabaseCredentials<D> {
///     async fn app_by_key(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
///         self.find("app_key", key.as_bytes()).await
///     }
///
///     async fn app_by_code(&self, code: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
///         self.find("app_code_sha256", code.digest()).await
///     }
/// }
/// #
/// # struct OneApp;
/// #
/// # impl Database for OneApp {
/// #     type Error = std::io::Error;
/// #
/// #     async fn app_where(&self, column: &str, value: &[u8]) -> Result<Option<Row>, std::io::Error> {
/// #         let digest = *AppCode::new("a code").unwrap().digest();
/// #         let found = match column {
/// #             "app_key" => value == b"203710001",
/// #             _ => *value == digest,
/// #         };
/// #         Ok(found.then(|| Row {
/// #             app_id: "demo".into(),
/// #             app_key: "203710001".into(),
/// #             app_secret: "a secret".into(),
/// #             app_code_sha256: Some(digest),
/// #             enabled: true,
/// #             expires_at_millis: None,
/// #         }))
/// #     }
/// # }
/// #
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // In front of it: CachedCredentials::new(store).
/// let store = DatabaseCredentials(OneApp);
/// assert_eq!(store.app_by_key("203710001").await?.unwrap().id(), "demo");
/// assert_eq!(store.app_by_code(&AppCode::new("a code")?).await?.unwrap().id(), "demo");
/// assert!(store.app_by_key("another").await?.is_none());
/// # Ok(()) }
/// ```
pub trait CredentialStore: Send + Sync + 'static {
    /// The app that signs under this AppKey.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be asked.
    fn app_by_key(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<Arc<App>>, StoreError>> + Send;

    /// The app that owns this AppCode. Look up by [`AppCode::digest`]; the verifier compares the
    /// found app's codes with the presented one again, in constant time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be asked.
    fn app_by_code(
        &self,
        code: &AppCode,
    ) -> impl Future<Output = Result<Option<Arc<App>>, StoreError>> + Send;

    /// The app that has an AccessKey with this id. The verifier compares the found app's ids with the
    /// presented one again.
    ///
    /// None unless a store says otherwise: one that holds no AccessKeys needs no code for them, and
    /// what is unknown is refused (`InvalidAccessKeyId.NotFound`). A store around another one has to
    /// pass it on.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be asked.
    fn app_by_access_key(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Option<Arc<App>>, StoreError>> + Send {
        let _ = id;
        std::future::ready(Ok(None))
    }
}

type Lookup<'a> = Pin<Box<dyn Future<Output = Result<Option<Arc<App>>, StoreError>> + Send + 'a>>;

/// [`CredentialStore`] as a trait object: use `Arc<dyn DynCredentialStore>` where the store is
/// chosen at run time. It is implemented for every [`CredentialStore`].
pub trait DynCredentialStore: Send + Sync + 'static {
    /// [`CredentialStore::app_by_key`], boxed.
    fn app_by_key_dyn<'a>(&'a self, key: &'a str) -> Lookup<'a>;

    /// [`CredentialStore::app_by_code`], boxed.
    fn app_by_code_dyn<'a>(&'a self, code: &'a AppCode) -> Lookup<'a>;

    /// [`CredentialStore::app_by_access_key`], boxed.
    fn app_by_access_key_dyn<'a>(&'a self, id: &'a str) -> Lookup<'a>;
}

impl<S: CredentialStore> DynCredentialStore for S {
    fn app_by_key_dyn<'a>(&'a self, key: &'a str) -> Lookup<'a> {
        Box::pin(self.app_by_key(key))
    }

    fn app_by_code_dyn<'a>(&'a self, code: &'a AppCode) -> Lookup<'a> {
        Box::pin(self.app_by_code(code))
    }

    fn app_by_access_key_dyn<'a>(&'a self, id: &'a str) -> Lookup<'a> {
        Box::pin(self.app_by_access_key(id))
    }
}

impl CredentialStore for Arc<dyn DynCredentialStore> {
    async fn app_by_key(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
        (**self).app_by_key_dyn(key).await
    }

    async fn app_by_code(&self, code: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        (**self).app_by_code_dyn(code).await
    }

    async fn app_by_access_key(&self, id: &str) -> Result<Option<Arc<App>>, StoreError> {
        (**self).app_by_access_key_dyn(id).await
    }
}

impl<S: CredentialStore> CredentialStore for Arc<S> {
    async fn app_by_key(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
        (**self).app_by_key(key).await
    }

    async fn app_by_code(&self, code: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        (**self).app_by_code(code).await
    }

    async fn app_by_access_key(&self, id: &str) -> Result<Option<Arc<App>>, StoreError> {
        (**self).app_by_access_key(id).await
    }
}
