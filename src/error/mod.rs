//! Refusals: the documented codes, the rejection that carries one, and how it looks on the wire.
//!
//! | audience | type |
//! |---|---|
//! | the caller | [`Rejection`]: a [documented code](Catalogue), mostly an [`ErrorCode`], with its arguments |
//! | the operator | [`StoreError`]: why a store could not answer |
//! | the developer | [`ConfigError`]: what is wrong before the first request |
//!
//! A rejection becomes a response in one place, a [`RenderRejection`]: [`Dialect::Vpc`] (the
//! default), [`Dialect::Classic`], or with the `json` feature either of them with a body
//! (`JsonBody`, `ProblemBody`).
//!
//! The error codes of OpenAPI, and how they are answered, are a catalogue of their own: [`OpenApiError`],
//! [`OpenApiRejection`], [`OpenApiAnswer`].

mod catalogue;
#[cfg(all(feature = "tracing", any(feature = "jwks", feature = "middleware")))]
mod chain;
mod code;
mod config;
mod dialect;
#[cfg(feature = "json")]
mod json;
mod openapi;
mod rejection;
mod render;
mod store;
mod template;
mod text;

pub use catalogue::Catalogue;
#[cfg(all(feature = "tracing", any(feature = "jwks", feature = "middleware")))]
pub(crate) use chain::Chain;
pub use code::{ErrorCode, Family, Fault, UnknownCode};
pub use config::ConfigError;
pub use dialect::Dialect;
#[cfg(feature = "json")]
pub use json::{JsonBody, ProblemBody};
pub use openapi::{
    OpenApiAnswer, OpenApiAsked, OpenApiBody, OpenApiError, OpenApiFormat, OpenApiOrigin,
    OpenApiRejection, mask_security_token,
};
pub use rejection::Rejection;
pub use render::RenderRejection;
#[cfg(feature = "middleware")]
pub(crate) use render::{render_handlers, rendered};
pub use store::{FullScope, StoreError};
pub(crate) use text::{MAX_REQUEST_TEXT, neutralised};
