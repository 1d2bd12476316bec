//! Request authentication of Alibaba Cloud API Gateway as Tower layers.

pub mod clock;
pub mod credential;
pub mod error;
pub mod header;
#[cfg(feature = "middleware")]
pub mod middleware;
pub mod protocol;
pub mod store;
pub mod verify;
