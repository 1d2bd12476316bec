use std::fmt;
use std::sync::Arc;

use tower_layer::Layer;

use super::options::Options;
use super::{
    AppAuth, Authentication, CacheControl, Enforcement, IdentityHeaders, RejectionContext,
};
use crate::error::{Rejection, RenderRejection};
use crate::verify::Verifier;

/// Puts [`AppAuth`] around a service. See the [module's documentation](super).
pub struct AppAuthLayer<C, R> {
    pub(super) verifier: Verifier<C, R>,
    pub(super) options: Arc<Options>,
}

impl<C, R> AppAuthLayer<C, R> {
    /// A layer that refuses what `verifier` refuses, in the gateway's VPC dialect.
    #[must_use]
    pub fn new(verifier: Verifier<C, R>) -> Self {
        Self { verifier, options: Arc::default() }
    }

    /// Whether refused requests are refused. Default: [`Enforcement::Enforce`].
    #[must_use]
    pub fn with_enforcement(self, enforcement: Enforcement) -> Self {
        self.change(|options| options.enforcement = enforcement)
    }

    /// Whether a request must present a credential. Default: [`Authentication::Required`].
    #[must_use]
    pub fn with_authentication(self, authentication: Authentication) -> Self {
        self.change(|options| options.authentication = authentication)
    }

    /// What an accepted response without `Cache-Control` is given. Default:
    /// [`CacheControl::Private`].
    #[must_use]
    pub fn with_cache_control(self, cache_control: CacheControl) -> Self {
        self.change(|options| options.cache_control = cache_control)
    }

    /// How refused requests are answered. Default: [`Dialect::Vpc`](crate::error::Dialect::Vpc)
    /// with an empty body, as the gateway does.
    #[must_use]
    pub fn with_renderer(self, renderer: impl RenderRejection) -> Self {
        self.change(|options| options.renderer = Arc::new(renderer))
    }

    /// Forwards the verified identity to the inner service as headers. Default: it is in the
    /// request's extensions only.
    #[must_use]
    pub fn with_identity_headers(self, headers: IdentityHeaders) -> Self {
        self.change(|options| {
            options.own_headers = headers.names().into_iter().collect();
            options.identity_headers = Some(headers);
        })
    }

    /// Calls `hook` for every rejection, also for those that are only observed.
    #[must_use]
    pub fn on_rejection<F>(self, hook: F) -> Self
    where
        F: Fn(&Rejection, &RejectionContext<'_>) + Send + Sync + 'static,
    {
        self.change(|options| options.on_rejection = Some(Arc::new(hook)))
    }

    fn change(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(Arc::make_mut(&mut self.options));
        self
    }
}

impl<S, C, R> Layer<S> for AppAuthLayer<C, R> {
    type Service = AppAuth<S, C, R>;

    fn layer(&self, inner: S) -> Self::Service {
        AppAuth::new(inner, self.clone())
    }
}

impl<C, R> Clone for AppAuthLayer<C, R> {
    fn clone(&self) -> Self {
        Self { verifier: self.verifier.clone(), options: Arc::clone(&self.options) }
    }
}

impl<C, R> fmt::Debug for AppAuthLayer<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppAuthLayer")
            .field("verifier", &self.verifier)
            .field("options", &self.options)
            .finish()
    }
}
