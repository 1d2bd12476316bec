//! JSON Web Tokens as a Tower layer.
//!
//! ```
//! # #[cfg(feature = "axum")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use axum::{Router, body::Body, http::Request, routing::get};
//! use countersign::jwt::{JwtVerifier, Plugin, VerifiedToken};
//! use countersign::middleware::JwtAuthLayer;
//! use countersign::store::MemoryReplayStore;
//! use tower::ServiceExt;
//!
//! // The plug-in document, as it is on the managed gateway.
//! let plugin = Plugin::parse("
//! parameter: Authorization
//! parameterLocation: header
//! claimParameters:
//! - { claimName: sub, parameterName: X-User, location: header }
//! jwk:
//!   kty: oct
//!   alg: HS256
//!   k: AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow
//! ")?;
//! let verifier = JwtVerifier::from_plugin(plugin, MemoryReplayStore::new())?;
//! let service = Router::new()
//!     .route("/", get(|token: VerifiedToken| async move {
//!         format!("hello {}", token.subject().unwrap_or("you"))
//!     }))
//!     .layer(JwtAuthLayer::new(verifier));
//!
//! // Accepted: {"alg":"HS256"} . {"sub":"1"}
//! # let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.Lxx8Ljza7DLRpZyoKhnVaShQ4RHMAkgmrfW_2xD2gXI";
//! let request = Request::get("/").header("authorization", format!("Bearer {token}"));
//! let response = service.clone().oneshot(request.body(Body::empty())?).await?;
//! assert_eq!(response.status(), 200);
//!
//! // Refused:
//! let response = service.oneshot(Request::get("/").body(Body::empty())?).await?;
//! assert_eq!(response.status(), 400);
//! assert_eq!(response.headers()["x-ca-error-code"], "I400JR");
//! # Ok(()) }
//! # #[cfg(not(feature = "axum"))] fn main() {}
//! ```
//!
//! # What it does
//!
//! 1. The [`JwtVerifier`](crate::jwt::JwtVerifier)'s steps, in their order ([`jwt`](crate::jwt)). The
//!    body is not read; [`JwtAuthLayer::with_max_body`] bounds it.
//! 2. Accepted: the [`VerifiedToken`](crate::jwt::VerifiedToken) is in the request's extensions, and
//!    the claims that the policy forwards are in its headers and its query. What the caller sent under
//!    those names is removed from every request that is handed on: headers, their look-alikes with
//!    underscores, trailers, and query parameters in any case. A claim that cannot be written is
//!    `A403JT`.
//! 3. Refused: the answer is rendered by a [`RenderRejection`](crate::error::RenderRejection), and
//!    the [`Rejection`](crate::error::Rejection) is in the response's extensions.
//!
//! # Ordering
//!
//! * **CORS outside**, as for [`app_auth`](super::app_auth).
//! * **With app authentication**: [`JwtAppAuthLayer`](super::JwtAppAuthLayer) requires both, or either
//!   (`orAppAuth`), and makes both claims last. Two layers work, too, and both are then required:
//!   put the app layer *outside*. The outer one makes its claim before the inner one decides, so a
//!   request that the inner one refuses has spent the outer one's nonce. With this layer outside it is
//!   the `jti` that is spent, and an app signature that covers a header which claims are forwarded
//!   in does not verify any more.
//! * **Layers of one verifier** may be nested: the outer one's claim is not made again. It is also the
//!   one that gives a `jti` back after a failure ([`JwtAuthLayer::with_release`]).
//! * The token itself is handed on as it came.
//!
//! # Security
//!
//! * A handler that reads axum's `OriginalUri` sees the caller's query, where a claim may be
//!   forged; the request's own URI has the verified one. A form body is not looked at.
//! * A token in a query is in access logs, histories and `Referer` headers. Prefer a header.
//! * A token in a cookie is sent by browsers on their own: guard against CSRF.

#[cfg(feature = "axum")]
mod claims;
pub(in crate::middleware) mod forwarding;
mod gate;
mod layer;

#[cfg(feature = "axum")]
pub use claims::Claims;
pub(in crate::middleware) use gate::Bearer;
pub use gate::JwtAuthGate;
pub use layer::{JwtAuth, JwtAuthLayer};
