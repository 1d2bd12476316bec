//! What a layer does besides verifying.

use std::fmt;
use std::sync::Arc;

use http::Method;

use crate::error::{Catalogue, Rejection, RenderRejection};
use crate::middleware::RequestId;
use crate::verify::Mechanism;

/// Whether a refused request is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforcement {
    /// It is answered, and the inner service does not see it.
    #[default]
    Enforce,
    /// It is verified, logged and counted, and let through *unauthenticated*, with the
    /// [`Rejection`] in its extensions: for moving a running service behind the layer. Nothing is
    /// protected in this mode.
    Observe,
}

impl Enforcement {
    /// A name fit for a log field.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Observe => "observe",
        }
    }
}

/// What an accepted response without `Cache-Control` is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheControl {
    /// `private`: a signed request carries no `Authorization` header, so a shared cache would not
    /// know that the response is for one caller.
    #[default]
    Private,
    /// Nothing.
    AsAnswered,
}

/// What is known of a refused request. It holds no credential.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RejectionContext<'a> {
    /// The request's method.
    pub method: &'a Method,
    /// The path of the request's target, without the query, which may carry an AppCode.
    pub path: &'a str,
    /// The AppKey that was presented, or the key of a back-end pair, known or not; `None` if it is
    /// longer than any or not UTF-8.
    pub app_key: Option<&'a str>,
    /// Which kind of credential was presented, right or wrong.
    pub mechanism: Option<Mechanism>,
    /// The id that the response carries.
    pub request_id: &'a RequestId,
    /// Whether the request is answered or let through.
    pub enforcement: Enforcement,
}

type Hook<C> = dyn Fn(&Rejection<C>, &RejectionContext<'_>) + Send + Sync;

pub(super) struct Options<C> {
    pub(super) enforcement: Enforcement,
    pub(super) cache_control: CacheControl,
    pub(super) renderer: Arc<dyn RenderRejection<C>>,
    pub(super) on_rejection: Option<Arc<Hook<C>>>,
}

impl<C: Catalogue> Options<C> {
    /// What a layer does unless told otherwise, and how its refusals look.
    pub(super) fn new(renderer: impl RenderRejection<C>) -> Self {
        Self {
            enforcement: Enforcement::default(),
            cache_control: CacheControl::default(),
            renderer: Arc::new(renderer),
            on_rejection: None,
        }
    }
}

impl<C> Clone for Options<C> {
    fn clone(&self) -> Self {
        Self {
            enforcement: self.enforcement,
            cache_control: self.cache_control,
            renderer: Arc::clone(&self.renderer),
            on_rejection: self.on_rejection.clone(),
        }
    }
}

impl<C: Catalogue> fmt::Debug for Options<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("enforcement", &self.enforcement)
            .field("cache_control", &self.cache_control)
            .field("renderer", &self.renderer)
            .finish_non_exhaustive()
    }
}
