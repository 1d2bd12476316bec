//! Who may call: an [`App`] with an [`AppKey`], its [`AppSecret`]s and its [`AppCode`]s; and the
//! [`BackendPair`]s by which a gateway signs towards the service behind it.
//!
//! Secrets are never kept as text: an `AppSecret` or a `BackendSecret` is two initialised HMAC
//! states, an `AppCode` is a digest. They wipe themselves, print nothing and cannot be compared with
//! `==`.

mod app;
mod app_code;
mod app_key;
mod app_secret;
mod backend_key;
mod backend_pair;
mod backend_secret;

pub use app::{App, Availability, SecretVersion};
pub use app_code::AppCode;
pub use app_key::AppKey;
pub use app_secret::AppSecret;
pub use backend_key::BackendKey;
pub use backend_pair::BackendPair;
pub use backend_secret::BackendSecret;
