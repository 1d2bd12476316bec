//! Keys: what a JWK may be, and which key a token is verified with.

mod jwk;
mod key_set;
mod material;
mod source;
mod verifying_key;

pub(super) use jwk::Jwk;
pub use key_set::{KeySet, UnusableKey};
#[cfg(feature = "jwks")]
pub(super) use source::Held;
pub use source::Keys;
pub(super) use verifying_key::KeyIdentity;
pub use verifying_key::VerifyingKey;
