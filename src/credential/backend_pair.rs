//! A key and the secrets that are valid under it.

use super::{BackendKey, BackendSecret};

/// A key-secret pair by which a gateway signs towards the service: its plug-in of type
/// `APIGW_BACKEND`.
///
/// To rotate, either give the service a second pair and then the gateway the same, or keep the key
/// and let two secrets be valid under it until the gateway has the new one:
///
/// ```
/// use countersign::credential::{BackendKey, BackendPair, BackendSecret};
///
/// let pair = BackendPair::new(BackendKey::new("SampleKey")?, BackendSecret::new("OldSecret")?)
///     .with_secret(BackendSecret::new("NewSecret")?);
/// assert_eq!(pair.secrets().len(), 2);
/// # Ok::<(), countersign::error::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct BackendPair {
    key: BackendKey,
    secrets: Vec<BackendSecret>,
}

impl BackendPair {
    /// A pair with one secret.
    #[must_use]
    pub fn new(key: BackendKey, secret: BackendSecret) -> Self {
        Self { key, secrets: vec![secret] }
    }

    /// Accepts this secret, too. Every secret costs each forged request a MAC: take the old one out
    /// when the gateway does not use it any more.
    #[must_use]
    pub fn with_secret(mut self, secret: BackendSecret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &BackendKey {
        &self.key
    }

    /// The secrets that are valid under the key.
    #[must_use]
    pub fn secrets(&self) -> &[BackendSecret] {
        &self.secrets
    }
}
