//! ROA 1.0 (openapi §3).
//!
//! ```text
//! METHOD LF  Accept LF  Content-MD5 LF  Content-Type LF  Date LF
//! name:value LF  (for every x-acs-* header, by name)
//! path[?k1=v1&k2=v2…]  (decoded, by name)
//! ```

mod request;
mod variant;

pub use request::RoaRequest;
pub use variant::{RoaValues, RoaVariant};
