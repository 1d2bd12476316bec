//! The signatures of OpenAPI requests: RPC 1.0, ROA 1.0 and V3, sans IO.
//!
//! They are siblings of the gateway's own signature, with other headers, other keys and other
//! strings to sign. `docs/OPENAPI.md` has the rules; comments cite them as "openapi §n". In the order
//! in which a verifier needs them:
//!
//! 1. [`AcsHeaders`]: the headers that have a meaning, found in one pass;
//! 2. [`Recognized`]: which [`OpenApiScheme`](crate::credential::OpenApiScheme) a request presents, and that it presents no second one;
//! 3. [`RpcParams`], [`RoaAuthorization`], [`V3Authorization`]: the presented credentials;
//!    [`AcsSignatureMethod`], [`parse_acs_timestamp`], [`parse_http_date`]: their values;
//! 4. [`repeated_param`], [`malformed_param`]: what no policy, or not the strict one, lets through;
//! 5. [`RpcRequest`], [`RoaRequest`], [`V3Request`]: the strings to sign, in the reading of the
//!    documents and in those of the clients ([`AcsReading`]);
//! 6. [`MacMethod`] and `RsaMethod`: signature and verification;
//! 7. [`PayloadDigest`]: what ties a body to a V3 signature.
//!
//! ```
//! use countersign::credential::{AccessKeySecret, OpenApiScheme};
//! use countersign::protocol::openapi::{
//!     AcsHeaders, AcsSignature, MacMethod, NameOrder, Recognized, RpcParams, RpcRequest,
//! };
//! use countersign::protocol::{BodyLength, Params, RequestHead};
//! use http::{HeaderMap, Method, Uri};
//!
//! let headers = HeaderMap::new();
//! let target = Uri::from_static(
//!     "/?query=test&body=test&Signature=XlUyV4sXjOuX5FnjUz9IF9tm5rU%3D&SignatureMethod=",
//! );
//! let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
//! let params = Params::query(&head)?;
//! assert_eq!(
//!     Recognized::of(&AcsHeaders::collect(&headers), &params)?,
//!     Recognized::Signed(OpenApiScheme::Rpc),
//! );
//!
//! let presented = RpcParams::collect(&params);
//! let signature = AcsSignature::decode(MacMethod::RpcHmacSha1, presented.signature.unwrap_or(b""));
//! let string = RpcRequest::new(head.method(), &params).string_to_sign(NameOrder::Bytes);
//! assert_eq!(string, b"GET&%2F&SignatureMethod%3D%26body%3Dtest%26query%3Dtest");
//!
//! // `SignatureMethod` was added on the way, and every parameter is signed:
//! let secret = AccessKeySecret::new("secret")?;
//! assert!(!MacMethod::RpcHmacSha1.verify(&secret, &string, &signature));
//! assert!(MacMethod::RpcHmacSha1.verify(&secret, b"GET&%2F&body%3Dtest%26query%3Dtest", &signature));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access_key_id;
mod authorization;
mod byte_set;
mod encode;
mod headers;
mod method;
mod params;
mod payload;
mod reading;
mod roa;
mod rpc;
mod scheme;
mod signature;
mod timestamp;
mod v3;

pub use access_key_id::access_key_id;
pub use authorization::{AuthorizationError, RoaAuthorization, V3Authorization};
pub(crate) use encode::encode_param;
pub use headers::{AcsHeaders, is_form_type};
#[cfg(feature = "openapi-rsa")]
pub use method::RsaMethod;
pub use method::{AcsSignatureMethod, MacMethod};
pub(crate) use params::is_plain_text;
pub use params::{malformed_param, repeated_param};
pub use payload::{BodyDigest, PayloadAlgorithm, PayloadDigest};
pub use reading::{AcsReading, AcsReadings};
pub use roa::{RoaRequest, RoaValues, RoaVariant};
pub use rpc::{NameOrder, RpcParams, RpcRequest};
pub use scheme::{Recognized, TwoSchemes, UnsupportedScheme};
pub use signature::AcsSignature;
pub use timestamp::{fmt_acs_timestamp, parse_acs_timestamp, parse_http_date};
pub use v3::{V3Names, V3Path, V3Request, V3SignedHeaders, V3SignedHeadersError, V3Variant};
