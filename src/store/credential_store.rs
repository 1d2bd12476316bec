//! The credential store's contract.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::StoreError;
use crate::credential::{App, AppCode};

/// Finds the app behind a presented credential.
///
/// An unknown credential is `Ok(None)`, not an error: it is the caller's fault (`A400IK`,
/// `A401AC`), while an error is the service's (`X503BZ`). Look-ups happen before a signature is
/// verified, so anyone can cause them: a store in front of a database should cache, misses
/// included.
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
}

type Lookup<'a> = Pin<Box<dyn Future<Output = Result<Option<Arc<App>>, StoreError>> + Send + 'a>>;

/// [`CredentialStore`] as a trait object: use `Arc<dyn DynCredentialStore>` where the store is
/// chosen at run time. It is implemented for every [`CredentialStore`].
pub trait DynCredentialStore: Send + Sync + 'static {
    /// [`CredentialStore::app_by_key`], boxed.
    fn app_by_key_dyn<'a>(&'a self, key: &'a str) -> Lookup<'a>;

    /// [`CredentialStore::app_by_code`], boxed.
    fn app_by_code_dyn<'a>(&'a self, code: &'a AppCode) -> Lookup<'a>;
}

impl<S: CredentialStore> DynCredentialStore for S {
    fn app_by_key_dyn<'a>(&'a self, key: &'a str) -> Lookup<'a> {
        Box::pin(self.app_by_key(key))
    }

    fn app_by_code_dyn<'a>(&'a self, code: &'a AppCode) -> Lookup<'a> {
        Box::pin(self.app_by_code(code))
    }
}

impl CredentialStore for Arc<dyn DynCredentialStore> {
    async fn app_by_key(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
        (**self).app_by_key_dyn(key).await
    }

    async fn app_by_code(&self, code: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        (**self).app_by_code_dyn(code).await
    }
}

impl<S: CredentialStore> CredentialStore for Arc<S> {
    async fn app_by_key(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
        (**self).app_by_key(key).await
    }

    async fn app_by_code(&self, code: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        (**self).app_by_code(code).await
    }
}
