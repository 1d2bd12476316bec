//! The transport's contract: one document per call.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::FetchError;

/// Gets an issuer's JWK set from where it is published.
///
/// A transport only gets the document. When it is asked, how long it may take, what the document must
/// say and what becomes of a failure is [`RemoteKeys`](super::RemoteKeys)' part. It must bound the
/// document's size itself, and it must know that it asks the right party: whoever can answer in the
/// issuer's name can sign tokens.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use countersign::jwt::remote::{FetchError, FetchKeySet, RemoteKeys};
/// use std::time::Duration;
///
/// /// A file that another process keeps up to date.
/// struct File(&'static str);
///
/// impl FetchKeySet for File {
///     async fn fetch(&self) -> Result<Vec<u8>, FetchError> {
///         tokio::fs::read(self.0).await.map_err(FetchError::transport)
///     }
/// }
///
/// let keys = RemoteKeys::builder(File("tests/data/jwt/nowhere.json")).start()?;
/// assert!(keys.ready(Duration::from_millis(100)).await.is_err());
/// # Ok(()) }
/// ```
pub trait FetchKeySet: Send + Sync + 'static {
    /// The JWK set, in JSON. The future is dropped when it takes too long.
    ///
    /// # Errors
    ///
    /// [`FetchError`], as a rule [`FetchError::transport`].
    fn fetch(&self) -> impl Future<Output = Result<Vec<u8>, FetchError>> + Send;
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// [`FetchKeySet`] as a trait object: use `Arc<dyn DynFetchKeySet>` where the transport is chosen at
/// run time. It is implemented for every [`FetchKeySet`].
pub trait DynFetchKeySet: Send + Sync + 'static {
    /// [`FetchKeySet::fetch`], boxed.
    fn fetch_dyn(&self) -> BoxFuture<'_, Result<Vec<u8>, FetchError>>;
}

impl<F: FetchKeySet> DynFetchKeySet for F {
    fn fetch_dyn(&self) -> BoxFuture<'_, Result<Vec<u8>, FetchError>> {
        Box::pin(self.fetch())
    }
}

impl FetchKeySet for Arc<dyn DynFetchKeySet> {
    async fn fetch(&self) -> Result<Vec<u8>, FetchError> {
        (**self).fetch_dyn().await
    }
}

impl<F: FetchKeySet> FetchKeySet for Arc<F> {
    async fn fetch(&self) -> Result<Vec<u8>, FetchError> {
        (**self).fetch().await
    }
}
