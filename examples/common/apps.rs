//! What an apps file may hold.
//!
//! ```yaml
//! apps:
//!   - appId: demo
//!     appKey: "203710001"
//!     appSecret: "…"
//!     appCode: "…"                       # optional
//!     enabled: true                      # optional
//!     expiresAt: 2027-01-01T00:00:00Z    # optional
//! ```
//!
//! A field that is unknown, of another type or empty is refused, and so are two apps with one AppKey
//! or AppCode. The message names the place in the file and shows no secret.

use std::fs;
use std::path::Path;

use countersign::clock::UnixMillis;
use countersign::credential::{App, AppCode, AppKey, AppSecret, Availability};
use countersign::error::ConfigError;
use countersign::store::MemoryCredentials;
use serde::{Deserialize, Deserializer, de};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    apps: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Entry {
    app_id: String,
    app_key: String,
    app_secret: String,
    app_code: Option<String>,
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "instant")]
    expires_at: Option<UnixMillis>,
}

/// Reads the apps of a file.
pub(crate) fn load_apps(path: &Path) -> Result<Vec<App>, Problem> {
    let name = path.display();
    let yaml = fs::read_to_string(path)
        .map_err(|error| Problem(format!("cannot read {name}: {error}")))?;
    parse_apps(&yaml).map_err(|problem| Problem(format!("{name}: {problem}")))
}

fn parse_apps(yaml: &str) -> Result<Vec<App>, String> {
    // Without snippets: they would show secrets.
    let options = serde_saphyr::options! { with_snippet: false };
    let mut place = None;
    let file: File = serde_saphyr::with_deserializer_from_str_with_options(yaml, options, |file| {
        serde_path_to_error::deserialize(file).map_err(|error| {
            place = Some(error.path().to_string());
            error.into_inner()
        })
    })
    .map_err(|error| in_one_line(place, &error.to_string()))?;
    if file.apps.is_empty() {
        return Err("apps: there is none, so nobody could call".to_owned());
    }
    // A store of its own finds out which entry is the duplicate.
    let taken = MemoryCredentials::default();
    let mut apps = Vec::with_capacity(file.apps.len());
    for (index, entry) in file.apps.into_iter().enumerate() {
        let app = entry.app().map_err(|problem| format!("apps[{index}]{problem}"))?;
        taken.insert(app.clone()).map_err(|error| format!("apps[{index}]{}", duplicate(&error)))?;
        apps.push(app);
    }
    Ok(apps)
}

fn duplicate(error: &ConfigError) -> String {
    match error {
        ConfigError::Duplicate("AppCode") => format!(".appCode: {error}"),
        _ => format!(".appKey: {error}"),
    }
}

fn in_one_line(place: Option<String>, error: &str) -> String {
    let error = error.split_whitespace().collect::<Vec<_>>().join(" ");
    // The parser's advice to programmers is none for the file's author.
    let error = error.split(", set DuplicateKeyPolicy").next().unwrap_or(&error);
    match place.as_deref() {
        None | Some("." | "?") => error.to_owned(),
        Some(place) => format!("{}: {error}", place.trim_end_matches(".?")),
    }
}

impl Entry {
    fn app(self) -> Result<App, String> {
        if self.app_id.is_empty() {
            return Err(".appId: it is empty".to_owned());
        }
        let key = AppKey::new(self.app_key).map_err(|error| format!(".appKey: {error}"))?;
        let secret =
            AppSecret::new(self.app_secret).map_err(|error| format!(".appSecret: {error}"))?;
        let mut app = App::new(self.app_id, key).with_secret(secret);
        if let Some(code) = self.app_code {
            let code = AppCode::new(code).map_err(|error| format!(".appCode: {error}"))?;
            app = app.with_app_code(code);
        }
        if self.enabled == Some(false) {
            app = app.with_availability(Availability::Disabled);
        }
        if let Some(end) = self.expires_at {
            app = app.with_expiry(end);
        }
        Ok(app)
    }
}

