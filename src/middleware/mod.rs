//! Tower layers. They move requests, bodies and responses, and decide nothing: every decision is
//! a verifier's ([`Verifier`](crate::verify::Verifier), `jwt::JwtVerifier`,
//! [`BackendVerifier`](crate::verify::backend::BackendVerifier)).
//!
//! | layer | lets pass |
//! |---|---|
//! | [`AppAuthLayer`] ([`app_auth`]) | signed requests, and AppCodes |
//! | [`BackendSignatureLayer`] ([`backend_signature`]) | what the managed gateway in front has sent |
//! | [`OpenApiLayer`] ([`openapi`]) | signed requests of OpenAPI clients: RPC, ROA, V3 |
#![cfg_attr(
    feature = "jwt",
    doc = "| [`JwtAuthLayer`] ([`jwt_auth`]) | requests with a JSON Web Token |"
)]
#![cfg_attr(
    feature = "jwt",
    doc = "| [`JwtAppAuthLayer`] ([`jwt_app_auth`]) | requests with both, or with either |"
)]
//!
//! [`SignLayer`] ([`sign`]) is for the other side: it signs what a client sends.
//!
//! What any layer of a server can be told stands here: whether it refuses ([`Enforcement`]), what caches are told
//! ([`CacheControl`]), who hears of refusals ([`RejectionContext`]), and whether a request that the
//! service could not handle may be sent again as it is ([`Release`]).

pub mod app_auth;
pub mod backend_signature;

mod guard;
#[cfg(feature = "jwt")]
pub mod jwt_app_auth;
#[cfg(feature = "jwt")]
pub mod jwt_auth;
pub mod openapi;
mod original_target;
mod own_headers;
mod reading;
mod request_body;
mod request_id;
mod response_body;
pub mod sign;
mod span;
mod telemetry;

#[cfg(feature = "axum")]
mod axum;

pub use app_auth::{AppAuth, AppAuthLayer};
pub use backend_signature::{BackendSignature, BackendSignatureLayer};
pub use guard::{
    CacheControl, Enforcement, Guard, GuardLayer, RejectionContext, Release, ResponseFuture,
};
#[cfg(feature = "jwt")]
pub use jwt_app_auth::{JwtAppAuth, JwtAppAuthLayer};
#[cfg(feature = "jwt")]
pub use jwt_auth::{JwtAuth, JwtAuthLayer};
pub use openapi::{OpenApi, OpenApiLayer};
pub use original_target::OriginalTarget;
pub use request_body::{BodyTooLong, RequestBody};
pub use request_id::RequestId;
pub use response_body::ResponseBody;
pub use sign::{Sign, SignLayer};
