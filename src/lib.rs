//! Tower layers for axum and hyper services that speak the request authentication of Alibaba Cloud
//! API Gateway: AppKey + HMAC signature, AppCode, Content-MD5, timestamp and nonce windows, JSON Web
//! Tokens that are used once; and the RPC, ROA and V3 signatures of OpenAPI clients. A refused request
//! gets its documented code.
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::{Router, routing::get};
//! use countersign::credential::{App, AppKey, AppSecret};
//! use countersign::middleware::AppAuthLayer;
//! use countersign::store::{MemoryCredentials, MemoryReplayStore};
//! use countersign::verify::{Verified, Verifier};
//!
//! # fn service() -> Result<Router, Box<dyn std::error::Error>> {
//! let partner = App::new("partner", AppKey::new("203710001")?)
//!     .with_secret(AppSecret::new("from your secret store")?);
//! let verifier = Verifier::new(MemoryCredentials::new([partner])?, MemoryReplayStore::new());
//! let service = Router::new()
//!     .route("/hello", get(|caller: Verified| async move { format!("hello {}", caller.app_id()) }))
//!     .layer(AppAuthLayer::new(verifier));
//! # Ok(service) }
//! # assert!(service().is_ok());
//! # }
//! ```
//!
//! # Where to look
//!
//! | for | module |
//! |---|---|
//! | the layer, its options, and its place among other layers | `middleware::app_auth` (feature `middleware`) |
//! | a service behind the managed gateway | [`verify::backend`], `middleware::backend_signature`; [`sign`] for the gateway's side |
//! | OpenAPI clients: RPC, ROA and V3 | [`verify::openapi`], `middleware::openapi` |
//! | what all layers share: observing instead of refusing, caching, bodies | `middleware` |
//! | JSON Web Tokens, and the plug-in document | `jwt` (feature `jwt`), `middleware::jwt_auth` with `Claims` |
//! | tokens and apps in one layer, both or either | `middleware::jwt_app_auth` |
//! | keys that an issuer publishes | `jwt::remote` (feature `jwks`) |
//! | the order of the checks, and verification without tower | [`verify`] |
//! | what is accepted: strict or compatible, knob by knob | [`verify::Policy`] |
//! | apps, secrets and their rotation | [`credential`] |
//! | calling such an API | `middleware::sign` (features `middleware`, `reqwest`), [`sign`] without IO |
//! | where apps and nonces live | [`store`] |
//! | nonces of many nodes, in Redis | `store::redis_replay` (feature `redis`) |
//! | a replay store of your own, and its tests | [`store::ReplayStore`], `store::conformance` (feature `test-util`) |
//! | the documented codes, and answering them yourself | [`error`] |
//! | the string to sign | [`protocol`] |
//! | the signatures of OpenAPI requests: RPC, ROA, V3 | [`protocol::openapi`]; [`sign::OpenApiSigner`] |
//! | why a signature is refused, for who writes a client | [`explain`] |
//! | time in tests | [`clock`] |
//!
//! # Promises
//!
//! - A token of single use is accepted once, as far as the same store remembers.
//! - A request that was accepted once is not accepted again while its timestamp is acceptable,
//!   under the strict policy and within one replay store ([`store::memory_replay`]). A service may say
//!   that one which it failed to handle passes once more (`middleware::Release`); by default none does.
//! - What reaches the inner service is what was signed, as far as the protocol signs it
//!   ([`verify`], "Security").
//! - No request makes the crate panic, and none makes it work or remember without bound.
//! - No secret is in a log, a `Debug` output, an error or a metric's label.
//!
//! # What it is not
//!
//! It is no TLS, no rate limiter and no secret store. AppCodes are bearer credentials.
//!
//! # Features
//!
//! `axum`, `file-credentials`, `json` and `jwt` are on by default; `cached-credentials`, `jwks`,
//! `jwt-cache`, `metrics`, `middleware`, `openapi-rsa`, `redis`, `redis-tls`, `reqwest`, `sm3`, `test-util`
//! and `tracing` are there to be added. `jwt`, `openapi-rsa` and `redis-tls` build C code (aws-lc), so
//! they want a C compiler. Enabling a feature never changes what another part decides. Without features
//! nothing of tower, tokio or hyper is pulled in.

pub mod clock;
pub mod credential;
pub mod error;
pub mod explain;
mod few;
pub mod header;
#[cfg(feature = "jwt")]
pub mod jwt;
#[cfg(feature = "middleware")]
pub mod middleware;
pub mod protocol;
mod random;
pub mod sign;
pub mod store;
pub mod verify;

/// The README's examples are compiled with the documentation's.
#[cfg(all(
    doctest,
    feature = "axum",
    feature = "file-credentials",
    feature = "jwks",
    feature = "jwt",
    feature = "redis",
    feature = "reqwest"
))]
#[doc = include_str!("../README.md")]
struct Readme;
