//! RPC 1.0 (openapi §2).
//!
//! ```text
//! METHOD & %2F & enc( enc(name)=enc(value)&…, sorted by decoded name, without Signature )
//! ```

mod params;
mod request;

pub use params::RpcParams;
pub use request::{NameOrder, RpcRequest};
