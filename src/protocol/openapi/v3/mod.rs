//! V3, also called ACS3 (openapi §4).
//!
//! ```text
//! canonical request: METHOD LF  path LF  query LF
//!                    name:value LF  (for each signed header, in the list's order)
//!                    LF  list of signed headers LF  digest of the body
//! string to sign:    algorithm LF  digest of the canonical request
//! ```

mod request;
mod signed_headers;
mod variant;

pub use request::V3Request;
pub use signed_headers::{V3SignedHeaders, V3SignedHeadersError};
pub use variant::{V3Names, V3Path, V3Variant};
