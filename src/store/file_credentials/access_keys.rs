//! The AccessKeys of an app.

use super::apps::{at, instant};
use super::document::AccessKeyEntry;
use super::error::AppsFileError;
use super::secret::Secret;
use super::sources::Sources;
use crate::credential::{
    AccessKey, AccessKeySecret, AccessKeyStatus, OpenApiScheme, OpenApiSchemes, SecurityToken,
};

pub(super) fn access_keys(
    entries: Option<Vec<AccessKeyEntry>>,
    sources: &mut Sources,
) -> Result<Vec<AccessKey>, AppsFileError> {
    if entries.as_ref().is_some_and(Vec::is_empty) {
        return Err(AppsFileError::at("accessKeys", "there is none"));
    }
    let mut keys: Vec<AccessKey> = Vec::new();
    for (index, entry) in entries.into_iter().flatten().enumerate() {
        let key = match keys.iter().any(|key| key.id() == entry.access_key_id) {
            true => Err(AppsFileError::at("accessKeyId", "another key of the app has it, too")),
            false => entry.access_key(sources),
        };
        keys.push(key.map_err(|error| error.within(&format!("accessKeys[{index}]")))?);
    }
    Ok(keys)
}

impl AccessKeyEntry {
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.access_key_secret).chain(&self.security_token)
    }

    fn access_key(self, sources: &mut Sources) -> Result<AccessKey, AppsFileError> {
        const SECRET: &str = "accessKeySecret";
        let secret = self.access_key_secret.bytes(sources).map_err(|e| e.within(SECRET))?;
        let secret = AccessKeySecret::new(secret.as_slice()).map_err(at(SECRET))?;
        let mut key = AccessKey::new(self.access_key_id, secret).map_err(at("accessKeyId"))?;
        if let Some(names) = self.schemes {
            key = key.with_schemes(schemes(&names)?);
        }
        let end = instant("securityTokenExpiresAt", self.security_token_expires_at)?;
        key = match (self.security_token, end) {
            (Some(token), end) => key.with_security_token({
                const TOKEN: &str = "securityToken";
                let token = token.bytes(sources).map_err(|error| error.within(TOKEN))?;
                let token = SecurityToken::new(token.as_slice()).map_err(at(TOKEN))?;
                match end {
                    Some(end) => token.with_expiry(end),
                    None => token,
                }
            }),
            (None, Some(_)) => {
                let problem = "there is no securityToken that could expire";
                return Err(AppsFileError::at("securityTokenExpiresAt", problem));
            }
            (None, None) => key,
        };
        if self.active == Some(false) {
            key = key.with_status(AccessKeyStatus::Inactive);
        }
        Ok(key)
    }
}

/// At least one, and each of them once: what is written twice was meant to be another.
fn schemes(names: &[String]) -> Result<OpenApiSchemes, AppsFileError> {
    let mut schemes: Option<OpenApiSchemes> = None;
    for (index, name) in names.iter().enumerate() {
        let refused =
            |problem: &'static str| AppsFileError::at(format!("schemes[{index}]"), problem);
        let scheme = OpenApiScheme::ALL.into_iter().find(|scheme| scheme.as_str() == name);
        let scheme = scheme.ok_or_else(|| refused("it is none of rpc, roa and v3"))?;
        schemes = Some(match schemes {
            Some(others) if others.contains(scheme) => return Err(refused("it is there twice")),
            Some(others) => others.with(scheme),
            None => OpenApiSchemes::only(scheme),
        });
    }
    schemes.ok_or_else(|| AppsFileError::at("schemes", "there is none, so nobody could sign"))
}
