//! What is accepted after a restart.

use std::fs;
use std::ops::Range;
use std::sync::Arc;

use countersign::clock::UnixMillis;
use countersign::error::ErrorCode;
use countersign::store::memory_replay::{StartedFrom, Unusable};
use countersign::store::{
    Claim, Claimed, FullScope, MemoryCredentials, MemoryReplayStore, StoreError,
};
use countersign::verify::{Policy, Verifier, Window};

use crate::bench::{Bench, MILLISECOND, MINUTE, SECOND, STEP, WINDOW, claim, lax, strict};
use crate::support::{Call, NOW, answered, assert_accepted, assert_refused, demo_apps};

// After a crash.

#[test]
fn what_was_accepted_before_a_crash_is_refused_after_it() {
    let bench = Bench::new();
    let at = bench.now();
    bench.crash(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    bench.clock.advance(SECOND);
    let store = bench.open_from(StartedFrom::Mark);
    assert_eq!(claim(&store, b"1", at), Claimed::Expired);
    assert!(store.is_empty());
}

#[test]
fn lesson_25_a_request_stamped_five_minutes_ahead_is_refused_after_a_crash() {
    let bench = Bench::new();
    let ahead = bench.now().saturating_add(MINUTE * 5);
    bench.crash(|store| assert_eq!(claim(store, b"1", ahead), Claimed::Fresh));
    for _ in 0..20 {
        bench.clock.advance(MINUTE);
        let store = bench.open_from(StartedFrom::Mark);
        assert_eq!(claim(&store, b"1", ahead), Claimed::Expired);
    }
}

#[test]
fn lesson_25_accepted_before_a_stop_and_after_it_all_is_refused_after_a_crash() {
    let bench = Bench::new();
    let first = bench.now();
    bench.run(|store| assert_eq!(claim(store, b"1", first), Claimed::Fresh));
    bench.clock.advance(SECOND);
    let second = bench.now();
    bench.crash(|store| {
        assert_eq!(claim(store, b"1", first), Claimed::Used);
        assert_eq!(claim(store, b"2", second), Claimed::Fresh);
    });
    bench.clock.advance(SECOND);
    let store = bench.open_from(StartedFrom::Mark);
    assert_eq!(claim(&store, b"1", first), Claimed::Expired);
    assert_eq!(claim(&store, b"2", second), Claimed::Expired);
}

#[test]
fn after_a_crash_what_is_signed_after_the_mark_and_the_start_is_fresh() {
    let bench = Bench::new();
    let at = bench.now();
    bench.crash(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    let store = bench.open_from(StartedFrom::Mark);
    let mark = at.saturating_add(STEP);
    assert_eq!(claim(&store, b"2", mark), Claimed::Expired);
    assert_eq!(claim(&store, b"2", mark.saturating_add(MILLISECOND)), Claimed::Fresh);
    drop(store);

    bench.clock.advance(MINUTE);
    let store = bench.open_from(StartedFrom::Mark);
    let started = bench.now();
    assert_eq!(claim(&store, b"3", started.saturating_sub(MILLISECOND)), Claimed::Expired);
    assert_eq!(claim(&store, b"3", started), Claimed::Fresh);
}

#[test]
fn a_claim_that_the_mark_covered_only_by_its_time_of_signing_is_refused_too() {
    let bench = Bench::new();
    let ahead = bench.now().saturating_add(MINUTE);
    let claimed = |store: &MemoryReplayStore| store.claim_now(lax(b"1", ahead)).unwrap();
    bench.crash(|store| assert_eq!(claimed(store), Claimed::Fresh));
    let store = bench.open();
    assert_eq!(claim(&store, b"1", ahead), Claimed::Expired);
}

#[test]
fn the_mark_outlives_any_number_of_restarts() {
    let bench = Bench::new();
    let ahead = bench.now().saturating_add(WINDOW);
    bench.crash(|store| assert_eq!(claim(store, b"1", ahead), Claimed::Fresh));
    for round in 0..6 {
        bench.clock.advance(SECOND);
        match round % 2 {
            0 => bench.run(|store| assert_eq!(claim(store, b"1", ahead), Claimed::Expired)),
            _ => bench.crash(|store| assert_eq!(claim(store, b"1", ahead), Claimed::Expired)),
        }
    }
}

#[test]
fn a_store_tells_through_when_it_refuses_after_a_crash_and_after_stops() {
    let bench = Bench::new();
    let at = bench.now();
    let through = |store: &MemoryReplayStore| store.refuses_through().unwrap();
    let ahead = at.saturating_add(MINUTE);
    bench.crash(|store| {
        assert_eq!(through(store), at.saturating_sub(MILLISECOND), "it began now");
        assert_eq!(claim(store, b"1", ahead), Claimed::Fresh);
    });
    let mark = ahead.saturating_add(STEP);
    for _ in 0..2 {
        bench.run(|store| {
            assert_eq!(through(store), mark);
            assert_eq!(claim(store, b"2", mark), Claimed::Expired);
        });
        bench.clock.advance(SECOND);
    }
    bench.run(|store| {
        assert_eq!(claim(store, b"2", mark.saturating_add(MILLISECOND)), Claimed::Fresh);
    });
}

// After a stop.

#[test]
fn what_was_accepted_before_a_stop_is_used_and_what_was_not_is_fresh() {
    let bench = Bench::new();
    let at = bench.now();
    let ahead = at.saturating_add(WINDOW);
    bench.run(|store| {
        assert_eq!(claim(store, b"1", at), Claimed::Fresh);
        assert_eq!(claim(store, b"2", ahead), Claimed::Fresh);
    });
    bench.clock.advance(SECOND);
    let store = bench.open_from(StartedFrom::Snapshot);
    assert_eq!(store.len(), 2);
    assert_eq!(claim(&store, b"1", at), Claimed::Used);
    assert_eq!(claim(&store, b"2", ahead), Claimed::Used);
    assert_eq!(claim(&store, b"3", at), Claimed::Fresh);
}

#[test]
fn a_key_is_used_through_its_own_until_after_a_restart() {
    let bench = Bench::new();
    let at = bench.now();
    bench.run(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    let lax = lax(b"1", at);
    for _ in 0..15 {
        bench.run(|store| assert_eq!(store.claim_now(lax).unwrap(), Claimed::Used));
        bench.clock.advance(MINUTE);
    }
    bench.run(|store| assert_eq!(store.claim_now(lax).unwrap(), Claimed::Used));
    bench.clock.advance(MILLISECOND);
    bench.run(|store| assert_eq!(store.claim_now(lax).unwrap(), Claimed::Expired));
}

#[test]
fn what_was_forgotten_before_a_stop_stays_forgotten() {
    let bench = Bench::new();
    let at = bench.now();
    let short = lax(b"1", at);
    bench.run(|store| {
        assert_eq!(store.claim_now(short).unwrap(), Claimed::Fresh);
        bench.clock.advance(WINDOW + MILLISECOND);
        assert_eq!(claim(store, b"2", bench.now()), Claimed::Fresh);
        assert_eq!(store.len(), 1, "the first is forgotten");
    });
    let store = bench.open_from(StartedFrom::Snapshot);
    // The same request under a longer window, and after a step of the clock.
    let mut long = short;
    long.until = at.saturating_add(WINDOW * 4);
    assert_eq!(store.claim_now(long).unwrap(), Claimed::Expired);
    bench.clock.step_wall_to(at);
    assert_eq!(store.claim_now(short).unwrap(), Claimed::Expired);
}

#[test]
fn where_the_memory_began_is_remembered_too() {
    let bench = Bench::new();
    let before = bench.now().saturating_sub(MILLISECOND);
    for _ in 0..3 {
        bench.run(|store| assert_eq!(claim(store, b"1", before), Claimed::Expired));
        bench.clock.advance(SECOND);
    }
    let at = bench.now();
    bench.run(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
}

#[test]
fn an_app_holds_its_share_after_a_restart() {
    let bench = Bench::new();
    let until = bench.now().saturating_add(WINDOW);
    fn of<'a>(app: &'a str, nonce: &'a [u8], until: UnixMillis) -> Claim<'a> {
        Claim::new("orders", app, nonce, until)
    }
    let is_full = |answer: Result<_, _>| {
        matches!(answer, Err(StoreError::Full { scope: FullScope::App, .. }))
    };
    bench.run(|store| {
        assert_eq!(store.claim_now(of("quiet", b"n", until)).unwrap(), Claimed::Fresh);
        for nonce in 0..500_u32 {
            let claimed = store.claim_now(of("loud", &nonce.to_be_bytes(), until));
            assert_eq!(claimed.unwrap(), Claimed::Fresh);
        }
        assert!(is_full(store.claim_now(of("loud", b"n", until))));
    });
    let store = bench.open();
    assert!(is_full(store.claim_now(of("loud", b"n", until))));
    assert_eq!(store.claim_now(of("quiet", b"m", until)).unwrap(), Claimed::Fresh);
}

#[test]
fn a_store_of_many_shards_is_restored_as_a_whole() {
    let bench = Bench::new();
    let at = bench.now();
    let open = || bench.builder().with_capacity(8_000_000).open(bench.file()).unwrap();
    let store = open();
    for nonce in 0..20_000_u32 {
        assert_eq!(claim(&store, &nonce.to_be_bytes(), at), Claimed::Fresh);
    }
    store.close().unwrap();
    drop(store);
    let store = open();
    assert_eq!(store.started_from(), StartedFrom::Snapshot);
    assert_eq!(store.len(), 20_000);
    for nonce in 0..20_000_u32 {
        assert_eq!(claim(&store, &nonce.to_be_bytes(), at), Claimed::Used);
    }
}

#[test]
fn after_a_restart_one_key_of_another_app_still_enforces_the_share_in_all_shards() {
    let bench = Bench::new();
    let until = bench.now().saturating_add(WINDOW);
    let open = || bench.builder().with_capacity(65_536).open(bench.file()).unwrap();
    let fresh = |store: &MemoryReplayStore, app, nonces: Range<u32>| {
        let nonces = nonces.map(u32::to_be_bytes);
        let claims = nonces.map(|n| store.claim_now(Claim::new("orders", app, &n, until)));
        claims.filter(|claimed| matches!(claimed, Ok(Claimed::Fresh))).count()
    };
    let store = open();
    assert_eq!(fresh(&store, "quiet", 0..1), 1);
    assert_eq!(fresh(&store, "loud", 0..100_000), 32_768);
    store.close().unwrap();
    drop(store);
    assert_eq!(fresh(&open(), "loud", 100_000..101_000), 0);
}

#[test]
fn another_capacity_is_fine_and_another_number_of_shards_brings_the_restart_rule() {
    let bench = Bench::new();
    let at = bench.now();
    bench.run(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    let store = bench.builder().with_capacity(1).open(bench.file()).unwrap();
    assert_eq!(claim(&store, b"1", at), Claimed::Used);
    assert!(matches!(store.claim_now(strict(b"2", at)), Err(StoreError::Full { .. })));
    store.close().unwrap();
    drop(store);

    bench.clock.advance(SECOND);
    let store = bench.builder().with_capacity(100_000).open(bench.file()).unwrap();
    assert_eq!(store.started_from(), StartedFrom::Unusable(Unusable::OtherShards));
    assert_eq!(claim(&store, b"1", at), Claimed::Expired);
}

// The snapshot is consumed.

#[test]
fn a_snapshot_is_gone_before_the_first_claim_and_a_crash_then_brings_the_restart_rule() {
    let bench = Bench::new();
    let at = bench.now();
    bench.run(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    assert_eq!(bench.folder.names(), ["replay", "replay.lock", "replay.snapshot"]);
    let store = bench.open_from(StartedFrom::Snapshot);
    assert_eq!(bench.folder.names(), ["replay", "replay.lock"]);
    drop(store);
    let store = bench.open_from(StartedFrom::Mark);
    assert_eq!(claim(&store, b"1", at), Claimed::Expired);
}

#[test]
fn a_snapshot_that_is_put_back_is_of_another_run() {
    let bench = Bench::new();
    let at = bench.now();
    bench.run(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    let snapshot = fs::read(bench.folder.snapshot()).unwrap();
    let ahead = at.saturating_add(MINUTE);
    bench.crash(|store| assert_eq!(claim(store, b"2", ahead), Claimed::Fresh));
    fs::write(bench.folder.snapshot(), snapshot).unwrap();
    let store = bench.open_from(StartedFrom::Unusable(Unusable::OtherRun));
    assert_eq!(claim(&store, b"1", at), Claimed::Expired);
    assert_eq!(claim(&store, b"2", ahead), Claimed::Expired);
}

#[test]
fn a_snapshot_older_than_it_may_be_brings_the_restart_rule() {
    let bench = Bench::new();
    let at = bench.now();
    let ahead = at.saturating_add(WINDOW);
    for age in [WINDOW, WINDOW + MILLISECOND] {
        bench.run(|store| {
            let _ = claim(store, b"1", ahead);
        });
        bench.clock.advance(age);
        let store = bench.open();
        if age == WINDOW {
            assert_eq!(store.started_from(), StartedFrom::Snapshot);
            assert_eq!(claim(&store, b"1", ahead), Claimed::Used);
            store.close().unwrap();
        } else {
            assert_eq!(store.started_from(), StartedFrom::Unusable(Unusable::Stale));
            assert_eq!(claim(&store, b"1", ahead), Claimed::Expired);
        }
    }
}

// Without a restart.

#[test]
fn lesson_25_new_apps_and_another_policy_keep_the_memory() {
    let bench = Bench::new();
    bench.clock.step_wall_to(UnixMillis::new(NOW));
    let store = Arc::new(bench.open());
    let verifier = |apps, policy| {
        let credentials = MemoryCredentials::new(apps).unwrap();
        let verifier = Verifier::new(credentials, Arc::clone(&store)).with_policy(policy);
        verifier.with_clock(Arc::clone(&bench.clock))
    };
    let wire = Call::get("/").sign();
    let before = verifier(demo_apps(), Policy::strict());
    assert_accepted(answered(before.verify(wire.head(), &wire.body)));
    drop(before);

    let mut apps = demo_apps();
    apps.truncate(1);
    let longer = Policy::strict().with_window(Window::symmetric(WINDOW * 2));
    let after = verifier(apps, longer);
    let answer = answered(after.verify(wire.head(), &wire.body));
    assert_refused(answer, ErrorCode::S403NU, "Nonce Used");
    let next = Call::get("/").sign();
    assert_accepted(answered(after.verify(next.head(), &next.body)));
}
