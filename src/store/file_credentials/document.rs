//! The shape of an apps file. What its values mean is for [`apps`](super::apps).

use serde::{Deserialize, Deserializer};

use super::secret::Secret;

/// The names of all fields: the only words of a file that a message may repeat.
pub(super) const FIELDS: &[&str] = &[
    "apps",
    "appId",
    "appKey",
    "appSecret",
    "appSecrets",
    "appCode",
    "accessKeys",
    "accessKeyId",
    "accessKeySecret",
    "schemes",
    "securityToken",
    "securityTokenExpiresAt",
    "active",
    "enabled",
    "expiresAt",
    "version",
    "secret",
    "notBefore",
    "notAfter",
    "env",
    "file",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) apps: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) app_id: String,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) app_key: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) app_secret: Option<Secret>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) app_secrets: Option<Vec<VersionEntry>>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) app_code: Option<Secret>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) access_keys: Option<Vec<AccessKeyEntry>>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) enabled: Option<bool>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) expires_at: Option<String>,
}

/// One of several secrets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct VersionEntry {
    pub(super) version: String,
    pub(super) secret: Secret,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) not_before: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) not_after: Option<String>,
}

/// A key pair of OpenAPI.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct AccessKeyEntry {
    pub(super) access_key_id: String,
    pub(super) access_key_secret: Secret,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) schemes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) security_token: Option<Secret>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) security_token_expires_at: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) active: Option<bool>,
}

/// A field that may be left out, but not be left empty: a template that was not filled in is no app
/// without a secret, and none that is enabled without end.
fn not_null<'de, T, D>(field: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(field).map(Some)
}
