//! What the memory replay store reports.

use std::sync::Arc;
use std::time::Duration;

use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::store::memory_replay::StateFile;
use countersign::store::{Claim, Claimed, MemoryReplayStore};

use crate::counts::{counted_by_store, gauged};
use crate::log::logged;

const WINDOW: Duration = Duration::from_secs(900);

/// A store of one shard and 1,000 keys.
struct Bench {
    clock: Arc<ManualClock>,
    store: MemoryReplayStore,
}

impl Bench {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(UnixMillis::new(1_646_365_291_734)));
        let builder = MemoryReplayStore::builder().with_capacity(1_000);
        Self { store: builder.with_clock(Arc::clone(&clock)).build(), clock }
    }

    fn claims(&self, app: &str, nonces: std::ops::Range<u32>) {
        let until = self.clock.wall().saturating_add(WINDOW);
        for nonce in nonces {
            let _ = self.store.claim_now(Claim::new("orders", app, &nonce.to_be_bytes(), until));
        }
    }
}

fn warnings(text: &str, of: &str) -> usize {
    text.lines().filter(|line| line.contains("WARN") && line.contains(of)).count()
}

#[test]
fn claims_are_counted_by_their_outcome() {
    let counts = counted_by_store(async {
        let bench = Bench::new();
        bench.claims("quiet", 0..1);
        bench.claims("loud", 0..510);
        bench.claims("loud", 0..20);
        bench.claims("quiet", 1..510);
        let passed = Claim::new("orders", "quiet", b"n", UnixMillis::ZERO);
        let _ = bench.store.claim_now(passed);
        let _ = bench.store.claim_now(passed.remembered_since(UnixMillis::ZERO));
        bench.store.close().unwrap();
        bench.claims("quiet", 0..3);
    });
    assert_eq!(
        counts,
        [
            "countersign_replay_claims_total{outcome=expired} 2",
            "countersign_replay_claims_total{outcome=fresh} 1000",
            "countersign_replay_claims_total{outcome=full_app} 10",
            "countersign_replay_claims_total{outcome=full_store} 10",
            "countersign_replay_claims_total{outcome=unavailable} 3",
            "countersign_replay_claims_total{outcome=used} 20",
        ]
    );
}

#[test]
fn keys_and_capacity_are_gauged() {
    let both = |keys| {
        [("countersign_replay_capacity".into(), 1_000.0), ("countersign_replay_keys".into(), keys)]
    };
    assert_eq!(gauged(async { Bench::new().claims("app", 0..300) }), both(300.0));
    let forgotten = gauged(async {
        let bench = Bench::new();
        bench.claims("app", 0..300);
        bench.clock.advance(WINDOW * 2);
        bench.claims("app", 0..1);
    });
    assert_eq!(forgotten, both(1.0));
}

#[test]
fn keys_that_came_and_went_before_anybody_listened_are_gauged() {
    let bench = Bench::new();
    let last = |gauges: Vec<(String, f64)>| gauges.last().unwrap().1;
    bench.claims("app", 0..300);
    assert_eq!(last(gauged(async { bench.claims("app", 300..301) })), 301.0);
    bench.claims("app", 301..400);
    assert_eq!(last(gauged(async { bench.claims("app", 400..401) })), 401.0);
    bench.clock.advance(WINDOW * 2);
    bench.claims("app", 0..10);
    assert_eq!(last(gauged(async { bench.claims("app", 10..11) })), 11.0);
}

