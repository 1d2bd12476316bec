//! An apps file that changes while it is served. The time is tokio's, and stands still until all
//! that can be done is done.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what fails here fails a test"
)]

mod apps_folder;

use std::sync::Arc;
use std::time::Duration;

use apps_folder::{Folder, MINIMAL, code, now};
use countersign::clock::ManualClock;
use countersign::store::file_credentials::AppsFileStatus;
use countersign::store::{CredentialStore, FileCredentials};
use tokio::task::JoinHandle;

const INTERVAL: Duration = Duration::from_secs(2);
const SETTLED: Duration = Duration::from_millis(2_300);

fn watched(folder: &Folder) -> (FileCredentials, JoinHandle<()>) {
    let apps = FileCredentials::open(folder.apps()).unwrap();
    let watch = tokio::spawn(apps.watch());
    (apps, watch)
}

fn id(apps: &FileCredentials, key: &str) -> Option<String> {
    now(apps.app_by_key(key)).unwrap().map(|app| app.id().to_owned())
}

fn one(id: &str) -> String {
    format!("apps: [{{appId: {id}, appKey: k1, appSecret: hush}}]\n")
}

/// Lets time pass, and with it what is waiting for it.
async fn pass(span: Duration) {
    tokio::time::sleep(span).await;
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_renamed_over_or_written_in_place_is_taken_over() {
    let folder = Folder::new("watch_file");
    folder.write("apps.yaml", MINIMAL);
    let (apps, _watch) = watched(&folder);

    folder.rename_over("apps.yaml", &one("b"));
    assert_eq!(id(&apps, "k1").unwrap(), "a", "not before it is looked at");
    pass(SETTLED).await;
    assert_eq!(id(&apps, "k1").unwrap(), "b");

    // Of the same length, and within the resolution of a time of change.
    folder.write("apps.yaml", &one("c"));
    pass(SETTLED).await;
    assert_eq!(id(&apps, "k1").unwrap(), "c");

    // The same again is no change.
    let loads = apps.status().loads;
    folder.rename_over("apps.yaml", &one("c"));
    pass(INTERVAL * 10).await;
    assert_eq!(apps.status().loads, loads);
}

#[tokio::test(start_paused = true)]
async fn a_file_is_not_taken_for_whole_while_it_grows() {
    let folder = Folder::new("watch_growing");
    folder.write("apps.yaml", MINIMAL);
    let (apps, _watch) = watched(&folder);

    // Each part is a file that could be served.
    let mut text = "apps:\n".to_owned();
    pass(INTERVAL - Duration::from_millis(50)).await;
    for key in ["k2", "k3", "k4", "k5"] {
        text.push_str(&format!("  - {{appId: b, appKey: {key}, appSecret: hush}}\n"));
        folder.write("apps.yaml", &text);
        pass(Duration::from_millis(200)).await;
        assert_eq!(id(&apps, "k1").unwrap(), "a", "at {key}");
    }
    pass(SETTLED).await;
    assert_eq!((apps.status().apps, apps.status().loads), (4, 2));
}

#[tokio::test(start_paused = true)]
async fn a_bad_file_is_reported_once_and_mended() {
    let folder = Folder::new("watch_bad");
    folder.write("apps.yaml", MINIMAL);
    let clock = Arc::new(ManualClock::default());
    let builder = FileCredentials::builder(folder.apps()).with_clock(Arc::clone(&clock));
    let apps = builder.open().unwrap();
    tokio::spawn(apps.watch());

    folder.write("apps.yaml", "apps: [");
    pass(SETTLED).await;
    let refused = apps.status().refused.unwrap();
    assert_eq!(id(&apps, "k1").unwrap(), "a");
    clock.advance(Duration::from_secs(1));
    pass(INTERVAL * 10).await;
    assert_eq!(apps.status().refused.unwrap().at, refused.at, "it is read again when it changes");

    std::fs::remove_file(folder.apps()).unwrap();
    pass(SETTLED).await;
    let error = apps.status().refused.unwrap().error;
    assert!(error.problem().starts_with("it cannot be read"), "{error}");
    assert_eq!(id(&apps, "k1").unwrap(), "a");

    folder.write("apps.yaml", MINIMAL);
    pass(SETTLED).await;
    assert!(apps.status().refused.is_none());
}

#[tokio::test(start_paused = true)]
async fn who_is_told_of_a_reload_and_panics_stops_no_later_one() {
    let folder = Folder::new("watch_panic");
    folder.write("apps.yaml", MINIMAL);
    let told = |_: &AppsFileStatus| panic!("as it was told");
    let apps = FileCredentials::builder(folder.apps()).on_reload(told).open().unwrap();
    tokio::spawn(apps.watch());
    for id_then in ["b", "c", "d"] {
        folder.rename_over("apps.yaml", &one(id_then));
        pass(SETTLED).await;
        assert_eq!(id(&apps, "k1").unwrap(), id_then);
    }
}

#[tokio::test(start_paused = true)]
async fn the_files_of_secrets_are_watched_too() {
    let folder = Folder::new("watch_secret");
    folder.write("apps.yaml", "apps: [{appId: a, appKey: k1, appCode: {file: code}}]");
    folder.write("code", "old");
    let (apps, _watch) = watched(&folder);
    let knows = |text: &str| now(apps.app_by_code(&code(text))).unwrap().is_some();

    folder.write("code", "new\n");
    pass(SETTLED).await;
    assert!(knows("new") && !knows("old"));

    // Its absence is a bad file, and its return is a change.
    std::fs::remove_file(folder.path("code")).unwrap();
    pass(SETTLED).await;
    assert_eq!(apps.status().refused.unwrap().error.place(), "apps[0].appCode.file");
    assert!(knows("new"));
    folder.write("code", "newer");
    pass(SETTLED).await;
    assert!(knows("newer") && apps.status().refused.is_none());
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_folder_behind_a_symbolic_link_is_swapped_as_kubernetes_does() {
    let folder = Folder::new("watch_symlink");
    for id in ["a", "b"] {
        folder.write(&format!("{id}/apps.yaml"), &one(id));
    }
    folder.swap("a");
    std::os::unix::fs::symlink("..data/apps.yaml", folder.apps()).unwrap();
    let (apps, _watch) = watched(&folder);
    assert_eq!(id(&apps, "k1").unwrap(), "a");

    folder.swap("b");
    pass(SETTLED).await;
    assert_eq!(id(&apps, "k1").unwrap(), "b");
}

/// Every generation says something else, so a mixture of two can be told from each.
#[cfg(unix)]
#[test]
fn two_files_are_never_of_two_generations() {
    let folder = Folder::new("watch_mixed");
    let generation = |n: usize| {
        let app = format!("apps: [{{appId: g{n}, appKey: k, appCode: {{file: code}}}}]");
        folder.write(&format!("g{n}/apps.yaml"), &app);
        folder.write(&format!("g{n}/code"), &format!("g{n}"));
        folder.swap(&format!("g{n}"));
    };
    generation(0);
    let apps = FileCredentials::open(folder.path("..data/apps.yaml")).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| (1..=300).for_each(generation));
        loop {
            let last = writer.is_finished();
            // It may change too often to be read, which is an error.
            let outcome = apps.reload();
            let app = now(apps.app_by_key("k")).unwrap().unwrap();
            assert!(app.app_codes()[0].matches(&code(app.id())), "a mixture");
            if last {
                assert_eq!((outcome.is_ok(), app.id()), (true, "g300"));
                break;
            }
        }
    });
}

#[tokio::test(start_paused = true)]
async fn the_watch_ends_with_the_last_handle() {
    let folder = Folder::new("watch_end");
    folder.write("apps.yaml", MINIMAL);
    let (apps, watch) = watched(&folder);
    let handle = apps.clone();
    drop(apps);
    pass(INTERVAL * 2).await;
    assert!(!watch.is_finished());
    drop(handle);
    watch.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_interval_is_a_knob() {
    let folder = Folder::new("watch_interval");
    folder.write("apps.yaml", MINIMAL);
    let builder = FileCredentials::builder(folder.apps());
    let apps = builder.with_interval(Duration::from_secs(3600)).open().unwrap();
    tokio::spawn(apps.watch());
    folder.write("apps.yaml", &one("b"));
    pass(Duration::from_secs(3590)).await;
    assert_eq!(id(&apps, "k1").unwrap(), "a");
    pass(Duration::from_secs(11)).await;
    assert_eq!(id(&apps, "k1").unwrap(), "b");
}
