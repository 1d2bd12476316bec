//! A token and app authentication in one layer: both, or either.
//!
//! The JWT policy's [`AppAuthRule`](crate::jwt::AppAuthRule) (`orAppAuth` in a plug-in document) says
//! which:
//!
//! | rule | what the request must present |
//! |---|---|
//! | [`Besides`](crate::jwt::AppAuthRule::Besides) | both. The app's checks come first, then the token's, as the gateway's error codes are ordered; then both claims, first the nonce's. What a check refuses spends neither nonce nor `jti`; a used nonce (`S403NU`) leaves the `jti` alone; a used `jti` (`A403SV`) is found when the nonce is spent |
//! | [`Instead`](crate::jwt::AppAuthRule::Instead) | a token, which must then be valid and suffices; or, without one, what the app's checks want. `Authorization: APPCODE …` is no token. Neither: `I400JR` |
//!
//! With `bypassEmptyToken`, the absence of a token is no refusal: under `Besides` the app's checks
//! remain, under `Instead` a request that presents nothing at all passes, unauthenticated.
//!
//! ```
//! # #[cfg(feature = "axum")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use axum::{Router, body::Body, http::Request, routing::get};
//! use countersign::credential::{App, AppCode, AppKey};
//! use countersign::jwt::{JwtVerifier, Plugin};
//! use countersign::middleware::JwtAppAuthLayer;
//! use countersign::store::{MemoryCredentials, MemoryReplayStore};
//! use countersign::verify::Verifier;
//! use tower::ServiceExt;
//!
//! let plugin = Plugin::parse("
//! parameter: Authorization
//! parameterLocation: header
//! orAppAuth: true
//! jwk: { kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo }
//! ")?;
//! let app = App::new("demo", AppKey::new("203710001")?).with_app_code(AppCode::new("a code")?);
//!
//! // One store for nonces and token ids: they never collide.
//! let replay = Arc::new(MemoryReplayStore::new());
//! let verifier = Verifier::new(MemoryCredentials::new([app])?, Arc::clone(&replay));
//! let tokens = JwtVerifier::from_plugin(plugin, replay)?;
//! let service = Router::new()
//!     .route("/", get(async || "hello"))
//!     .layer(JwtAppAuthLayer::new(tokens, verifier));
//!
//! // Accepted:
//! let request = Request::get("/").header("authorization", "APPCODE a code");
//! let response = service.clone().oneshot(request.body(Body::empty())?).await?;
//! assert_eq!(response.status(), 200);
//!
//! // Refused:
//! let response = service.oneshot(Request::get("/").body(Body::empty())?).await?;
//! assert_eq!(response.headers()["x-ca-error-code"], "I400JR");
//! # Ok(()) }
//! # #[cfg(not(feature = "axum"))] fn main() {}
//! ```
//!
//! The inner service finds [`Verified`](crate::verify::Verified),
//! [`VerifiedToken`](crate::jwt::VerifiedToken) or both in the request's extensions. Everything else
//! is as for [`app_auth`](super::app_auth) and [`jwt_auth`](super::jwt_auth).

mod gate;
mod layer;

pub use gate::JwtAppAuthGate;
pub use layer::{JwtAppAuth, JwtAppAuthLayer};
