//! JSON Web Tokens, as the gateway's JWT plug-in checks them, with a `jti` that is used once.
//!
//! A configuration that works on the managed gateway works here, unchanged ([`Plugin`]); a
//! [`JwtPolicy`] with a [`KeySet`] says the same and more in Rust. The layer is
//! `middleware::JwtAuthLayer`; a [`JwtVerifier`] does without tower. With the `jwks` feature keys
//! come from the issuer's endpoint (`RemoteKeys`); with `jwt-cache` a token's signature is verified
//! once (`TokenCache`).
//!
//! # The checks, in their order
//!
//! | step | what | codes |
//! |---|---|---|
//! | 1 presented | the token in its header, query parameter or cookie ([`TokenCarrier`]) | none: `I400JR`; two, another scheme, too long: `I400JD` |
//! | 2 form | three parts of base64url, the first two JSON objects without a member twice | `I400JD` |
//! | 3 key | by `kid` ([`KeySet`]) | `A403JK` |
//! | 4 signature | the key's algorithm, no `crit`, the signature | `A403JT` |
//! | 5 claims | types, `iss`, `aud`, `nbf`, `iat`; then the end; then whether there is a `jti` to claim | `A403JT`, `A403JE`, `S403JI` |
//! | 6 replay | the `jti`, claimed in the replay store, last | `A403SV` |
//!
//! A store that cannot answer is `X503BZ`. A configuration that cannot work is `I400JP`
//! ([`JwtConfigError`]) while it is built, never on a request.
//!
//! # Security
//!
//! - The key fixes the algorithm, never the token; symmetric and public keys are never in one set;
//!   `none` is no algorithm; `jku`, `x5u`, `x5c` and `jwk` in a token are not read.
//! - A token is a bearer credential: whoever has it can use it, as often as it is valid, or once with
//!   [`JtiRule::SingleUse`]. Nothing of the request is signed by it. Use TLS.
//! - Tokens are JWS in compact form; encrypted ones are `I400JD`.

mod algorithm;
mod authentic;
#[cfg(feature = "jwt-cache")]
mod cache;
mod config_error;
mod keys;
mod plugin;
mod policy;
mod registered;
#[cfg(feature = "jwks")]
pub mod remote;
mod replay;
mod token;
mod valid;
mod verified;
mod verifier;

pub use algorithm::Algorithm;
pub use authentic::AuthenticToken;
#[cfg(feature = "jwt-cache")]
pub use cache::TokenCache;
pub use config_error::JwtConfigError;
pub use keys::{KeySet, Keys, UnusableKey, VerifyingKey};
pub use plugin::Plugin;
pub use policy::{
    AppAuthRule, ClaimParameter, ClaimPlace, EmptyToken, Expiration, JtiRule, JwtPolicy,
    TokenCarrier, UndatedTokens,
};
#[cfg(feature = "jwks")]
pub use remote::RemoteKeys;
pub use valid::ValidToken;
pub use verified::VerifiedToken;
pub use verifier::{JwtVerifier, PresentedToken};
