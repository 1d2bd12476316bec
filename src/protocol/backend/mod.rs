//! The back-end signature: what the gateway signs towards the service (protocol §6).
//!
//! ```text
//! METHOD LF  Content-MD5 LF
//! name:value LF  (for each declared header that is there, sorted by declared spelling, in lower case)
//! path[?k1=[v1]&k2=[v2]…]
//! ```
//!
//! Header lists, paths and parameters are read by the rules of the request signature (§1.3, §1.4).
//! Different are the names of the headers, what is written of an absent header and of a parameter
//! without a value, and that there are no lines for `Accept`, `Content-Type` and `Date`.

mod proxy_headers;
mod request;
mod signature;
mod variant;

pub use proxy_headers::ProxyHeaders;
pub use request::BackendRequest;
pub use signature::{sign_backend, verify_backend};
pub use variant::{BackendVariant, BareName};
