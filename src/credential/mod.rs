//! Who may call: an [`App`] with an [`AppKey`], its [`AppSecret`]s and its [`AppCode`]s; and the
//! [`BackendPair`]s by which a gateway signs towards the service behind it.
//!
//! Callers of the OpenAPI signatures hold an [`AccessKey`] with its [`AccessKeySecret`].
//!
//! Secrets are never kept as text: an `AppSecret`, an `AccessKeySecret` or a `BackendSecret` is some
//! initialised HMAC states, an `AppCode` or a `SecurityToken` is a digest. They wipe themselves, print
//! nothing and cannot be compared with `==`.

mod access_key;
#[allow(dead_code, reason = "the schemes take its MACs")]
mod access_key_secret;
mod app;
mod app_code;
mod app_key;
mod app_secret;
mod backend_key;
mod backend_pair;
mod backend_secret;
mod openapi_scheme;
#[cfg(feature = "openapi-rsa")]
#[allow(dead_code, reason = "the schemes verify by it")]
mod rsa_public_key;
mod security_token;

pub use access_key::{AccessKey, AccessKeyStatus};
pub use access_key_secret::AccessKeySecret;
pub use app::{App, Availability, SecretVersion};
pub use app_code::AppCode;
pub use app_key::AppKey;
pub use app_secret::AppSecret;
pub use backend_key::BackendKey;
pub use backend_pair::BackendPair;
pub use backend_secret::BackendSecret;
pub use openapi_scheme::{OpenApiScheme, OpenApiSchemes};
#[cfg(feature = "openapi-rsa")]
pub use rsa_public_key::RsaPublicKey;
pub use security_token::SecurityToken;
