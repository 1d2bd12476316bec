use std::fmt;
use std::sync::Arc;

use tower_layer::Layer;

use super::options::Options;
use super::{CacheControl, Enforcement, Guard, RejectionContext};
use crate::error::{Catalogue, ErrorCode, Rejection, RenderRejection};

/// Puts a [`Guard`] around a service, with what can be said to every layer. Use it by the name that
/// it has with its gate: [`AppAuthLayer`](crate::middleware::AppAuthLayer).
pub struct GuardLayer<G, C = ErrorCode> {
    gate: Arc<G>,
    options: Arc<Options<C>>,
}

impl<G, C: Catalogue> GuardLayer<G, C> {
    #[cfg(feature = "jwt")]
    pub(in crate::middleware) fn gate(&self) -> &G {
        &self.gate
    }

    pub(in crate::middleware) fn with_gate(gate: G, renderer: impl RenderRejection<C>) -> Self {
        Self { gate: Arc::new(gate), options: Arc::new(Options::new(renderer)) }
    }

    /// Whether refused requests are refused. Default: [`Enforcement::Enforce`].
    #[must_use]
    pub fn with_enforcement(self, enforcement: Enforcement) -> Self {
        self.change(|options| options.enforcement = enforcement)
    }

    /// What an accepted response without `Cache-Control` is given. Default:
    /// [`CacheControl::Private`].
    #[must_use]
    pub fn with_cache_control(self, cache_control: CacheControl) -> Self {
        self.change(|options| options.cache_control = cache_control)
    }

    /// How refused requests are answered. Default: as the gateway does, which for its own codes is
    /// [`Dialect::Vpc`](crate::error::Dialect::Vpc) with an empty body.
    #[must_use]
    pub fn with_renderer(self, renderer: impl RenderRejection<C>) -> Self {
        self.change(|options| options.renderer = Arc::new(renderer))
    }

    /// Calls `hook` for every rejection, also for those that are only observed.
    #[must_use]
    pub fn on_rejection<F>(self, hook: F) -> Self
    where
        F: Fn(&Rejection<C>, &RejectionContext<'_>) + Send + Sync + 'static,
    {
        self.change(|options| options.on_rejection = Some(Arc::new(hook)))
    }

    fn change(mut self, change: impl FnOnce(&mut Options<C>)) -> Self {
        change(Arc::make_mut(&mut self.options));
        self
    }
}

impl<G: Clone, C> GuardLayer<G, C> {
    pub(in crate::middleware) fn change_gate(mut self, change: impl FnOnce(&mut G)) -> Self {
        change(Arc::make_mut(&mut self.gate));
        self
    }
}

impl<S, G, C> Layer<S> for GuardLayer<G, C> {
    type Service = Guard<S, G, C>;

    fn layer(&self, inner: S) -> Self::Service {
        Guard::new(inner, Arc::clone(&self.gate), Arc::clone(&self.options))
    }
}

impl<G, C> Clone for GuardLayer<G, C> {
    fn clone(&self) -> Self {
        Self { gate: Arc::clone(&self.gate), options: Arc::clone(&self.options) }
    }
}

impl<G: fmt::Debug, C: Catalogue> fmt::Debug for GuardLayer<G, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardLayer")
            .field("gate", &self.gate)
            .field("options", &self.options)
            .finish()
    }
}
