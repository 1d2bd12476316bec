//! An app: what a credential proves to be calling.

use std::sync::Arc;

use super::{AccessKey, AppCode, AppKey, AppSecret};
use crate::clock::UnixMillis;

/// Whether an app may call at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Availability {
    /// It may.
    #[default]
    Enabled,
    /// It is known, but not granted anything: `A403PR`.
    Disabled,
}

/// An app with its credentials.
///
/// ```
/// use countersign::credential::{App, AppCode, AppKey, AppSecret};
///
/// let app = App::new("billing", AppKey::new("203710001")?)
///     .with_secret(AppSecret::new("old secret")?)
///     .with_secret(AppSecret::new("new secret")?)
///     .with_app_code(AppCode::new("a random code")?);
/// assert_eq!(app.secrets().len(), 2, "both sign while callers move over");
/// # Ok::<(), countersign::error::ConfigError>(())
/// ```
///
/// An app that owns several AppKeys is several `App`s with one [`id`](Self::id).
//
// It begins a line of memory: the count of an `Arc`'s users, which every request of the app writes,
// is on another then, and so is the count of the app that the allocator put behind it.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub struct App {
    id: Arc<str>,
    key: AppKey,
    secrets: Vec<SecretVersion>,
    app_codes: Vec<AppCode>,
    access_keys: Vec<AccessKey>,
    availability: Availability,
    expires_at: Option<UnixMillis>,
}

impl App {
    /// An enabled app that never expires and has no credential yet.
    #[must_use]
    pub fn new(id: impl AsRef<str>, key: AppKey) -> Self {
        Self {
            id: id.as_ref().into(),
            key,
            secrets: Vec::new(),
            app_codes: Vec::new(),
            access_keys: Vec::new(),
            availability: Availability::Enabled,
            expires_at: None,
        }
    }

    /// An enabled app that never expires and calls OpenAPI alone, with this AccessKey. Where an AppKey
    /// is asked for, to [remove](crate::store::MemoryCredentials::remove) it from a store say, its is
    /// this AccessKey's id; so no other app may have that for an AppKey.
    ///
    /// ```
    /// use countersign::credential::{AccessKey, AccessKeySecret, App};
    ///
    /// let key = AccessKey::new("LTAI5tExample", AccessKeySecret::new("a secret")?)?;
    /// let app = App::of_access_key("billing", key);
    /// assert_eq!(app.key().as_str(), "LTAI5tExample");
    /// assert!(app.access_key("LTAI5tExample").is_some() && app.access_key("LTAI5tOther").is_none());
    /// # Ok::<(), countersign::error::ConfigError>(())
    /// ```
    #[must_use]
    pub fn of_access_key(id: impl AsRef<str>, key: AccessKey) -> Self {
        Self::new(id, AppKey::of_access_key(key.id())).with_access_key(key)
    }

    /// Adds a secret that is always valid. Its version is its place: `"1"`, `"2"`, …
    #[must_use]
    pub fn with_secret(self, secret: AppSecret) -> Self {
        let version = (self.secrets.len() + 1).to_string();
        self.with_secret_version(SecretVersion::new(version, secret))
    }

    /// Adds a secret with a name and validity times of its own.
    #[must_use]
    pub fn with_secret_version(mut self, secret: SecretVersion) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Lets the app authenticate with an AppCode, where the policy accepts one. None by default: an
    /// AppCode is a bearer credential without replay protection.
    #[must_use]
    pub fn with_app_code(mut self, code: AppCode) -> Self {
        self.app_codes.push(code);
        self
    }

    /// Lets the app sign requests of OpenAPI with this AccessKey, too. None by default. Neither stands in
    /// for the other: an AppKey and its secrets verify no request of OpenAPI, nor an AccessKey one of
    /// the gateway.
    #[must_use]
    pub fn with_access_key(mut self, key: AccessKey) -> Self {
        self.access_keys.push(key);
        self
    }

    /// Ends the app's authorization: from `at` on it gets `A403EP`.
    #[must_use]
    pub const fn with_expiry(mut self, at: UnixMillis) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// Enables or disables the app.
    #[must_use]
    pub const fn with_availability(mut self, availability: Availability) -> Self {
        self.availability = availability;
        self
    }

    /// The app's name in the service.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The AppKey under which the app signs.
    #[must_use]
    pub const fn key(&self) -> &AppKey {
        &self.key
    }

    /// The app's secrets, valid or not.
    #[must_use]
    pub fn secrets(&self) -> &[SecretVersion] {
        &self.secrets
    }

    /// The app's AppCodes.
    #[must_use]
    pub fn app_codes(&self) -> &[AppCode] {
        &self.app_codes
    }

    /// The app's AccessKeys.
    #[must_use]
    pub fn access_keys(&self) -> &[AccessKey] {
        &self.access_keys
    }

    /// The AccessKey with this id.
    #[must_use]
    pub fn access_key(&self, id: &str) -> Option<&AccessKey> {
        self.access_keys.iter().find(|key| key.id() == id)
    }

    /// Whether the app may call at all.
    #[must_use]
    pub const fn availability(&self) -> Availability {
        self.availability
    }

    /// When the app's authorization ends.
    #[must_use]
    pub const fn expires_at(&self) -> Option<UnixMillis> {
        self.expires_at
    }

    /// Whether the authorization has ended at `now`.
    #[must_use]
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// One of an app's secrets, with the time in which it is accepted.
///
/// To rotate a secret: put an app with both versions in the place of the one with the old
/// ([`MemoryCredentials::replace`](crate::store::MemoryCredentials::replace)), move the callers over,
/// then let the old one end.
#[derive(Clone, Debug)]
pub struct SecretVersion {
    version: Arc<str>,
    secret: AppSecret,
    not_before: Option<UnixMillis>,
    not_after: Option<UnixMillis>,
}

impl SecretVersion {
    /// A secret that is always valid.
    #[must_use]
    pub fn new(version: impl AsRef<str>, secret: AppSecret) -> Self {
        Self { version: version.as_ref().into(), secret, not_before: None, not_after: None }
    }

    /// Accepts the secret from `at` on.
    #[must_use]
    pub const fn with_not_before(mut self, at: UnixMillis) -> Self {
        self.not_before = Some(at);
        self
    }

    /// Accepts the secret up to and including `at`.
    #[must_use]
    pub const fn with_not_after(mut self, at: UnixMillis) -> Self {
        self.not_after = Some(at);
        self
    }

    /// The name of this version, as the verified identity shows it.
    #[must_use]
    pub const fn version(&self) -> &Arc<str> {
        &self.version
    }

    /// The secret itself.
    #[must_use]
    pub const fn secret(&self) -> &AppSecret {
        &self.secret
    }

    /// Whether the secret is accepted at `now`.
    #[must_use]
    pub fn is_valid_at(&self, now: UnixMillis) -> bool {
        self.not_before.is_none_or(|from| from <= now) && !self.has_ended(now)
    }

    /// Whether the secret is accepted no more, at `now` or after it.
    #[must_use]
    pub fn has_ended(&self, now: UnixMillis) -> bool {
        self.not_after.is_some_and(|to| to < now)
    }
}
