//! Who may call: an [`App`] with an [`AppKey`], its [`AppSecret`]s and its [`AppCode`]s.
//!
//! Secrets are never kept as text: an `AppSecret` is two initialised HMAC states, an `AppCode` is a
//! digest. Both wipe themselves, print nothing and cannot be compared with `==`.

mod app;
mod app_code;
mod app_key;
mod app_secret;

pub use app::{App, Availability, SecretVersion};
pub use app_code::AppCode;
pub use app_key::AppKey;
pub use app_secret::AppSecret;