#[test]
fn keys_that_a_restart_kept_are_gauged() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("telemetry-state");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).unwrap();
    let clock = Arc::new(ManualClock::at(UnixMillis::new(1_646_365_291_734)));
    let open = || {
        let builder = MemoryReplayStore::builder().with_clock(Arc::clone(&clock));
        let store = builder.open(StateFile::new(folder.join("replay"))).unwrap();
        Bench { clock: Arc::clone(&clock), store }
    };
    let text = logged(async {
        let bench = open();
        bench.claims("app", 0..10);
        bench.store.close().unwrap();
    });
    assert!(!text.contains("WARN"), "{text}");
    let gauges = gauged(async { open().claims("app", 10..12) });
    assert_eq!(gauges.last().unwrap(), &("countersign_replay_keys".to_owned(), 12.0));
    let text = logged(async { drop(open()) });
    assert_eq!(warnings(&text, "the replay store was not closed"), 1, "{text}");
    std::fs::write(folder.join("replay"), "torn").unwrap();
    let text = logged(async { drop(open()) });
    assert_eq!(warnings(&text, "it is no state file"), 1, "{text}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_start_before_the_mark_is_a_warning_with_the_seconds_after_a_crash_and_after_a_stop() {
    const REFUSES: &str = "the replay store refuses what is signed before its mark";
    let folder = std::env::temp_dir().join(format!("countersign-mark-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).unwrap();
    let clock = Arc::new(ManualClock::at(UnixMillis::new(1_646_365_291_734)));
    let open = || {
        let builder = MemoryReplayStore::builder().with_clock(Arc::clone(&clock));
        builder.open(StateFile::new(folder.join("replay"))).unwrap()
    };
    let ahead = clock.wall().saturating_add(Duration::from_secs(60));
    let claim = Claim::new("orders", "app", b"1", UnixMillis::MAX).signed_at(ahead);
    assert_eq!(open().claim_now(claim).unwrap(), Claimed::Fresh);
    let warned = |text: &str, seconds: &str| {
        assert_eq!(warnings(text, REFUSES), 1, "{text}");
        assert!(text.contains(seconds), "{text}");
    };
    // The mark is a step of five seconds ahead of it.
    warned(&logged(async { open().close().unwrap() }), "seconds=65");
    clock.advance(Duration::from_millis(59_999));
    warned(&logged(async { open().close().unwrap() }), "seconds=6");
    clock.advance(Duration::from_millis(5_001));
    let text = logged(async { open().close().unwrap() });
    assert!(!text.contains("WARN"), "{text}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_store_that_fills_warns_once_until_it_had_room_again() {
    const FULL: &str = "the replay store is 80 % full";
    let bench = Bench::new();
    let text = logged(async { bench.claims("app", 0..780) });
    assert_eq!(warnings(&text, FULL), 0, "{text}");
    let text = logged(async { bench.claims("app", 780..1_200) });
    assert_eq!(warnings(&text, FULL), 1, "{text}");
    bench.clock.advance(WINDOW * 2);
    let text = logged(async { bench.claims("app", 0..780) });
    assert_eq!(warnings(&text, FULL), 0, "{text}");
    let text = logged(async { bench.claims("app", 780..1_200) });
    assert_eq!(warnings(&text, FULL), 1, "{text}");
}

#[test]
fn an_app_near_its_share_is_named_once_and_only_beside_others() {
    const SHARE: &str = "an app's share of the replay store is 80 % used";
    let bench = Bench::new();
    let text = logged(async { bench.claims("a\tone", 0..480) });
    assert_eq!(warnings(&text, SHARE), 0, "it is alone: {text}");
    let text = logged(async {
        bench.claims("quiet", 0..1);
        bench.claims("a\tone", 480..700);
    });
    assert_eq!(warnings(&text, SHARE), 1, "{text}");
    let line = text.lines().find(|line| line.contains(SHARE)).unwrap();
    assert!(line.contains(r"app_key=a\tone") && line.contains("scope=orders"), "{line}");
}

#[test]
fn an_app_that_takes_the_place_of_others_keys_is_named_too() {
    const SHARE: &str = "an app's share of the replay store is 80 % used";
    let bench = Bench::new();
    let soon = bench.clock.wall().saturating_add(Duration::from_secs(1));
    let _ = bench.store.claim_now(Claim::new("orders", "quiet", b"soon", soon));
    bench.claims("quiet", 0..16);
    let text = logged(async { bench.claims("loud", 0..399) });
    assert_eq!(warnings(&text, SHARE), 0, "{text}");
    bench.clock.advance(Duration::from_secs(2));
    // One key goes and one comes: the store holds as many as before, the app holds 400 of its 500.
    let text = logged(async { bench.claims("loud", 399..400) });
    assert_eq!(bench.store.len(), 416);
    assert_eq!(warnings(&text, SHARE), 1, "{text}");
}
