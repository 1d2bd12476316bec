//! From document to apps.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::access_keys::access_keys;
use super::document::{AccessKeyEntry, Document, Entry, VersionEntry};
use super::error::AppsFileError;
use super::secret::{Kept, Secret};
use super::sources::Sources;
use crate::clock::UnixMillis;
use crate::credential::{AccessKey, App, AppCode, AppKey, AppSecret, Availability, SecretVersion};
use crate::error::ConfigError;
use crate::store::MemoryCredentials;

/// An empty list is a mistake more often than a wish.
const NONE: &str =
    "there is none, so nobody could call; to revoke the last one, set `enabled: false` in it";

/// As the parser says of other fields.
fn no_app_key() -> AppsFileError {
    AppsFileError::at("", "missing field `appKey`")
}

impl Document {
    /// Whether the file itself holds a secret.
    pub(super) fn kept(&self) -> Kept {
        let in_the_file =
            self.apps.iter().flat_map(Entry::secrets).any(|s| s.kept() == Kept::InTheFile);
        if in_the_file { Kept::InTheFile } else { Kept::Elsewhere }
    }

    pub(super) fn apps(
        self,
        sources: &mut Sources,
        now: UnixMillis,
    ) -> Result<MemoryCredentials, AppsFileError> {
        if self.apps.is_empty() {
            return Err(AppsFileError::at("apps", NONE));
        }
        let apps = MemoryCredentials::default();
        for (index, entry) in self.apps.into_iter().enumerate() {
            let here = format!("apps[{index}]");
            let app = entry.app(sources).map_err(|error| error.within(&here))?;
            warn_of_ends(&app, &here, now, sources);
            apps.insert(app).map_err(|error| {
                let place = match error {
                    ConfigError::Duplicate("AppCode") => "appCode",
                    ConfigError::Duplicate("AccessKeyId") => "accessKeys",
                    ConfigError::Duplicate(_) => "appKey",
                    _ => "",
                };
                AppsFileError::at(place, error.to_string()).within(&here)
            })?;
        }
        Ok(apps)
    }
}

fn warn_of_ends(app: &App, here: &str, now: UnixMillis, sources: &mut Sources) {
    for (index, _) in app.secrets().iter().enumerate().filter(|(_, s)| s.has_ended(now)) {
        sources.warn(format_args!("{here}.appSecrets[{index}]: its notAfter is past"));
    }
    let tokens = app.access_keys().iter().map(AccessKey::security_token).enumerate();
    for (index, _) in tokens.filter(|(_, token)| token.is_some_and(|token| token.is_expired(now))) {
        let key = format_args!("{here}.accessKeys[{index}]");
        sources.warn(format_args!("{key}: its securityTokenExpiresAt is past"));
    }
}

impl Entry {
    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let versions = self.app_secrets.iter().flatten().map(|version| &version.secret);
        let access_keys = self.access_keys.iter().flatten().flat_map(AccessKeyEntry::secrets);
        self.app_secret.iter().chain(versions).chain(&self.app_code).chain(access_keys)
    }

    fn app(self, sources: &mut Sources) -> Result<App, AppsFileError> {
        if self.app_id.is_empty() {
            return Err(AppsFileError::at("appId", "it is empty"));
        }
        let needs_app_key =
            self.app_secret.is_some() || self.app_secrets.is_some() || self.app_code.is_some();
        let mut access_keys = access_keys(self.access_keys, sources)?.into_iter();
        let mut app = match self.app_key {
            Some(key) => App::new(self.app_id, AppKey::new(key).map_err(at("appKey"))?),
            None if needs_app_key => return Err(no_app_key()),
            None => App::of_access_key(self.app_id, access_keys.next().ok_or_else(no_app_key)?),
        };
        app = access_keys.fold(app, App::with_access_key);
        app = match (self.app_secret, self.app_secrets) {
            (Some(secret), None) => app.with_secret(app_secret("appSecret", &secret, sources)?),
            (None, Some(versions)) => with_versions(app, versions, sources)?,
            (None, None) => app,
            (Some(_), Some(_)) => {
                let problem = "there is an appSecret, too; move it in here";
                return Err(AppsFileError::at("appSecrets", problem));
            }
        };
        if let Some(code) = self.app_code {
            let code = code.bytes(sources).map_err(|error| error.within("appCode"))?;
            app = app.with_app_code(AppCode::new(code.as_slice()).map_err(at("appCode"))?);
        }
        if self.enabled == Some(false) {
            app = app.with_availability(Availability::Disabled);
        }
        if let Some(end) = instant("expiresAt", self.expires_at)? {
            app = app.with_expiry(end);
        }
        Ok(app)
    }
}

fn with_versions(
    mut app: App,
    versions: Vec<VersionEntry>,
    sources: &mut Sources,
) -> Result<App, AppsFileError> {
    if versions.is_empty() {
        return Err(AppsFileError::at("appSecrets", "there is none"));
    }
    for (index, entry) in versions.into_iter().enumerate() {
        let taken = app.secrets().iter().any(|secret| **secret.version() == entry.version);
        let version = match entry.version.as_str() {
            "" => Err(AppsFileError::at("version", "it is empty")),
            _ if taken => Err(AppsFileError::at("version", "another secret has it, too")),
            _ => entry.secret_version(sources),
        };
        let version = version.map_err(|error| error.within(&format!("appSecrets[{index}]")))?;
        app = app.with_secret_version(version);
    }
    Ok(app)
}

impl VersionEntry {
    fn secret_version(self, sources: &mut Sources) -> Result<SecretVersion, AppsFileError> {
        let secret = app_secret("secret", &self.secret, sources)?;
        let mut version = SecretVersion::new(self.version, secret);
        let from = instant("notBefore", self.not_before)?;
        let to = instant("notAfter", self.not_after)?;
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            return Err(AppsFileError::at("notAfter", "it is before notBefore"));
        }
        if let Some(from) = from {
            version = version.with_not_before(from);
        }
        if let Some(to) = to {
            version = version.with_not_after(to);
        }
        Ok(version)
    }
}

fn app_secret(
    field: &'static str,
    secret: &Secret,
    sources: &mut Sources,
) -> Result<AppSecret, AppsFileError> {
    let bytes = secret.bytes(sources).map_err(|error| error.within(field))?;
    AppSecret::new(bytes.as_slice()).map_err(at(field))
}

pub(super) fn at(field: &'static str) -> impl Fn(ConfigError) -> AppsFileError {
    move |error| AppsFileError::at(field, error.to_string())
}

pub(super) fn instant(
    field: &str,
    text: Option<String>,
) -> Result<Option<UnixMillis>, AppsFileError> {
    const NANOS_PER_MILLI: i128 = 1_000_000;
    let Some(text) = text else {
        return Ok(None);
    };
    let instant = OffsetDateTime::parse(&text, &Rfc3339)
        .map_err(|_| AppsFileError::at(field, "it is no time like 2027-01-01T00:00:00Z"))?;
    // What ended before 1970 has ended.
    let millis = instant.unix_timestamp_nanos() / NANOS_PER_MILLI;
    Ok(Some(UnixMillis::new(u64::try_from(millis).unwrap_or(0))))
}
