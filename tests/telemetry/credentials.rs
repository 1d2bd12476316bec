//! What the credential stores count and log.

use std::time::Duration;

use countersign::store::{CredentialStore, FileCredentials};

use crate::apps_folder::{Folder, MINIMAL};
use crate::backing::{Bench, Mood, settle};
use crate::counts::counted;
use crate::log::logged;

#[test]
fn the_cache_counts_how_look_ups_were_answered_and_what_it_asked() {
    let counts = counted(async {
        let bench = Bench::new(|b| {
            b.with_max_unknown_per_second(1).with_stale_if_error(Duration::from_secs(60))
        });
        for _ in 0..3 {
            bench.id("k").await;
            bench.id("nobody").await;
        }
        bench.cached.app_by_key("nobody else").await.unwrap_err();
        bench.backing.turns(Mood::Down);
        bench.pass(60);
        for _ in 0..2 {
            bench.id("k").await;
        }
        settle().await;
    });
    assert_eq!(
        counts,
        [
            "countersign_credential_loads_total{outcome=error} 1",
            "countersign_credential_loads_total{outcome=found} 1",
            "countersign_credential_loads_total{outcome=refused} 1",
            "countersign_credential_loads_total{outcome=unknown} 1",
            "countersign_credential_lookups_total{outcome=hit} 2",
            "countersign_credential_lookups_total{outcome=miss} 4",
            "countersign_credential_lookups_total{outcome=negative_hit} 2",
            "countersign_credential_lookups_total{outcome=stale} 2",
        ]
    );
}

async fn good_bad_good(name: &str) {
    let folder = Folder::new(name);
    folder.write("apps.yaml", MINIMAL);
    let apps = FileCredentials::open(folder.apps()).unwrap();
    folder.write("apps.yaml", "apps: [{appId: a, appKey: k1, appSecret: hush, enabled: hush}]");
    apps.reload().unwrap_err();
    folder.write("apps.yaml", MINIMAL);
    apps.reload().unwrap();
}

#[test]
fn loads_of_an_apps_file_are_counted() {
    assert_eq!(
        counted(good_bad_good("counted")),
        [
            "countersign_apps_file_loads_total{outcome=loaded} 2",
            "countersign_apps_file_loads_total{outcome=refused} 1",
        ]
    );
}

#[test]
fn a_refused_apps_file_is_a_warning_with_the_place_and_without_a_secret() {
    let text = logged(good_bad_good("logged"));
    let refused = text.lines().find(|line| line.contains("apps file refused")).unwrap();
    assert!(refused.contains("WARN") && refused.contains("apps[0].enabled: "), "{refused}");
    let loaded = text.lines().find(|line| line.contains("apps file loaded")).unwrap();
    assert!(loaded.contains("INFO") && loaded.contains("apps=1"), "{loaded}");
    let again = text.lines().find(|line| line.contains("apps file read again")).unwrap();
    assert!(again.contains("WARN") && again.contains("apps=1"), "{again}");
    assert!(!text.contains("hush") && !text.contains("ERROR"), "{text}");
}
