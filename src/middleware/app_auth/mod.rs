//! AppKey signatures and AppCodes as a Tower layer.
//!
//! ```
//! # #[cfg(feature = "axum")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use countersign::credential::{App, AppCode, AppKey, AppSecret};
//! use countersign::middleware::AppAuthLayer;
//! use countersign::store::{MemoryCredentials, MemoryReplayStore};
//! use countersign::verify::{Verified, Verifier};
//! use axum::{Router, body::Body, http::Request, routing::get};
//! use tower::ServiceExt;
//!
//! let app = App::new("demo", AppKey::new("203710001")?)
//!     .with_secret(AppSecret::new("a secret")?)
//!     .with_app_code(AppCode::new("a code")?);
//! let verifier = Verifier::new(MemoryCredentials::new([app])?, MemoryReplayStore::new());
//! let service = Router::new()
//!     .route("/", get(|caller: Verified| async move { format!("hello {}", caller.app_id()) }))
//!     .layer(AppAuthLayer::new(verifier));
//!
//! // Accepted:
//! let request = Request::get("/").header("authorization", "APPCODE a code");
//! let response = service.clone().oneshot(request.body(Body::empty())?).await?;
//! assert_eq!(response.status(), 200);
//!
//! // Refused:
//! let response = service.oneshot(Request::get("/").body(Body::empty())?).await?;
//! assert_eq!(response.status(), 400);
//! assert_eq!(response.headers()["x-ca-error-code"], "A400MA");
//! # Ok(()) }
//! # #[cfg(not(feature = "axum"))] fn main() {}
//! ```
//!
//! # What it does
//!
//! 1. The [`Verifier`](crate::verify::Verifier)'s steps, in their order, on the *original* request
//!    target ([`OriginalTarget`](super::OriginalTarget)).
//! 2. A body is read only if its digest or its form is signed, after the head has passed, within
//!    [`Limits`](crate::verify::Limits). The inner service gets it unchanged: bytes, trailers and
//!    size hint. A body that is not read is streamed; if its length was not known and it exceeds
//!    the limit, the answer is `I413RL`.
//! 3. Accepted: [`Verified`](crate::verify::Verified) is in the request's extensions, and as headers
//!    if [`IdentityHeaders`] are configured; the response gets `X-Ca-Request-Id`, and
//!    `Cache-Control: private` if it has none.
//! 4. Refused: the answer is rendered by a [`RenderRejection`](crate::error::RenderRejection), and
//!    the [`Rejection`](crate::error::Rejection) is in the response's extensions.
//!
//! # Ordering
//!
//! * **CORS outside.** A preflight request carries no credential: put the CORS layer around this
//!   one, so that it answers `OPTIONS` itself. Expose `X-Ca-Error-Code`, `X-Ca-Error-Message` and
//!   `X-Ca-Request-Id` to scripts.
//! * **Decompression and anything that rewrites bodies inside.** What was signed is what was
//!   transmitted.
//! * **Anything that rewrites the target**: inside, or it sets
//!   [`OriginalTarget`](super::OriginalTarget). Behind axum's `nest` nothing is needed.
//! * **Concurrency limits** outside bound the verification too. Inside, a permit is held while a
//!   body is read.
//!
//! * **axum's body limit.** Its extractors (`Bytes`, `String`, `Json`, `Form`) stop at 2 MB with an
//!   answer of their own. The layer bounds bodies itself, so let it:
//!   `.layer(DefaultBodyLimit::disable())` on the routes inside.
//!
//! # A policy for a route
//!
//! Layers inside layers add up: a request must pass each, and a looser one inside a stricter one
//! loosens nothing. So give each router its own layer, *beside* the others, with
//! [`Verifier::with_policy`](crate::verify::Verifier::with_policy) of the same verifier; nonces are
//! shared, and what an outer layer of the same verifier has claimed is not claimed again. With
//! [`Authentication::Optional`] strangers pass:
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! # use countersign::{middleware::AppAuthLayer, store::*, verify::*};
//! use axum::{Router, routing::{get, put}};
//! use countersign::middleware::app_auth::Authentication;
//! # fn routes(verifier: Verifier<MemoryCredentials, MemoryReplayStore>) -> Router {
//! let uploads = verifier.clone().with_policy(
//!     Policy::strict().with_content_md5(ContentMd5Rule::Optional),
//! );
//! let uploads = Router::new()
//!     .route("/{name}", put(async || "stored"))
//!     .layer(AppAuthLayer::new(uploads));
//!
//! let greeting = Router::new()
//!     .route("/", get(|caller: Option<Verified>| async move {
//!         caller.map_or("hello stranger".to_owned(), |c| format!("hello {}", c.app_id()))
//!     }))
//!     .layer(AppAuthLayer::new(verifier.clone()).with_authentication(Authentication::Optional));
//!
//! let private = Router::new()
//!     .route("/orders", get(async || "orders"))
//!     .layer(AppAuthLayer::new(verifier));
//!
//! Router::new().nest("/uploads", uploads).merge(greeting).merge(private)
//! # }
//! # }
//! ```
//!
//! A handler refuses by returning a [`Rejection`](crate::error::Rejection); the layer renders it as
//! it renders its own.
//!
//! # When the service fails
//!
//! The nonce is spent before the service is called, so after a failure the same request is a replay
//! (`S403NU`): callers sign their retries anew. For callers who cannot, [`AppAuthLayer::with_release`]
//! gives the nonce back, once in its life, when the service has answered 5xx or was never called. See
//! [`Release`](super::Release) for what counts and what it costs. Layers of one verifier that are
//! nested: the outermost has claimed, so it is the one to be told.
//!
//! # What the operator sees
//!
//! With the `metrics` feature, two counters:
//!
//! | counter | label | values |
//! |---|---|---|
//! | `countersign_requests_total` | `outcome` | `accepted`, `rejected`, `observed`, `anonymous` |
//! | | `code` | the documented code, empty if accepted |
//! | | `mechanism` | `signature`, `app_code`, `none` |
//! | `countersign_strict_findings_total` | `row` | a [`StrictRow`](crate::verify::StrictRow) that an accepted request would have failed |
//!
//! With the `tracing` feature, an event for each request inside a debug span `app_auth` with its
//! `request_id`: `request accepted` and `request passed without a credential` at debug; `request
//! refused` at info, with `code`, `app_key`,
//! `enforcement` and, where the documented message does not tell, `detail` (for `S403TE` how far off
//! the timestamp is); at warn, with `error`, if a store could not answer. A claim that is taken back
//! is `claim released` at debug, and `claim not released` at warn, with `error`, if the store could
//! not be asked.
//! [`AppAuthLayer::on_rejection`] is called for each refusal.
//!
//! # Requirements
//!
//! Request bodies are `Unpin` and yield [`Bytes`](bytes::Bytes), as axum's and hyper's do. A tokio
//! runtime with its timer enabled (the default of `#[tokio::main]`) bounds slow bodies.
//!
//! # Security
//!
//! See [`verify`](crate::verify) for what a signature covers. The layer does not limit rates and
//! does not hide which AppKeys exist, unless the policy says so.

mod authentication;
mod gate;
mod identity_headers;
mod layer;
mod steps;

pub use authentication::Authentication;
pub use gate::AppAuthGate;
pub use identity_headers::IdentityHeaders;
pub use layer::{AppAuth, AppAuthLayer};