fn instant<'de, D: Deserializer<'de>>(field: D) -> Result<Option<UnixMillis>, D::Error> {
    const NANOS_PER_MILLI: i128 = 1_000_000;
    let Some(text) = Option::<String>::deserialize(field)? else {
        return Ok(None);
    };
    let instant = OffsetDateTime::parse(&text, &Rfc3339)
        .map_err(|_| de::Error::custom("not a time like 2027-01-01T00:00:00Z"))?;
    // What ended before 1970 has ended.
    let millis = instant.unix_timestamp_nanos() / NANOS_PER_MILLI;
    Ok(Some(UnixMillis::new(u64::try_from(millis).unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMAL: &str = "apps:\n  - {appId: a, appKey: k1, appSecret: hush}\n";

    #[test]
    fn good_files() {
        let apps = parse_apps(MINIMAL).unwrap();
        assert_eq!((apps[0].id(), apps[0].key().as_str()), ("a", "k1"));
        assert_eq!(apps[0].availability(), Availability::Enabled);
        assert_eq!((apps[0].expires_at(), apps[0].app_codes().len()), (None, 0));

        let full = "
apps:
  - appId: demo
    appKey: 203710001
    appSecret: 你好
    appCode: '0123'
    enabled: false
    expiresAt: 2027-01-01T00:00:00+08:00
  - { appId: demo, appKey: '203710002', appSecret: x, expiresAt: '1969-01-01T00:00:00Z' }
";
        let apps = parse_apps(full).unwrap();
        assert_eq!(apps[0].key().as_str(), "203710001");
        assert_eq!(apps[0].availability(), Availability::Disabled);
        assert_eq!(apps[0].expires_at(), Some(UnixMillis::new(1_798_732_800_000)));
        assert_eq!(apps[0].app_codes().len(), 1);
        assert_eq!(apps[1].expires_at(), Some(UnixMillis::ZERO));
    }

    #[test]
    fn bad_files_are_refused_with_one_line_that_names_the_place() {
        let second = |entry: &str| format!("{MINIMAL}  - {entry}\n");
        for (yaml, place) in [
            (String::new(), "end of input"),
            ("apps: [".to_owned(), "line 1"),
            ("apps: []".to_owned(), "apps: there is none"),
            ("apps: {}".to_owned(), "apps"),
            (format!("{MINIMAL}more: 1\n"), "more"),
            (format!("{MINIMAL}apps: []\n"), "duplicate"),
            (second("{appId: b, appKey: k2}"), "apps[1]: "),
            (second("{appId: b, appKey: k2, appSecret: ''}"), "apps[1].appSecret"),
            (second("{appId: b, appKey: k2, appSecret: [hush]}"), "apps[1].appSecret"),
            (second("{appId: b, appKey: k2, appSecret: ~}"), "apps[1].appSecret"),
            (second("{appId: b, appKey: '', appSecret: hush}"), "apps[1].appKey"),
            (second("{appId: '', appKey: k2, appSecret: hush}"), "apps[1].appId"),
            (second("{appId: b, appKey: k2, appSecret: hush, appCode: ''}"), "apps[1].appCode"),
            (second("{appId: b, appKey: k2, appSecret: hush, secret: hush}"), "secret"),
            (second("{appId: b, appKey: k2, appSecret: hush, enabled: hush}"), "apps[1].enabled"),
            (second("{appId: b, appKey: k2, appSecret: hush, expiresAt: soon}"), "apps[1].expires"),
            (second("{appId: b, appKey: k1, appSecret: hush}"), "apps[1].appKey: two apps"),
            (
                second(
                    "{appId: b, appKey: k2, appSecret: hush, appCode: c}\n  \
                     - {appId: c, appKey: k3, appSecret: hush, appCode: c}",
                ),
                "apps[2].appCode: two apps",
            ),
        ] {
            let problem = parse_apps(&yaml).map(|_| ()).expect_err(&yaml);
            assert!(problem.contains(place), "{yaml}\n{problem}");
            assert!(!problem.contains("hush"), "{yaml}\n{problem}");
            assert_eq!(problem.lines().count(), 1, "{yaml}\n{problem}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let Problem(problem) = load_apps(Path::new("no/such.yaml")).unwrap_err();
        assert!(problem.starts_with("cannot read no/such.yaml: "), "{problem}");
    }
}
