//! AccessKeys in an apps file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod apps_folder;

use std::sync::Arc;

use apps_folder::{Folder, MINIMAL, now};
use countersign::clock::UnixMillis;
use countersign::credential::{AccessKeyStatus, App, OpenApiScheme, OpenApiSchemes};
use countersign::store::{CredentialStore, FileCredentials};

fn app(apps: &FileCredentials, id: &str) -> Option<Arc<App>> {
    now(apps.app_by_access_key(id)).unwrap()
}

#[test]
fn yaml_and_json_say_the_same() {
    let yaml = "
apps:
  - appId: console
    accessKeys:
      - {accessKeyId: LTAI1, accessKeySecret: hush, schemes: [v3, rpc], active: false}
      - accessKeyId: STS.1
        accessKeySecret: hush
        securityToken: a token
        securityTokenExpiresAt: 2027-01-01T00:00:00+08:00
  - appId: both
    appKey: k1
    appSecret: hush
    accessKeys:
      - {accessKeyId: LTAI2, accessKeySecret: hush, active: true}
";
    let json = r#"{"apps": [
  {"appId": "console", "accessKeys": [
    {"accessKeyId": "LTAI1", "accessKeySecret": "hush", "schemes": ["rpc", "v3"], "active": false},
    {"accessKeyId": "STS.1", "accessKeySecret": "hush", "securityToken": "a token",
     "securityTokenExpiresAt": "2027-01-01T00:00:00+08:00"}]},
  {"appId": "both", "appKey": "k1", "appSecret": "hush",
   "accessKeys": [{"accessKeyId": "LTAI2", "accessKeySecret": "hush"}]}
]}"#;
    let folder = Folder::new("access_keys");
    for text in [yaml, json] {
        let apps = folder.open(text).unwrap();
        assert_eq!(apps.status().apps, 2);
        let console = app(&apps, "LTAI1").unwrap();
        assert_eq!((console.id(), console.access_keys().len()), ("console", 2));
        let first = console.access_key("LTAI1").unwrap();
        let schemes = OpenApiSchemes::only(OpenApiScheme::Rpc).with(OpenApiScheme::V3);
        assert_eq!((first.status(), first.schemes()), (AccessKeyStatus::Inactive, schemes));
        assert!(first.security_token().is_none());

        let temporary = app(&apps, "STS.1").unwrap();
        let second = temporary.access_key("STS.1").unwrap();
        assert_eq!(second.status(), AccessKeyStatus::Active);
        assert_eq!(second.schemes(), OpenApiSchemes::ALL);
        let token = second.security_token().unwrap();
        assert!(token.matches("a token") && !token.matches("another"));
        assert_eq!(token.expires_at(), Some(UnixMillis::new(1_798_732_800_000)));

        let both = app(&apps, "LTAI2").unwrap();
        assert_eq!((both.id(), both.secrets().len()), ("both", 1));
        assert!(now(apps.app_by_key("k1")).unwrap().is_some());
        assert!(app(&apps, "k1").is_none(), "an AppKey is no AccessKeyId");
    }
}

#[test]
fn a_secret_and_a_token_may_be_in_the_environment_or_in_a_file_beside() {
    let folder = Folder::new("access_key_references");
    folder.write("token", "a token\n");
    let apps = folder
        .open(
            "apps: [{appId: a, accessKeys: [{accessKeyId: A1, accessKeySecret: {env: PATH}, \
             securityToken: {file: token}}]}]",
        )
        .unwrap();
    let found = app(&apps, "A1").unwrap();
    assert!(found.access_key("A1").unwrap().security_token().unwrap().matches("a token"));
}

