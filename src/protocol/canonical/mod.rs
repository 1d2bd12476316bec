//! The canonical request and its string to sign (protocol §1).
//!
//! ```text
//! METHOD LF  Accept LF  Content-MD5 LF  Content-Type LF  Date LF
//! name:value LF  (for each signed header, bytewise by name and value)
//! path[?k1[=v1]&k2[=v2]…]
//! ```
//!
//! Clients read some of the rules differently. A [`Variant`] names one reading of each; the
//! [`PRIMARY`](Variant::PRIMARY) one is the gateway's own.

mod headers;
mod params;
mod path;
mod request;
mod variant;

pub(crate) use headers::is_documented_exclusion;
pub(super) use headers::is_tchar;
pub use headers::{SignedHeader, SignedHeaders, SignedHeadersError};
pub(super) use params::decoded_pairs;
pub use params::{Param, Params, Source, TooManyParams};
pub use path::CanonicalPath;
pub use request::CanonicalRequest;
pub(crate) use request::{MAX_HEAD_LEN, Text, head_len};
pub use variant::{
    AcceptLine, Clash, DeclaredNames, EmptyValue, PathForm, Plus, Reading, Readings, Variant,
};
