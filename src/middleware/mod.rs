//! Tower layers. They move requests, bodies and responses, and decide nothing: every decision is
//! the [`Verifier`](crate::verify::Verifier)'s.
//!
//! [`app_auth`] has the layer and its documentation. What any layer can be told stands here: whether
//! it refuses ([`Enforcement`]), what caches are told ([`CacheControl`]), and who hears of refusals
//! ([`RejectionContext`]).

pub mod app_auth;

mod guard;
mod original_target;
mod own_headers;
mod request_body;
mod request_id;
mod response_body;
mod telemetry;

#[cfg(feature = "axum")]
mod axum;

pub use app_auth::{AppAuth, AppAuthLayer};
pub use guard::{CacheControl, Enforcement, Guard, GuardLayer, RejectionContext, ResponseFuture};
pub use original_target::OriginalTarget;
pub use request_body::{BodyTooLong, RequestBody};
pub use request_id::RequestId;
pub use response_body::ResponseBody;
