//! Tower layers. They move requests, bodies and responses, and decide nothing: every decision is
//! the [`Verifier`](crate::verify::Verifier)'s.

pub mod app_auth;

mod original_target;
mod own_headers;
mod request_id;

#[cfg(feature = "axum")]
mod axum;

pub use app_auth::{AppAuth, AppAuthLayer};
pub use original_target::OriginalTarget;
pub use request_id::RequestId;
