use std::fmt;
use std::sync::Arc;

use crate::store::DynTwoPhaseReplayStore;

/// When a nonce (or the `jti` of a token that is used once) is taken back, so that the very same
/// request passes once more. It is at most once in a nonce's life, and needs a
/// [`TwoPhaseReplayStore`](crate::store::TwoPhaseReplayStore).
///
/// What each variant takes back:
///
/// | what happens | `Never` | `OnServerError` | `DangerouslyOnCancellation` |
/// |---|---|---|---|
/// | the inner service is not called after all: another claim of the request is refused, or the caller goes away | | yes | yes |
/// | it answers 5xx, or with a [`Rejection`](crate::error::Rejection) of such a code, however that is rendered | | yes | yes |
/// | it fails (its `Error`) | | yes | yes |
/// | the caller goes away while it runs | | | yes |
/// | it answers anything else; or its body breaks off after that | | | |
/// | it panics | | | |
///
/// A claim is taken back before the answer goes out. The inner service is all that is inside the
/// layer: an answer that a layer in there makes of a panic or a timeout counts like a handler's. When
/// a store's answer is lost, the nonce counts as used.
///
/// ```
/// # #[cfg(all(feature = "axum", feature = "jwt"))]
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use axum::{Router, body::Body, http::{Request, StatusCode}, routing::get};
/// use countersign::jwt::{JwtVerifier, Plugin};
/// use countersign::middleware::{JwtAuthLayer, Release};
/// use countersign::store::MemoryReplayStore;
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use tower::ServiceExt;
///
/// let plugin = Plugin::parse("
/// parameter: X-Token
/// parameterLocation: header
/// preventJtiReplay: true
/// jwk:
///   kty: oct
///   alg: HS256
///   k: AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow
/// ")?;
/// let verifier = JwtVerifier::from_plugin(plugin, MemoryReplayStore::new())?;
///
/// // A service that fails the first time.
/// static WORKS: AtomicBool = AtomicBool::new(false);
/// let handler = async || match WORKS.swap(true, Ordering::SeqCst) {
///     true => Ok("done"),
///     false => Err(StatusCode::INTERNAL_SERVER_ERROR),
/// };
/// let service = Router::new()
///     .route("/", get(handler))
///     .layer(JwtAuthLayer::new(verifier).with_release(Release::OnServerError));
///
/// // {"alg":"HS256"} . {"jti":"1","exp":4102444800}
/// # let token = "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIxIiwiZXhwIjo0MTAyNDQ0ODAwfQ.tCUt9JnEQ2mqQ2g2Dx8YSlllW2uvsTTZkyy8Tgs3sqY";
/// let send = || {
///     let request = Request::get("/").header("x-token", token).body(Body::empty());
///     service.clone().oneshot(request.expect("it is a request"))
/// };
/// assert_eq!(send().await?.status(), 500);
/// assert_eq!(send().await?.status(), 200, "the same request, once more");
///
/// // Refused:
/// assert_eq!(send().await?.headers()["x-ca-error-code"], "A403SV");
/// # Ok(()) }
/// # #[cfg(not(all(feature = "axum", feature = "jwt")))] fn main() {}
/// ```
///
/// # Security
///
/// Who has recorded a request that failed can send it, too, and whoever comes first has the retry. An
/// app may spend it on another request with the same nonce. A handler that has done its work and then
/// answers 5xx does it twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Release {
    /// A nonce that was claimed is used, whatever comes of the request: a handler may have acted
    /// before it failed.
    #[default]
    Never,
    /// When the service failed, and when it was not called.
    OnServerError,
    /// Also when the caller goes away while the service runs. Dangerous, because nobody knows how far
    /// it has come: what it does may be done twice.
    DangerouslyOnCancellation,
}

/// When a gate's claims are taken back, and by which store.
#[derive(Clone)]
pub(in crate::middleware) struct Releasing {
    pub(in crate::middleware) release: Release,
    pub(in crate::middleware) store: Arc<dyn DynTwoPhaseReplayStore>,
}

impl Releasing {
    /// `None` is a gate whose claims are made for good.
    pub(in crate::middleware) fn new(
        release: Release,
        store: Arc<dyn DynTwoPhaseReplayStore>,
    ) -> Option<Self> {
        (release != Release::Never).then_some(Self { release, store })
    }
}

impl fmt::Debug for Releasing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.release.fmt(f)
    }
}
