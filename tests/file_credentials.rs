//! Apps from a file: what it may hold, and how it changes while it is served.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod apps_folder;

use std::sync::Arc;
use std::time::Duration;

use apps_folder::{Folder, MINIMAL, code, now};
use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{App, AppSecret, Availability};
use countersign::protocol::SignatureMethod;
use countersign::store::{CredentialStore, FileCredentials};

fn app(apps: &FileCredentials, key: &str) -> Option<Arc<App>> {
    now(apps.app_by_key(key)).unwrap()
}

/// Secrets are compared by what they sign.
#[track_caller]
fn assert_secret(secret: &AppSecret, text: impl AsRef<[u8]>) {
    let sign = |secret: &AppSecret| SignatureMethod::HmacSha256.sign(secret, b"a text");
    assert_eq!(sign(secret), sign(&AppSecret::new(text).unwrap()));
}

#[test]
fn yaml_and_json_say_the_same() {
    let yaml = "
apps:
  - appId: demo
    appKey: 203710001
    appSecret: 你好
    appCode: '0123'
    enabled: false
    expiresAt: 2027-01-01T00:00:00+08:00
  - { appId: demo, appKey: '203710002', appSecret: x, expiresAt: '1969-01-01T00:00:00Z' }
  - { appId: simple, appKey: '3', appCode: only a code }
";
    let json = r#"{"apps": [
	{"appId": "demo", "appKey": "203710001", "appSecret": "\u4f60\u597d", "appCode": "0123",
	 "enabled": false, "expiresAt": "2027-01-01T00:00:00+08:00"},
	{"appId": "demo", "appKey": "203710002", "appSecret": "x", "expiresAt": "1969-01-01T00:00:00Z"},
	{"appId": "simple", "appKey": "3", "appCode": "only a code"}
]}"#;
    let braces = "{apps: [{appId: demo, appKey: k1, appSecret: hush}]}";
    let folder = Folder::new("yaml_and_json");
    for text in [yaml, json] {
        let apps = folder.open(text).unwrap();
        let first = app(&apps, "203710001").unwrap();
        assert_eq!((first.id(), first.availability()), ("demo", Availability::Disabled));
        assert_eq!(first.expires_at(), Some(UnixMillis::new(1_798_732_800_000)));
        assert_secret(first.secrets()[0].secret(), "你好");
        assert_eq!(now(apps.app_by_code(&code("0123"))).unwrap().unwrap().key(), first.key());

        let second = app(&apps, "203710002").unwrap();
        assert_eq!(second.availability(), Availability::Enabled);
        assert_eq!(second.expires_at(), Some(UnixMillis::ZERO), "what ended before 1970 has ended");
        assert_eq!((second.secrets().len(), second.app_codes().len()), (1, 0));
        assert!(app(&apps, "3").unwrap().secrets().is_empty());
        assert_eq!((apps.status().apps, apps.status().loads), (3, 1));
        assert!(app(&apps, "4").is_none() && now(apps.app_by_code(&code("4"))).unwrap().is_none());
    }
    assert!(app(&folder.open(braces).unwrap(), "k1").is_some());
}

