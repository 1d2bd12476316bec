//! Signs what a client sends: a Tower layer around hyper-util's client or, with the feature
//! `reqwest`, reqwest's.
//!
//! ```
//! # #[cfg(feature = "axum")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use countersign::credential::{App, AppKey, AppSecret};
//! use countersign::middleware::{AppAuthLayer, SignLayer};
//! use countersign::sign::Signer;
//! use countersign::store::{MemoryCredentials, MemoryReplayStore};
//! use countersign::verify::Verifier;
//! use axum::{Router, body::Body, http::Request, routing::put};
//! use tower::{Layer, ServiceExt};
//!
//! // A server of this crate, in place of a client that would reach one:
//! let (key, secret) = (AppKey::new("203710001")?, AppSecret::new("a secret")?);
//! let app = App::new("demo", key.clone()).with_secret(secret.clone());
//! let verifier = Verifier::new(MemoryCredentials::new([app])?, MemoryReplayStore::new());
//! let server = Router::new().route("/orders/{id}", put(async || "stored"));
//! let server = server.layer(AppAuthLayer::new(verifier));
//!
//! // Signed, it is accepted, as often as it is sent:
//! let client = SignLayer::new(Signer::new(key, secret)?).layer(server.clone());
//! let request = || Request::put("/orders/7").body(Body::from(r#"{"count":2}"#));
//! assert_eq!(client.clone().oneshot(request()?).await?.status(), 200);
//! assert_eq!(client.clone().oneshot(request()?).await?.status(), 200);
//!
//! // As it is, it is refused:
//! assert_eq!(server.oneshot(request()?).await?.headers()["x-ca-error-code"], "A400MA");
//!
//! // And this is not even sent, because only one of the values would be signed:
//! let twice = Request::put("/orders/7?a=1&a=2").body(Body::empty())?;
//! let error = client.oneshot(twice).await.unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "the request was not sent: the parameter `a` occurs twice with different values",
//! );
//! # Ok(()) }
//! # #[cfg(not(feature = "axum"))] fn main() {}
//! ```
//!
//! # What it does
//!
//! 1. A body of a known length, up to [`SignLayer::with_max_buffered`], is read into memory. Any
//!    other is streamed, and the request must say its digest in `Content-MD5`; else it is refused,
//!    and nothing of it is read ([`NotSent`]).
//! 2. The request is signed by the [`Signer`](crate::sign::Signer), with a fresh nonce and timestamp
//!    at every call: what is sent again is signed anew.
//! 3. It is sent: head, body and trailers as they were, with the headers that signing adds.
//! 4. If the answer is `S403TE`, and [`SignLayer::with_clock_learning`] says so, the server's time is
//!    learned from its `Date`; a request whose body was read is signed and sent once more, once.
//!
//! # The clients
//!
//! ```no_run
//! # use countersign::middleware::SignLayer;
//! # use tower::{Layer, ServiceExt};
//! use hyper_util::{client::legacy::Client, rt::TokioExecutor};
//! use http_body_util::Full;
//!
//! # async fn call(layer: SignLayer) -> Result<(), Box<dyn std::error::Error>> {
//! let client = layer.layer(Client::builder(TokioExecutor::new()).build_http());
//! let request = http::Request::get("http://orders.internal/7").body(Full::<bytes::Bytes>::default())?;
//! let response = client.oneshot(request).await?;
//! # Ok(()) }
//! ```
//!
//! What is signed is an `http::Request` of http 1 or a `reqwest::Request` of reqwest 0.13; `oneshot`
//! is tower 0.5's. Around a client of other versions the compiler says only that the trait bounds of
//! `oneshot` are not satisfied; written as `ServiceExt::<reqwest::Request>::oneshot(client, request)`,
//! it says which. With reqwest 0.12, sign without a layer
//! ([`Signer::sign`](crate::sign::Signer::sign)).
//!
//! hyper sends what it is given. Of reqwest three things are to be known:
//!
//! * It adds `Accept: */*`, which is why a [`Signer`](crate::sign::Signer) adds it first.
//! * The default headers of a `reqwest::Client` are added after signing. One that is signed
//!   (`Accept`, `Content-Type`, `Content-MD5`, `Date`, `X-Ca-*`, and what the signer was told of) breaks the
//!   signature: set it on the request.
//! * It follows redirects with the headers of the first request, whose nonce is spent: turn them off.
//!
#![cfg_attr(
    feature = "reqwest",
    doc = r#"