#[test]
fn a_bad_access_key_is_refused_in_one_line_that_names_the_place_and_no_secret() {
    let folder = Folder::new("bad_access_keys");
    let keys = |keys: &str| format!("{MINIMAL}  - {{appId: b, accessKeys: {keys}}}\n");
    let key = |members: &str| keys(&format!("[{{{members}}}]"));
    let json = |members: &str| format!(r#"{{"apps": [{{"appId": "b", {members}}}]}}"#);
    for (text, expected) in [
        (keys("[]"), "apps[1].accessKeys: there is none"),
        (keys("hush"), "apps[1].accessKeys: it has another type"),
        (keys("~"), "apps[1].accessKeys: it has another type"),
        (key("accessKeyId: A1"), "apps[1].accessKeys[0]: missing field `accessKeySecret`"),
        (key("accessKeySecret: hush"), "apps[1].accessKeys[0]: missing field `accessKeyId`"),
        (
            key("accessKeyId: '', accessKeySecret: hush"),
            "apps[1].accessKeys[0].accessKeyId: an AccessKeyId has 1 to 128",
        ),
        (
            key("accessKeyId: 'hush:hush', accessKeySecret: hush"),
            "apps[1].accessKeys[0].accessKeyId: an AccessKeyId has",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: ''"),
            "apps[1].accessKeys[0].accessKeySecret: the AccessKeySecret is empty",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: 0x10"),
            "apps[1].accessKeys[0].accessKeySecret: it is no text",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: {env: HUSH}"),
            "apps[1].accessKeys[0].accessKeySecret.env: this",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush, schemes: []"),
            "apps[1].accessKeys[0].schemes: there is none",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush, schemes: [v3, hush]"),
            "apps[1].accessKeys[0].schemes[1]: it is none of rpc, roa and v3",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush, schemes: [V3]"),
            "apps[1].accessKeys[0].schemes[0]: it is none of",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush, schemes: [v3, v3]"),
            "apps[1].accessKeys[0].schemes[1]: it is there twice",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush, schemes: v3"),
            "apps[1].accessKeys[0].schemes: it has another type",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush, securityToken: ''"),
            "apps[1].accessKeys[0].securityToken: the security token is empty",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush, securityToken: {file: hush}"),
            "apps[1].accessKeys[0].securityToken.file: it cannot be read",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush, \
                 securityTokenExpiresAt: 2027-01-01T00:00:00Z"),
            "apps[1].accessKeys[0].securityTokenExpiresAt: there is no securityToken",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush, securityToken: hush, \
                 securityTokenExpiresAt: soon"),
            "apps[1].accessKeys[0].securityTokenExpiresAt: it is no time",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush, active: hush"),
            "apps[1].accessKeys[0].active: it has another type",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush, hush: hush"),
            "apps[1].accessKeys[0]: a field that is not known",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush}, {accessKeyId: A1, accessKeySecret: hush"),
            "apps[1].accessKeys[1].accessKeyId: another key of the app",
        ),
        (
            key("accessKeyId: A1, accessKeySecret: hush")
                + "  - {appId: c, accessKeys: [{accessKeyId: A1, accessKeySecret: hush}], appKey: k}\n",
            "apps[2].accessKeys: two apps have the same AccessKeyId",
        ),
        (
            json(
                r#""appSecret": "hush", "accessKeys": [{"accessKeyId": "A", "accessKeySecret": "hush"}]"#,
            ),
            "apps[0]: missing field `appKey`",
        ),
        (
            json(
                r#""appCode": "hush", "accessKeys": [{"accessKeyId": "A", "accessKeySecret": "hush"}]"#,
            ),
            "apps[0]: missing field `appKey`",
        ),
        (
            json(r#""accessKeys": [{"accessKeyId": "A", "accessKeySecret": 7}]"#),
            "apps[0].accessKeys[0].accessKeySecret: it is no text",
        ),
        (
            json(
                r#""appKey": null, "accessKeys": [{"accessKeyId": "A", "accessKeySecret": "hush"}]"#,
            ),
            "apps[0].appKey: it has another type",
        ),
    ] {
        let line = folder.open(&text).expect_err(&text).to_string();
        assert!(line.contains(expected), "{text}\n{line}");
        assert!(!line.to_lowercase().contains("hush"), "{text}\n{line}");
        assert_eq!(line.lines().count(), 1, "{text}\n{line}");
    }
}

#[test]
fn no_slip_of_the_pen_makes_an_error_show_a_secret() {
    let yaml = "apps:\n  - appId: a\n    accessKeys:\n      - accessKeyId: A1\n        \
                accessKeySecret: zqjxzqjx\n        securityToken: 'zqjxzqjx'\n        schemes: [v3]\n";
    let folder = Folder::new("access_key_slips");
    let mut refused = 0;
    for at in 0..yaml.len() {
        for slip in ["", ":", "\"", "\n", "{", "- ", ": ", ","] {
            let text = format!("{}{slip}{}", &yaml[..at], &yaml[at + 1..]);
            let Err(error) = folder.open(&text) else { continue };
            refused += 1;
            let line = error.to_string();
            assert!(!line.contains("qj") && line.lines().count() == 1, "{text}\n{line}");
        }
    }
    assert!(refused > 300, "{refused}");
}

#[test]
fn a_token_that_has_ended_when_it_is_read_is_a_warning_with_its_place() {
    let folder = Folder::new("ended_tokens");
    let key = |id: &str, end: &str| {
        format!(
            "{{accessKeyId: {id}, accessKeySecret: hush, securityToken: hush, \
             securityTokenExpiresAt: '{end}'}}"
        )
    };
    let (past, to_come) = (key("A1", "2001-01-01T00:00:00Z"), key("A2", "9999-01-01T00:00:00Z"));
    folder.write("apps.yaml", &format!("apps: [{{appId: a, accessKeys: [{to_come}, {past}]}}]"));
    #[cfg(unix)]
    folder.chmod("apps.yaml", 0o600);
    let apps = FileCredentials::open(folder.apps()).unwrap();
    let warnings = apps.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].ends_with("apps[0].accessKeys[1]: its securityTokenExpiresAt is past"),
        "{warnings:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_file_with_an_access_key_secret_or_a_token_that_others_may_open_is_a_warning() {
    let folder = Folder::new("open_access_keys");
    let text = |secret: &str, token: &str| {
        format!(
            "apps: [{{appId: a, accessKeys: [{{accessKeyId: A1, accessKeySecret: {secret}, \
             securityToken: {token}}}]}}]"
        )
    };
    for (text, warned) in [
        (text("hush", "{env: PATH}"), 1),
        (text("{env: PATH}", "hush"), 1),
        (text("{env: PATH}", "{env: PATH}"), 0),
    ] {
        folder.write("apps.yaml", &text);
        folder.chmod("apps.yaml", 0o644);
        let apps = FileCredentials::open(folder.apps()).unwrap();
        assert_eq!(apps.warnings().len(), warned, "{text}");
    }
}
