//! Tower layers. They move requests, bodies and responses, and decide nothing: every decision is
//! the [`Verifier`](crate::verify::Verifier)'s.

pub mod app_auth;

mod original_target;
mod own_headers;
mod request_body;
mod request_id;
mod response_body;
mod telemetry;

#[cfg(feature = "axum")]
mod axum;

pub use app_auth::{AppAuth, AppAuthLayer};
pub use original_target::OriginalTarget;
pub use request_body::{BodyTooLong, RequestBody};
pub use request_id::RequestId;
pub use response_body::ResponseBody;
