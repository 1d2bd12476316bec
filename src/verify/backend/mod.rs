//! The back-end signature: proves to a service that the gateway in front of it has sent a request
//! (protocol §6). Sans IO but for the replay store.
//!
//! Each step is a type that only the step before can make. When several things are wrong, the earlier
//! step answers.
//!
//! | step | type | condition | code |
//! |---|---|---|---|
//! | 1 presented | [`Presented`] | path and query over `max_uri` | `I413UL` |
//! | | | neither `X-Ca-Proxy-Signature` nor its key | `I400MH` |
//! | | | a security header twice | `I400HD` |
//! | | | a signature without a key, a key without a signature; either of them empty | `I400MH` |
//! | | | a target without a path | `I400RU` |
//! | | | timestamp malformed; nonce over 256 bytes; key over 128 bytes or not UTF-8; a declared name that is no token; over 64 names, 1,000 parameters or 64 KiB | `I400HD` |
//! | | | a declared header with two values, a name declared twice | `I400HD`, strict |
//! | | | timestamp, or nonce, required and absent | `I400MH`, `I400NC` |
//! | | | one of these, or a header that must be covered, is not declared | `I400HD` |
//! | | | `Content-MD5` is not the base64 of 16 bytes | `I400I5` |
//! | | | `Content-Length` over the limit | `I413RL` |
//! | | | a query parameter twice with different values; a name that reads as several | `I400IP`, strict |
//! | 2 known | [`Known`] | no pair has the key | `A400IK` |
//! | 3 timely | [`Timely`] | the forwarded timestamp is outside the window | `S403TE` |
//! | 4 authentic | [`Authentic`] | while a body is read that must be read first: over its limit; broken off or slow; no budget | `I413RL`; `I400BD`; `X503BZ` |
//! | | | over 1,000 parameters with the form's; the parameter rules, in the form or across | `I400HD`; `I400IP`, strict |
//! | | | no secret of the pair signs an accepted string | `A403IS` |
//! | 5 intact | [`Intact`] | a body that the signature does not cover | `I400MH`, strict |
//! | | | another digest; over the limit; broken off or slow | `I400I5`; `I413RL`; `I400BD` |
//! | 6 replay | [`VerifiedGateway`] | timestamp and nonce are covered: the window has ended meanwhile, or the store may have forgotten | `S403TE` |
//! | | | the same nonce again | `S403NU` |
//! | | | the replay store cannot answer | `X503BZ` |
//!
//! # The line of `Content-MD5`
//!
//! What the gateway signs there, its documents disagree: older ones say the digest that it has made
//! of the body, newer ones the `Content-MD5` that its own caller sent, and nothing if there was none.
//! In this order:
//!
//! 1. `Content-MD5` is there: it is the line, and is compared with the body. (A form verifies also
//!    with an empty line, as older gateways sign it.)
//! 2. A form, or no body: the line is empty. A form's parameters are signed.
//! 3. Otherwise an empty line is tried first, because it needs no byte of the body. If it verifies, a
//!    body that is there is **not covered**: anyone between gateway and service can change it. Strict
//!    refuses it (`I400MH`), [`BodyCoverage::AsSent`] lets it pass.
//! 4. Otherwise the body is read, and the line is its digest. It is held before anything is known of
//!    its sender, so it is bounded like a form: [`Limits::max_form`](super::Limits::max_form), and the
//!    [`FormBudget`](super::FormBudget).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use countersign::credential::{BackendKey, BackendPair, BackendSecret};
//! use countersign::error::ErrorCode;
//! use countersign::protocol::{BodyLength, RequestHead};
//! use countersign::sign::{BackendBody, BackendSigner};
//! use countersign::store::MemoryReplayStore;
//! use countersign::verify::backend::{BackendPairs, BackendVerifier};
//! use http::{HeaderMap, Method, Uri};
//!
//! let (key, secret) = (BackendKey::new("SampleKey")?, BackendSecret::new("SampleSecret")?);
//! let pairs = BackendPairs::new([BackendPair::new(key.clone(), secret.clone())])?;
//! let verifier = BackendVerifier::new(pairs, MemoryReplayStore::new());
//!
//! // Refused: it does not come from the gateway.
//! let target = Uri::from_static("/orders?a=1");
//! let mut headers = HeaderMap::new();
//! let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
//! assert_eq!(verifier.verify(head, b"").await.unwrap_err().code(), ErrorCode::I400MH);
//!
//! // Accepted, once:
//! BackendSigner::new(key, secret).sign(&head, BackendBody::Bytes(b""))?.apply_to(&mut headers)?;
//! let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
//! assert_eq!(verifier.verify(head, b"").await?.key().as_str(), "SampleKey");
//! assert_eq!(verifier.verify(head, b"").await.unwrap_err().code(), ErrorCode::S403NU);
//! # Ok(()) }
//! ```
//!
//! # Security
//!
//! The signature covers method, path, parameters, the declared headers, and a body as far as its line
//! does. It does not cover the rest: `Content-Type`, `Host`, and every header that the gateway did not
//! declare, among them those in which it tells who called. Ask [`VerifiedGateway::covers`] before such
//! a header is believed, or name it with [`BackendPolicy::with_covered_header`].
//!
//! Without a covered timestamp and nonce a recorded request passes again and again. Whether they are
//! there is decided where the API is defined. [`BackendPolicy::with_replay_protection`] asks for them.

mod authentic;
mod claiming;
mod intact;
mod known;
mod pairs;
mod policy;
mod presented;
mod refuse;
mod replay;
mod timely;
mod verified;
mod verifier;

pub use authentic::{Authentic, SignatureStage, Unread};
pub use intact::{BodyCheck, BodyStage, Intact};
pub use known::Known;
pub use pairs::BackendPairs;
pub use policy::{BackendPolicy, BodyCoverage, ReplayProtection, ShownParameters};
pub use presented::Presented;
#[cfg(feature = "axum")]
pub(crate) use refuse::not_presented;
pub use replay::{PendingClaim, ReplayStage};
pub use timely::Timely;
pub use verified::VerifiedGateway;
pub use verifier::BackendVerifier;
