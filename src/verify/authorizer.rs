//! Step 5's extension point: what the service itself decides about an authentic request.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::credential::App;
use crate::error::Rejection;
use crate::protocol::RequestHead;

/// Decides whether an app may make a request. It runs after the signature is verified and before
/// the body is read and the nonce claimed.
///
/// For a decision that needs no waiting, [`authorize_fn`] makes one of a closure.
pub trait Authorizer: Send + Sync + 'static {
    /// Lets the request pass, or answers any documented code.
    ///
    /// # Errors
    ///
    /// The rejection that the caller gets; `A403PR` is the gateway's for an app that is not
    /// granted.
    fn authorize(
        &self,
        app: &App,
        head: &RequestHead<'_>,
    ) -> impl Future<Output = Result<(), Rejection>> + Send;
}

/// [`Authorizer`] as a trait object. It is implemented for every [`Authorizer`].
pub trait DynAuthorizer: Send + Sync + 'static {
    /// [`Authorizer::authorize`], boxed.
    fn authorize_dyn<'a>(
        &'a self,
        app: &'a App,
        head: &'a RequestHead<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), Rejection>> + Send + 'a>>;
}

impl<A: Authorizer> DynAuthorizer for A {
    fn authorize_dyn<'a>(
        &'a self,
        app: &'a App,
        head: &'a RequestHead<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), Rejection>> + Send + 'a>> {
        Box::pin(self.authorize(app, head))
    }
}

impl Authorizer for Arc<dyn DynAuthorizer> {
    async fn authorize(&self, app: &App, head: &RequestHead<'_>) -> Result<(), Rejection> {
        (**self).authorize_dyn(app, head).await
    }
}

/// An [`Authorizer`] from a closure.
///
/// ```
/// use countersign::error::ErrorCode;
/// use countersign::verify::authorize_fn;
/// use http::Method;
///
/// // Only the billing app may change anything.
/// let authorizer = authorize_fn(|app, head| match (app.id(), head.method()) {
///     ("billing", _) | (_, &Method::GET) => Ok(()),
///     _ => Err(ErrorCode::A403PR.into()),
/// });
/// # let _ = authorizer;
/// ```
pub fn authorize_fn<F>(decide: F) -> AuthorizeFn<F>
where
    F: Fn(&App, &RequestHead<'_>) -> Result<(), Rejection> + Send + Sync + 'static,
{
    AuthorizeFn(decide)
}

/// What [`authorize_fn`] makes.
#[derive(Clone, Copy)]
pub struct AuthorizeFn<F>(F);

impl<F> Authorizer for AuthorizeFn<F>
where
    F: Fn(&App, &RequestHead<'_>) -> Result<(), Rejection> + Send + Sync + 'static,
{
    async fn authorize(&self, app: &App, head: &RequestHead<'_>) -> Result<(), Rejection> {
        (self.0)(app, head)
    }
}

impl<F> fmt::Debug for AuthorizeFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizeFn")
    }
}
