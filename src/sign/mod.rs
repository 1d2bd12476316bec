//! Signing requests: the client's side of the protocol, sans IO.
//!
//! A [`Signer`] takes a request's head and what is known of its body ([`SignableRequest`]) and says
//! which headers to add ([`SigningInstructions`]). It does, in this order:
//!
//! 1. The headers of a signed request are added (protocol §1, §2, §7): `X-Ca-Key`,
//!    `X-Ca-Timestamp`, `X-Ca-Nonce`, `X-Ca-Signature-Method`; `X-Ca-Stage`, `Accept` and `Date` as
//!    the signer was told. Those four of an earlier signature are replaced.
//! 2. A body that is no form gets its `Content-MD5` (protocol §3). One that the request has already
//!    must be right.
//! 3. `X-Ca-Signature-Headers` lists every `x-ca-*` header of the request and those that were chosen
//!    ([`Signer::with_signed_headers`]), in lower case, because both families of gateways read that
//!    the same (protocol §1.3).
//! 4. What a server would refuse, or could read as another request, is refused ([`SignError`]).
//! 5. The string to sign is made by the code that verifies it
//!    ([`CanonicalRequest`](crate::protocol::CanonicalRequest)), in the gateway's own reading, and
//!    `X-Ca-Signature` is its MAC.
//!
//! ```
//! use countersign::credential::{AppKey, AppSecret};
//! use countersign::sign::{SignError, SignableBody, Signer};
//! use http::Request;
//!
//! let signer = Signer::new(AppKey::new("203710001")?, AppSecret::new("a secret")?)?;
//!
//! let (mut head, body) = Request::put("/orders/7?notify=1")
//!     .header("content-type", "application/json")
//!     .body(r#"{"count":2}"#)?
//!     .into_parts();
//! signer.sign_parts(&mut head, SignableBody::Bytes(body.as_bytes()))?;
//! assert_eq!(
//!     head.headers["x-ca-signature-headers"],
//!     "x-ca-key,x-ca-nonce,x-ca-signature-method,x-ca-timestamp",
//! );
//! assert_eq!(head.headers["content-md5"], "oYt2nnIdJGK00wV//nrAwA==");
//! assert!(head.headers["x-ca-signature"].is_sensitive());
//!
//! // Only the first of two values would be signed, so this is not sent:
//! let (mut head, ()) = Request::get("/orders?id=7&id=8").body(())?.into_parts();
//! let refused = signer.sign_parts(&mut head, SignableBody::Empty);
//! assert_eq!(refused, Err(SignError::RepeatedParameter("id".into())));
//! assert!(head.headers.is_empty(), "a request that cannot be signed is left as it was");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is signed verifies under [`Policy::strict`](crate::verify::Policy::strict) and under
//! [`Policy::gateway_compatible`](crate::verify::Policy::gateway_compatible).
//!
//! A string to sign that the server shows with `A403IS` is compared with
//! [`SigningInstructions::string_to_sign`].
//!
//! # Security
//!
//! The signature covers method, path, parameters, `Accept`, `Content-MD5`, `Content-Type`, `Date` and
//! the listed headers. It does not cover scheme and host: the same signed request is valid at every
//! server that knows the AppKey, so send it by TLS, and let no client follow a redirect with it. It
//! hides nothing, and says nothing about the answer.
//!
//! A header that is added after signing is not signed; what is changed after signing is refused by
//! the server.
//!
//! # Towards a service behind a gateway
//!
//! [`BackendSigner`] signs as the managed gateway does towards the service behind it, e.g. for a
//! reverse proxy of one's own in its place.
//!
//! # OpenAPI
//!
//! [`OpenApiSigner`] signs as clients of Alibaba Cloud's OpenAPI do: V3, ROA 1.0, RPC 1.0.

mod app_code;
mod backend;
mod body;
mod clock_learning;
mod clock_offset;
mod complete;
mod declare;
mod error;
mod form;
mod instructions;
mod openapi;
mod options;
mod request;
mod seal;
mod signer;
mod stamp;

pub use app_code::AppCodeHeader;
pub use backend::{BackendBody, BackendHeaders, BackendSignError, BackendSigner, Stamps};
pub use clock_learning::ClockLearning;
pub use clock_offset::ClockOffset;
pub use error::SignError;
pub use form::FormBody;
pub use instructions::SigningInstructions;
pub use openapi::{OpenApiBody, OpenApiSignError, OpenApiSigned, OpenApiSigner};
pub use options::{AcceptPolicy, DatePolicy, FormDigest, Stage};
pub use request::{SignableBody, SignableRequest};
pub use signer::Signer;
pub use stamp::Stamp;
