//! Request authentication of Alibaba Cloud API Gateway as Tower layers.

pub mod clock;
pub mod error;
pub mod header;
pub mod store;
