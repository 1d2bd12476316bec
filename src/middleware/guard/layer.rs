use std::fmt;
use std::sync::Arc;

use tower_layer::Layer;

use super::options::Options;
use super::{CacheControl, Enforcement, Guard, RejectionContext};
use crate::error::{Rejection, RenderRejection};

/// Puts a [`Guard`] around a service, with what can be said to every layer. Use it by the name that
/// it has with its gate: [`AppAuthLayer`](crate::middleware::AppAuthLayer).
pub struct GuardLayer<G> {
    gate: Arc<G>,
    options: Arc<Options>,
}

impl<G> GuardLayer<G> {
    #[cfg(feature = "jwt")]
    pub(in crate::middleware) fn gate(&self) -> &G {
        &self.gate
    }

    pub(in crate::middleware) fn with_gate(gate: G) -> Self {
        Self { gate: Arc::new(gate), options: Arc::default() }
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

    /// How refused requests are answered. Default: [`Dialect::Vpc`](crate::error::Dialect::Vpc)
    /// with an empty body, as the gateway does.
    #[must_use]
    pub fn with_renderer(self, renderer: impl RenderRejection) -> Self {
        self.change(|options| options.renderer = Arc::new(renderer))
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

impl<G: Clone> GuardLayer<G> {
    pub(in crate::middleware) fn change_gate(mut self, change: impl FnOnce(&mut G)) -> Self {
        change(Arc::make_mut(&mut self.gate));
        self
    }
}

impl<S, G> Layer<S> for GuardLayer<G> {
    type Service = Guard<S, G>;

    fn layer(&self, inner: S) -> Self::Service {
        Guard::new(inner, Arc::clone(&self.gate), Arc::clone(&self.options))
    }
}

impl<G> Clone for GuardLayer<G> {
    fn clone(&self) -> Self {
        Self { gate: Arc::clone(&self.gate), options: Arc::clone(&self.options) }
    }
}

impl<G: fmt::Debug> fmt::Debug for GuardLayer<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardLayer")
            .field("gate", &self.gate)
            .field("options", &self.options)
            .finish()
    }
}