```no_run
# use countersign::middleware::SignLayer;
# use tower::{Layer, ServiceExt};
use reqwest::{Client, Method, Request, redirect};

# async fn call(layer: SignLayer) -> Result<(), Box<dyn std::error::Error>> {
let client = Client::builder().redirect(redirect::Policy::none()).build()?;
let client = layer.layer(client);
let mut request = Request::new(Method::PUT, "https://orders.example.com/7".parse()?);
*request.body_mut() = Some("7".into());
let response = client.oneshot(request).await?;
# Ok(()) }
```
"#
)]
//!
//! # If a server answers `A403IS`
//!
//! The layer signs what it sends, so there are two reasons: the server has another secret for this
//! AppKey, or something below the layer changes the request (a client's default headers, a redirect,
//! a proxy). Which one it is, [`explain`](crate::explain) says, given the string to sign. The layer
//! keeps none; the same [`Signer`](crate::sign::Signer) makes it of a call that is sent without the
//! layer:
//!
//! ```
//! # #[cfg(feature = "axum")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use countersign::credential::{App, AppKey, AppSecret};
//! # use countersign::middleware::AppAuthLayer;
//! # use countersign::store::{MemoryCredentials, MemoryReplayStore};
//! # use countersign::verify::Verifier;
//! # use axum::{Router, body::Body, routing::put};
//! # use tower::ServiceExt;
//! use countersign::explain::{self, Cause, ServerString};
//! use countersign::sign::{SignableBody, SignableRequest, Signer};
//! use http::Request;
//!
//! # let app = App::new("demo", AppKey::new("203710001")?).with_secret(AppSecret::new("a secret")?);
//! # let verifier = Verifier::new(MemoryCredentials::new([app])?, MemoryReplayStore::new());
//! # let server = Router::new().route("/orders/{id}", put(async || "stored"));
//! # let client = server.layer(AppAuthLayer::new(verifier));
//! let signer = Signer::new(AppKey::new("203710001")?, AppSecret::new("another secret")?)?;
//! let body = r#"{"count":2}"#;
//! let (mut head, ()) = Request::put("/orders/7").body(())?.into_parts();
//! let signable = SignableBody::Bytes(body.as_bytes());
//! let instructions =
//!     signer.sign(&SignableRequest::new(&head.method, &head.uri, &head.headers, signable))?;
//! let signed = instructions.string_to_sign().to_vec();
//! instructions.apply_to(&mut head.headers)?;
//! let answer = client.oneshot(Request::from_parts(head, Body::from(body))).await?;
//! assert_eq!(answer.headers()["x-ca-error-code"], "A403IS");
//!
//! let message = String::from_utf8_lossy(answer.headers()["x-ca-error-message"].as_bytes());
//! let server = ServerString::from_error_message(&message).ok_or("no string")?;
//! let diagnosis = explain::compare(&signed, &server);
//! assert_eq!(diagnosis.cause(), Cause::SameString, "nothing was changed: it is the secret");
//!
//! // Had the client added a header of its own:
//! let server = ServerString::from_error_message(&message.replace("*/*", "text/html")).unwrap();
//! assert_eq!(explain::compare(&signed, &server).cause(), Cause::AcceptChanged);
//! # Ok(()) }
//! # #[cfg(not(feature = "axum"))] fn main() {}
//! ```
//!
//! # Ordering
//!
//! * **Retries outside.** A retry inside would send the same nonce again: `S403NU`.
//! * **Whatever changes the request** outside: target, signed headers, compression of the body.
//! * **Timeouts and concurrency limits** outside bound reading the body, too; inside, a permit is held
//!   while it is read.
//!
//! # What the operator sees
//!
//! With the `tracing` feature, a warning when a server's clock is learned, with `offset_millis`.
//!
//! # Requirements
//!
//! The inner service is `Clone`, as clients are.
//!
//! # Security
//!
//! See [`sign`](crate::sign) for what a signature covers. The layer signs for whatever host a request
//! names: give it requests to the server that it is for. What is learned of a clock is what the answer
//! says: see [`ClockLearning`](crate::sign::ClockLearning).

mod body;
mod content;
mod error;
mod future;
mod layer;
mod message;
#[cfg(feature = "reqwest")]
mod reqwest;
mod service;
mod settings;

pub use body::SignedBody;
pub use error::{CallError, NotSent};
pub use future::ResponseFuture;
pub use layer::SignLayer;
pub use message::{Answer, SignableMessage};
pub use service::Sign;
