//! The wire protocol, sans IO: what a request presents and which string its signature covers.
//!
//! Nothing here knows a policy, a store, a clock or a future. `docs/PROTOCOL.md` has the rules with
//! their sources; the parts are
//!
//! 1. [`RequestHead`]: method, target, headers, and what is known of the body's length;
//! 2. [`CaHeaders`]: the headers that the protocol gives a meaning, found in one pass;
//! 3. [`SignedHeaders`]: the declared headers with their values;
//! 4. [`Params`] and [`CanonicalPath`]: what the target and a form contribute;
//! 5. [`CanonicalRequest`]: all of these, from which the string to sign is made;
//! 6. [`SignatureMethod`], [`PresentedSignature`], [`ContentMd5`], [`parse_timestamp`]: the values;
//! 7. [`ProxyHeaders`] and [`BackendRequest`]: the same towards a service behind the gateway.
//!
//! The signatures of OpenAPI requests, which are another family, are in [`openapi`].
//!
//! ```
//! use countersign::credential::AppSecret;
//! use countersign::protocol::{
//!     BodyLength, CaHeaders, CanonicalRequest, Params, RequestHead, SignatureMethod, SignedHeaders,
//!     Variant,
//! };
//! use http::{HeaderMap, HeaderValue, Method, Uri};
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("accept", HeaderValue::from_static("application/json"));
//! headers.insert("x-ca-key", HeaderValue::from_static("appKey"));
//! let target = Uri::from_static("/test?a=1&b=");
//! let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
//!
//! let ca = CaHeaders::collect(&headers);
//! let signed = SignedHeaders::parse(b"X-Ca-Key", &headers)?;
//! let query = Params::query(&head)?;
//! let request = CanonicalRequest::new(&head, &ca, &signed, &query);
//! let string_to_sign = request.string_to_sign(Variant::PRIMARY);
//! assert_eq!(string_to_sign, b"GET\napplication/json\n\n\n\nX-Ca-Key:appKey\n/test?a=1&b");
//!
//! let signature = SignatureMethod::HmacSha256.sign(&AppSecret::new("appSecret")?, &string_to_sign);
//! assert_eq!(signature, "2g9amlIqrQt6rBh8+h2OyU8LqNpmXXcFq8xaRSgK2MI=");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod app_code;
mod backend;
mod ca_headers;
mod canonical;
mod content_md5;
mod head;
pub mod openapi;
#[cfg(feature = "jwt")]
mod query;
mod signature;
mod timestamp;

pub use app_code::{app_code_in_header, app_codes_in_query};
pub use backend::{
    BackendRequest, BackendVariant, BareName, ProxyHeaders, sign_backend, verify_backend,
};
pub(crate) use ca_headers::CaHeader;
pub use ca_headers::{CaHeaders, is_form};
use canonical::decoded_pairs;
pub(crate) use canonical::is_documented_exclusion;
pub use canonical::{
    AcceptLine, CanonicalPath, CanonicalRequest, Clash, DeclaredNames, EmptyValue, Param, Params,
    PathForm, Plus, Reading, Readings, SignedHeader, SignedHeaders, SignedHeadersError, Source,
    TooManyParams, Variant,
};
pub(crate) use canonical::{MAX_HEAD_LEN, Text, head_len};
pub use content_md5::{BodyMd5, ContentMd5};
pub use head::{BodyLength, Operation, RequestHead};
#[cfg(feature = "jwt")]
pub(crate) use query::query_values;
#[cfg(all(feature = "jwt", feature = "middleware"))]
pub(crate) use query::query_without;
pub use signature::{PresentedSignature, SignatureMethod, UnknownSignatureMethod};
pub use timestamp::parse_timestamp;
