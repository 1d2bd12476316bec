//! RPC, ROA and V3 signatures of OpenAPI clients as a Tower layer.
//!
//! ```
//! # #[cfg(feature = "axum")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use axum::{Router, body::Body, http::Request, routing::any};
//! use countersign::credential::{AccessKey, AccessKeySecret, App};
//! use countersign::middleware::OpenApiLayer;
//! use countersign::store::{MemoryCredentials, MemoryReplayStore};
//! use countersign::verify::openapi::{OpenApiVerifier, VerifiedOpenApi};
//! use tower::ServiceExt;
//!
//! let key = AccessKey::new("LTAI5tExample", AccessKeySecret::new("a secret")?)?;
//! let apps = MemoryCredentials::new([App::of_access_key("billing", key)])?;
//! let verifier = OpenApiVerifier::new(apps, MemoryReplayStore::new());
//! let service = Router::new()
//!     .route("/", any(|caller: VerifiedOpenApi| async move {
//!         format!("{} asks for {:?}", caller.app_id(), caller.action())
//!     }))
//!     .layer(OpenApiLayer::new(verifier));
//!
//! // Refused:
//! let response = service.oneshot(Request::get("/").body(Body::empty())?).await?;
//! assert_eq!(response.status(), 400);
//! assert_eq!(response.headers()["content-type"], "application/json;charset=utf-8");
//! # Ok(()) }
//! # #[cfg(not(feature = "axum"))] fn main() {}
//! ```
//!
//! # What it does
//!
//! 1. The [verifier](crate::verify::openapi)'s steps, in their order, on the *original* request target
//!    ([`OriginalTarget`](super::OriginalTarget)).
//! 2. A form is read first where its parameters may be the signature's, within the
//!    [`FormBudget`](crate::verify::FormBudget); any other body after the signature, if its digest is
//!    signed. The inner service gets it unchanged.
//! 3. Accepted: [`VerifiedOpenApi`](crate::verify::openapi::VerifiedOpenApi) is in the request's
//!    extensions; the response gets `x-acs-request-id`.
//! 4. Refused: the documented body, in JSON unless XML is asked for by name, and the
//!    [`OpenApiRejection`](crate::error::OpenApiRejection) in the response's extensions. A handler
//!    refuses by returning one.
//!
//! # Security
//!
//! Authorize by [`VerifiedOpenApi::action`](crate::verify::openapi::VerifiedOpenApi::action), not by
//! headers or path: an RPC signature covers neither.

mod gate;
mod layer;
mod steps;

pub use gate::OpenApiGate;
pub use layer::{OpenApi, OpenApiLayer};