#[test]
fn a_bad_file_is_refused_in_one_line_that_names_the_place_and_no_secret() {
    let folder = Folder::new("bad_files");
    folder.write("empty", "\n");
    let second = |entry: &str| format!("{MINIMAL}  - {entry}\n");
    let json = |entry: &str| format!(r#"{{"apps": [{entry}]}}"#);
    for (text, expected) in [
        (String::new(), "it is empty"),
        (" \n".to_owned(), "it is empty"),
        ("apps: [".to_owned(), "line 1"),
        ("apps: []".to_owned(), "apps: there is none"),
        ("apps: {}".to_owned(), "apps: it has another type"),
        (format!("{MINIMAL}more: 1\n"), "not known (line 3, column 1)"),
        (format!("{MINIMAL}apps: []\n"), "a field is given twice"),
        (second("{appId: b, appKey: k2}"), "apps[1]: the app has neither"),
        (second("{appKey: k2, appSecret: hush}"), "apps[1]: missing field `appId`"),
        (second("{appId: b, appKey: k2, appSecret: ''}"), "apps[1].appSecret: the AppSecret is"),
        (second("{appId: b, appKey: k2, appSecret: [hush]}"), "apps[1].appSecret: it is no text"),
        (second("{appId: b, appKey: k2, appSecret: ~}"), "apps[1].appSecret: it is no text"),
        (second("{appId: b, appKey: k2, appSecret: ~, appCode: c}"), "apps[1].appSecret: it is no"),
        (second("{appId: b, appKey: k2, appSecret: 0x10}"), "put in quotes"),
        (second("{appId: b, appKey: k2, appSecret: {hush}}"), "apps[1].appSecret: it is no text"),
        (second("{appId: b, appKey: k2, appSecret: {env: A, file: hush}}"), "apps[1].appSecret"),
        (second("{appId: b, appKey: k2, appSecret: {env: HUSH}}"), "apps[1].appSecret.env: this"),
        (
            second("{appId: b, appKey: k2, appSecret: {file: hush}}"),
            "apps[1].appSecret.file: it ca",
        ),
        (second("{appId: b, appKey: k2, appSecret: {file: empty}}"), "apps[1].appSecret: the AppS"),
        (second("{appId: b, appKey: '', appSecret: hush}"), "apps[1].appKey: the AppKey is empty"),
        (second("{appId: '', appKey: k2, appSecret: hush}"), "apps[1].appId: it is empty"),
        (second("{appId: b, appKey: k2, appSecret: hush, appCode: ''}"), "apps[1].appCode: the"),
        (
            second("{appId: b, appKey: k2, appSecret: hush, secret: hush}"),
            "apps[1].secret: a field",
        ),
        (second("{appId: b, appKey: k2, appSecret hush}"), "apps[1]: a field that is not known"),
        (second("{appId: b, appKey: k2, appSecret: hush, enabled: hush}"), "apps[1].enabled"),
        (second("{appId: b, appKey: k2, appSecret: hush, expiresAt: soon}"), "apps[1].expiresAt"),
        (second("{appId: b, appKey: k1, appSecret: hush}"), "apps[1].appKey: two apps"),
        (
            second(
                "{appId: b, appKey: k2, appSecret: hush, appCode: c}\n  \
                 - {appId: c, appKey: k3, appSecret: hush, appCode: c}",
            ),
            "apps[2].appCode: two apps",
        ),
        (
            second("{appId: b, appKey: k2, appSecret: hush, appSecrets: []}"),
            "apps[1].appSecrets: there is an appSecret, too",
        ),
        (second("{appId: b, appKey: k2, appSecrets: []}"), "apps[1].appSecrets: there is none"),
        (
            second("{appId: b, appKey: k2, appSecrets: [{version: '', secret: hush}]}"),
            "apps[1].appSecrets[0].version: it is empty",
        ),
        (
            second(
                "{appId: b, appKey: k2, \
                 appSecrets: [{version: a, secret: hush}, {version: a, secret: hush}]}",
            ),
            "apps[1].appSecrets[1].version: another secret",
        ),
        (
            second(
                "{appId: b, appKey: k2, appSecrets: [{version: a, secret: hush, \
                 notBefore: 2027-01-01T00:00:00Z, notAfter: 2026-01-01T00:00:00Z}]}",
            ),
            "apps[1].appSecrets[0].notAfter: it is before notBefore",
        ),
        (json(r#"{"appId": "a", "appKey": "k", "appSecret": 7}"#), "apps[0].appSecret: it is no t"),
        (json(r#"{"appId": "a", "appKey": 7, "appSecret": "hush"}"#), "apps[0].appKey: it has an"),
        (json(r#"{"appId": "a", "appKey": "k", "enabled": "hush"}"#), "apps[0].enabled: it has an"),
        (json(r#"{"appId": "a", "appKey": "k", "appKey": "hush"}"#), "apps[0]: a field is given"),
        (json(r#"{"appId": "a", "appKey": "k", "hush": "hush"}"#), "apps[0]: a field that is not"),
        (json(r#"{"appId": "a"}"#), "apps[0]: missing field `appKey`"),
    ] {
        let error = folder.open(&text).expect_err(&text);
        let line = error.to_string();
        assert!(line.contains(expected), "{text}\n{line}");
        assert!(!line.to_lowercase().contains("hush"), "{text}\n{line}");
        assert!(line.starts_with(&format!("{}: ", folder.apps().display())), "{line}");
        assert_eq!(line.lines().count(), 1, "{text}\n{line}");
        assert!(line.contains(error.problem()) && line.contains(error.place()), "{line}");
    }
}

#[test]
fn no_slip_of_the_pen_makes_an_error_show_a_secret() {
    let yaml = "apps:\n  - appId: a\n    appKey: k\n    appSecret: zqjxzqjx\n    \
                appCode: \"zqjxzqjx\"\n  - {appId: b, appKey: l, appSecret: zqjxzqjx, appSecrets: \
                [{version: v, secret: 'zqjxzqjx'}]}\n";
    let json =
        r#"{"apps":[{"appId":"a","appKey":"k","appSecret":"zqjxzqjx","appCode":"zqjxzqjx"}]}"#;
    let folder = Folder::new("slips");
    let mut refused = 0;
    for text in [yaml, json] {
        for at in 0..text.len() {
            for slip in ["", ":", "\"", "\n", "{", "&", "*", "!", "\t", "#", "1", "- ", ": "] {
                let text = format!("{}{slip}{}", &text[..at], &text[at + 1..]);
                let Err(error) = folder.open(&text) else { continue };
                refused += 1;
                let line = error.to_string();
                assert!(!line.contains("qj") && line.lines().count() == 1, "{text}\n{line}");
            }
        }
    }
    assert!(refused > 1_000, "{refused}");
}

#[test]
fn a_secret_may_be_in_the_environment_or_in_a_file_beside() {
    let folder = Folder::new("references");
    folder.write("secrets/line", "from a file\n");
    folder.write("secrets/windows", "from windows\r\n");
    folder.write("secrets/bare", " as it is \n\n");
    let absolute = folder.path("secrets/line");
    let apps = folder
        .open(&format!(
            "apps:
  - {{appId: a, appKey: '1', appSecret: {{env: PATH}}}}
  - {{appId: a, appKey: '2', appSecret: {{file: secrets/line}}}}
  - {{appId: a, appKey: '3', appSecret: {{file: secrets/windows}}}}
  - {{appId: a, appKey: '4', appSecret: {{file: secrets/bare}}}}
  - {{appId: a, appKey: '5', appSecret: {{file: '{}'}}, appCode: {{file: secrets/windows}}}}
",
            absolute.display()
        ))
        .unwrap();
    let path = std::env::var("PATH").unwrap();
    for (key, text) in [
        ("1", path.as_str()),
        ("2", "from a file"),
        ("3", "from windows"),
        ("4", " as it is \n"), // one line feed is the editor's
        ("5", "from a file"),
    ] {
        assert_secret(app(&apps, key).unwrap().secrets()[0].secret(), text);
    }
    assert!(now(apps.app_by_code(&code("from windows"))).unwrap().is_some());
}

#[test]
fn several_secrets_have_validity_times() {
    let folder = Folder::new("rotation");
    let apps = folder
        .open(
            "apps:
  - appId: a
    appKey: k
    appSecrets:
      - {version: q3, secret: old, notAfter: 2026-10-07T00:00:00Z}
      - {version: q4, secret: new, notBefore: 2026-09-30T00:00:00Z}
",
        )
        .unwrap();
    let app = app(&apps, "k").unwrap();
    let valid = |at: u64| -> Vec<_> {
        let valid = app.secrets().iter().filter(|s| s.is_valid_at(UnixMillis::new(at)));
        valid.map(|secret| secret.version().to_string()).collect()
    };
    let (begin, end) = (1_790_726_400_000, 1_791_331_200_000);
    assert_eq!(valid(begin - 1), ["q3"]);
    assert_eq!(valid(begin), ["q3", "q4"]);
    assert_eq!(valid(end), ["q3", "q4"]);
    assert_eq!(valid(end + 1), ["q4"]);
    assert_secret(app.secrets()[1].secret(), "new");
}

#[test]
fn a_field_that_is_there_and_empty_is_not_one_that_is_left_out() {
    let folder = Folder::new("empty_fields");
    let app = |rest: &str| format!("apps: [{{appId: a, appKey: k, {rest}}}]");
    let version = |rest: &str| app(&format!("appSecrets: [{{version: v, secret: hush, {rest}}}]"));
    for (field, file) in [
        ("appCode", app("appSecret: hush, appCode: ")),
        ("enabled", app("appSecret: hush, enabled: ")),
        ("enabled", app("appSecret: hush, enabled: ~")),
        ("enabled", app("appSecret: hush, enabled: ''")),
        ("expiresAt", app("appSecret: hush, expiresAt: ")),
        ("expiresAt", app("appSecret: hush, expiresAt: null")),
        ("expiresAt", app("appSecret: hush, expiresAt: ''")),
        ("appSecrets[0].notBefore", version("notBefore: ")),
        ("appSecrets[0].notAfter", version("notAfter: ~")),
        (
            "expiresAt",
            r#"{"apps": [{"appId": "a", "appKey": "k", "appSecret": "hush", "expiresAt": null}]}"#
                .to_owned(),
        ),
    ] {
        let error = folder.open(&file).expect_err(&file);
        assert_eq!(error.place(), format!("apps[0].{field}"), "{file}\n{error}");
    }
}

#[test]
fn what_is_no_file_of_a_reasonable_length_is_refused() {
    let folder = Folder::new("no_files");
    folder.write("here", MINIMAL);
    let error = FileCredentials::open(folder.path("")).unwrap_err();
    assert!(error.problem().contains("it is no regular file"), "{error}");

    let long = folder.path("long");
    std::fs::File::create(&long).unwrap().set_len(16 * 1024 * 1024 + 1).unwrap();
    let error = FileCredentials::open(&long).unwrap_err();
    assert!(error.problem().contains("longer than 16 MiB"), "{error}");

    let app = |number| format!("- {{appId: a, appKey: k{number}, appSecret: hush}}\n");
    let many = format!("apps:\n{}", (0..40_000).map(app).collect::<String>());
    let error = folder.open(&many).unwrap_err();
    assert!(error.problem().starts_with("it has more parts than are read"), "{error}");

    std::fs::write(folder.path("latin"), b"apps: \xff").unwrap();
    let error = FileCredentials::open(folder.path("latin")).unwrap_err();
    assert_eq!((error.place(), error.problem()), ("", "it is not UTF-8"));
    assert_eq!(error.file(), folder.path("latin"));
}

#[test]
fn a_reload_takes_over_what_is_good_and_keeps_what_was_before_a_bad_file() {
    let folder = Folder::new("reload");
    folder.write("apps.yaml", MINIMAL);
    let clock = Arc::new(ManualClock::at(UnixMillis::new(1_000)));
    let apps = FileCredentials::builder(folder.apps()).with_clock(Arc::clone(&clock)).open();
    let apps = apps.unwrap();
    let handle = apps.clone();

    clock.advance(Duration::from_secs(1));
    folder.write("apps.yaml", "apps: [{appId: b, appKey: k2, appSecret: hush}]");
    apps.reload().unwrap();
    assert!(app(&handle, "k1").is_none() && app(&handle, "k2").is_some());
    assert_eq!((apps.status().loads, apps.status().loaded_at.get()), (2, 2_000));

    clock.advance(Duration::from_secs(1));
    for bad in ["apps: [{appId: c, appKey: k3, appSecret: ''}]", "apps: []", "", "{"] {
        folder.write("apps.yaml", bad);
        let error = apps.reload().unwrap_err();
        assert!(app(&handle, "k2").is_some() && app(&handle, "k3").is_none());
        let status = handle.status();
        assert_eq!((status.apps, status.loads, status.loaded_at.get()), (1, 2, 2_000));
        let refused = status.refused.unwrap();
        assert_eq!((refused.at.get(), refused.error), (3_000, error));
    }

    folder.write("apps.yaml", MINIMAL);
    apps.reload().unwrap();
    assert!(app(&handle, "k1").is_some() && handle.status().refused.is_none());
    assert_eq!(apps.path(), folder.apps());
}

#[test]
fn neither_debug_nor_a_status_shows_a_secret() {
    let folder = Folder::new("debug");
    let apps = folder.open(MINIMAL).unwrap();
    folder.write("apps.yaml", "apps: [{appId: a, appKey: k1, appSecret: hush, enabled: hush}]");
    let error = apps.reload().unwrap_err();
    let shown = format!("{apps:?} {:?} {error:?} {:?}", apps.status(), apps.warnings());
    assert!(shown.contains("apps[0].enabled") && !shown.contains("hush"), "{shown}");
}

#[cfg(unix)]
#[test]
fn a_file_with_secrets_that_others_may_open_is_a_warning() {
    let folder = Folder::new("permissions");
    folder.write("code", "c");
    let inline = "apps: [{appId: a, appKey: k, appSecret: s, appCode: {file: code}}]";
    folder.write("apps.yaml", inline);
    let (file, code) = (folder.apps(), folder.path("code"));
    folder.chmod("apps.yaml", 0o640);
    folder.chmod("code", 0o604);
    let apps = FileCredentials::open(&file).unwrap();
    let warning = |path: &std::path::Path, mode: &str| {
        let path = path.display();
        format!("{path}: it holds secrets, and its mode {mode} opens it to group or others")
    };
    assert_eq!(apps.warnings(), [warning(&file, "0640"), warning(&code, "0604")]);

    folder.chmod("code", 0o400);
    apps.reload().unwrap();
    assert_eq!(apps.warnings(), [warning(&file, "0640")]);
    // A file that only says where the secrets are may be read by all.
    folder.write("apps.yaml", "apps: [{appId: a, appKey: k, appSecret: {file: code}}]");
    apps.reload().unwrap();
    assert_eq!(apps.warnings(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_secret_that_has_ended_when_it_is_read_is_a_warning_with_its_place() {
    let folder = Folder::new("ended");
    folder.write(
        "apps.yaml",
        "apps: [{appId: a, appKey: k1, appSecret: hush}, {appId: b, appKey: k2, appSecrets: [\
         {version: q3, secret: hush, notAfter: 2026-10-07T00:00:00Z}, \
         {version: q4, secret: hush, notBefore: 2026-09-30T00:00:00Z}]}]",
    );
    folder.chmod("apps.yaml", 0o600);
    let end = UnixMillis::new(1_791_331_200_000);
    let clock = Arc::new(ManualClock::at(end));
    let builder = FileCredentials::builder(folder.apps()).with_clock(Arc::clone(&clock));
    let apps = builder.open().unwrap();
    assert_eq!(apps.warnings(), [""; 0], "it is accepted through its notAfter");
    clock.advance(Duration::from_millis(1));
    apps.reload().unwrap();
    let warning = "apps[1].appSecrets[0]: its notAfter is past";
    assert_eq!(apps.warnings(), [format!("{}: {warning}", folder.apps().display())]);
}

#[test]
fn an_empty_list_is_refused_with_the_way_to_revoke_the_last_app() {
    let folder = Folder::new("empty_list");
    let error = folder.open("apps: []").unwrap_err();
    assert_eq!(error.place(), "apps");
    assert!(
        error.problem().ends_with("to revoke the last one, set `enabled: false` in it"),
        "{error}"
    );
}
