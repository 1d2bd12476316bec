//! Which target the caller signed.

use http::Uri;
use http::request::Parts;

/// The request target as the caller sent it, for layers that run behind something that rewrites it.
///
/// Put it into the request's extensions *before* the rewriting. Behind axum's `nest` it is not
/// needed: with the `axum` feature the layers find axum's own `OriginalUri`. Without that feature, or
/// behind another router that strips a prefix, it is: else the stripped target would be verified, and
/// a signature for `/items` would open `/api/items`.
///
/// ```
/// use countersign::middleware::OriginalTarget;
/// use http::{Request, Uri};
///
/// let mut request = Request::new(());
/// *request.uri_mut() = Uri::from_static("/api/items?a=1");
/// let original = OriginalTarget(request.uri().clone());
/// request.extensions_mut().insert(original);
/// *request.uri_mut() = Uri::from_static("/items?a=1"); // what a rewriting layer does
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalTarget(pub Uri);

impl OriginalTarget {
    /// The signed target of a request: the one set here, else axum's, else the request's own.
    pub(crate) fn of(parts: &Parts) -> &Uri {
        let named = parts.extensions.get::<Self>().map(|Self(uri)| uri);
        #[cfg(feature = "axum")]
        let named = named.or_else(|| {
            parts.extensions.get::<::axum::extract::OriginalUri>().map(|original| &original.0)
        });
        named.unwrap_or(&parts.uri)
    }
}
