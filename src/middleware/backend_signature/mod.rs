//! The managed gateway's back-end signature as a Tower layer: a service behind the gateway serves what
//! the gateway has sent, and nothing else.
//!
//! ```
//! # #[cfg(feature = "axum")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use countersign::credential::{BackendKey, BackendPair, BackendSecret};
//! use countersign::middleware::BackendSignatureLayer;
//! use countersign::store::MemoryReplayStore;
//! use countersign::verify::backend::{BackendPairs, BackendVerifier, VerifiedGateway};
//! use axum::{Router, body::Body, http::Request, routing::get};
//! use tower::ServiceExt;
//!
//! // key and secret of the plug-in `type: APIGW_BACKEND`
//! let pair = BackendPair::new(BackendKey::new("SampleKey")?, BackendSecret::new("SampleSecret")?);
//! let verifier = BackendVerifier::new(BackendPairs::new([pair])?, MemoryReplayStore::new());
//! let service = Router::new()
//!     .route("/orders", get(|gateway: VerifiedGateway| async move {
//!         format!("by way of {}", gateway.key())
//!     }))
//!     .layer(BackendSignatureLayer::new(verifier));
//!
//! // Accepted: "GET\n\n/orders?a=1", signed by the gateway
//! let request = Request::get("/orders?a=1")
//!     .header("x-ca-proxy-signature-secret-key", "SampleKey")
//!     .header("x-ca-proxy-signature", "urnwyyqGsb9fIRsdLMi+bCi3tzEGXnJ8mLuuwrtc9gQ=");
//! let response = service.clone().oneshot(request.body(Body::empty())?).await?;
//! assert_eq!(response.status(), 200);
//!
//! // Refused:
//! let response = service.oneshot(Request::get("/orders?a=1").body(Body::empty())?).await?;
//! assert_eq!(response.status(), 400);
//! assert_eq!(response.headers()["x-ca-error-code"], "I400MH");
//! # Ok(()) }
//! # #[cfg(not(feature = "axum"))] fn main() {}
//! ```
//!
//! # What it does
//!
//! 1. The [`BackendVerifier`](crate::verify::backend::BackendVerifier)'s steps, in their order, on the
//!    *original* request target ([`OriginalTarget`](super::OriginalTarget)). Their conditions and codes
//!    are at [`verify::backend`](crate::verify::backend).
//! 2. A body is read as far as the signature needs it: a form before the signature is known, and so is
//!    a body without `Content-MD5` whose digest the gateway has signed, both within
//!    [`Limits::max_form`](crate::verify::Limits::max_form); one with a `Content-MD5` afterwards. The
//!    inner service gets it unchanged. A body that is not read is streamed.
//! 3. Accepted: [`VerifiedGateway`](crate::verify::backend::VerifiedGateway) is in the request's
//!    extensions; the response gets `X-Ca-Request-Id`, and `Cache-Control: private` if it has none.
//! 4. Refused: the answer is rendered by a [`RenderRejection`](crate::error::RenderRejection), and
//!    the [`Rejection`](crate::error::Rejection) is in the response's extensions. The gateway hands it
//!    on to its own caller.
//!
//! # To begin with
//!
//! What the gateway covers depends on how the API is defined, so count first what would be refused:
//! [`Enforcement::Observe`](super::Enforcement::Observe) with
//! [`BackendSignatureLayer::on_rejection`]. Two refusals are frequent:
//!
//! * `I400MH` about `Content-MD5`: the gateway covers a body only if its own caller sent that header.
//!   Let callers send it, or accept uncovered bodies by name
//!   ([`BodyCoverage::AsSent`](crate::verify::backend::BodyCoverage::AsSent)).
//! * `I400IP`: a parameter that occurs twice; the gateway signs the first value.
//!
//! # Ordering
//!
//! As for [`app_auth`](super::app_auth): anything that rewrites bodies or the target goes inside. A
//! health check that does not come through the gateway goes outside, on a router beside this one.
//!
//! # What the operator sees
//!
//! The counters and events of [`app_auth`](super::app_auth), with `mechanism` `backend_signature`, in
//! a span `backend_signature`. `app_id` and `app_key` are the pair's key.
//!
//! # Security
//!
//! See [`verify::backend`](crate::verify::backend) for what a signature covers and what it does not. A
//! request that does not come from the gateway is refused, whoever it comes from; one that was recorded
//! behind the gateway passes again, unless timestamp and nonce are covered.

mod gate;
mod layer;
mod steps;

pub use gate::BackendSignatureGate;
pub use layer::{BackendSignature, BackendSignatureLayer};
