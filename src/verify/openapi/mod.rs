//! Requests of OpenAPI clients: RPC 1.0, ROA 1.0 and V3. Sans IO but for the two stores.
//!
//! Each step is a type that only the step before can make. When several things are wrong, the earlier
//! step answers. `docs/OPENAPI.md` has the rules; `src/verify/pipeline` is what they share with
//! the gateway's own signature.
//!
//! | step | type | condition | code |
//! |---|---|---|---|
//! | 1 presented | [`Presented`] | target over `max_uri` | `InvalidUrl.LengthLimit` |
//! | | | two schemes; nothing; one that is not supported or not accepted | `InvalidAuthorization`; `MissingAccessKeyId`; `InvalidSignatureMethod` |
//! | | | a header of the signature's or a parameter twice; a parameter that is malformed | `Invalid{Name}`; the same, strict |
//! | | | no path; RPC: a path but `/`; `Format` | `UnsupportedHTTPMethod`; `InvalidApi.NotFound`; `InvalidParameter.Format` |
//! | | | absent or malformed: key, signature, method, version, time, nonce, action, token's key | `Missing{Name}`, `Invalid{Name}`, `InvalidSignatureMethod`, `InvalidTimeStamp.Format` |
//! | | | a body, or of V3 a header, that the signature does not cover | `MissingContent-MD5`, `InvalidContent-Type`, `InvalidSignedHeaders`; strict |
//! | | | body over its limit | `InvalidBody.LengthLimit` |
//! | 2 known | [`Known`] | nobody's key; a temporary one without its token | `InvalidAccessKeyId.NotFound`; `MissingSecurityToken` |
//! | 3 timely | [`Timely`] | the timestamp is outside the window | `InvalidTimeStamp.Expired` |
//! | 4 authentic | [`Authentic`] | the key signs no accepted string | `SignatureDoesNotMatch` |
//! | 5 authorized | [`Authorized`] | key inactive; token of another key, or over; scheme not the key's; app expired | `InvalidAccessKeyId.Inactive`; `InvalidSecurityToken.…`; `InvalidSignatureMethod`; `NoPermission` |
//! | 6 intact | [`Intact`] | another digest; over the limit | `ContentMD5NotMatched`, `SignatureDoesNotMatch`; `InvalidBody.LengthLimit` |
//! | 7 verified | [`VerifiedOpenApi`] | the window has ended meanwhile, or the store may have forgotten; the nonce again | `InvalidTimeStamp.Expired`; `SignatureNonceUsed` |
//!
//! A store that cannot answer is `ServiceUnavailable`.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use countersign::clock::{Clock, SystemClock};
//! use countersign::credential::{AccessKey, AccessKeySecret, App};
//! use countersign::protocol::openapi::{MacMethod, NameOrder, RpcRequest, fmt_acs_timestamp};
//! use countersign::protocol::{BodyLength, Params, RequestHead};
//! use countersign::store::{MemoryCredentials, MemoryReplayStore};
//! use countersign::verify::openapi::OpenApiVerifier;
//! use http::{HeaderMap, Method, Uri};
//!
//! let secret = AccessKeySecret::new("a secret")?;
//! let app = App::of_access_key("billing", AccessKey::new("LTAI5tExample", secret.clone())?);
//! let verifier = OpenApiVerifier::new(MemoryCredentials::new([app])?, MemoryReplayStore::new());
//!
//! // What a client sends. Its time has whole seconds, and the store has begun in this one.
//! let next = SystemClock.wall().saturating_add(std::time::Duration::from_secs(1));
//! let now = fmt_acs_timestamp(next).ok_or("far in the future")?.replace(':', "%3A");
//! let query = format!(
//!     "Action=DescribeApis&Version=2016-07-14&AccessKeyId=LTAI5tExample&SignatureMethod=HMAC-SHA1\
//!      &SignatureVersion=1.0&SignatureNonce=c1a5e5d0&Timestamp={now}",
//! );
//! let headers = HeaderMap::new();
//! let unsigned: Uri = format!("/?{query}").parse()?;
//! let head = RequestHead::new(&Method::GET, &unsigned, &headers, BodyLength::Empty);
//! let string = RpcRequest::new(&Method::GET, &Params::query(&head)?).string_to_sign(NameOrder::Bytes);
//! let signature = MacMethod::RpcHmacSha1.sign(&secret, &string);
//! let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
//! let signed: Uri = format!("/?{query}&Signature={signature}").parse()?;
//!
//! // Refused: nothing is signed.
//! let refused = verifier.verify(head, b"").await.unwrap_err();
//! assert_eq!(refused.code_text(), "MissingAccessKeyId");
//!
//! // Accepted, once:
//! let head = RequestHead::new(&Method::GET, &signed, &headers, BodyLength::Empty);
//! assert_eq!(verifier.verify(head, b"").await?.action(), Some("DescribeApis"));
//! assert_eq!(verifier.verify(head, b"").await.unwrap_err().code_text(), "SignatureNonceUsed");
//! # Ok(()) }
//! ```
//!
//! # Security
//!
//! RPC signs method and parameters; path, host and every header may be anyone's, so authorize by the
//! signed [operation](crate::protocol::RequestHead::operation). ROA does not sign the host, and a body
//! only by its `Content-MD5`. Only V3 covers the whole request: a key whose callers all use it is
//! better kept to it ([`AccessKey::with_schemes`](crate::credential::AccessKey::with_schemes)).

#[cfg(feature = "middleware")]
mod asked;
mod authentic;
mod authorized;
mod credentials;
mod intact;
mod known;
mod policy;
mod presented;
mod refuse;
mod replay;
mod roa;
mod rpc;
mod strings;
mod timely;
mod v3;
mod verified;
mod verifier;

#[cfg(feature = "middleware")]
pub(crate) use asked::{asked, presented_key};
pub use authentic::Authentic;
pub use authorized::Authorized;
pub use intact::{BodyCheck, BodyStage, Intact};
pub use known::Known;
pub use policy::{OpenApiPolicy, TokenInAnswers};
pub use presented::{HeadStage, Presented, Unread};
pub use replay::{PendingClaim, ReplayStage};
pub use timely::Timely;
pub use verified::VerifiedOpenApi;
pub use verifier::OpenApiVerifier;
