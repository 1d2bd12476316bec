//! Clocks that are wrong when a store is opened.

use std::time::Duration;

use countersign::clock::UnixMillis;
use countersign::store::memory_replay::StartedFrom;
use countersign::store::{Claim, Claimed};

use crate::bench::{Bench, MILLISECOND, MINUTE, SECOND, STEP, WINDOW, claim};

const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn lesson_26_a_clock_stepped_back_between_stop_and_start_reopens_nothing() {
    let bench = Bench::new();
    let at = bench.now();
    bench.run(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    bench.clock.step_wall_to(at.saturating_sub(MINUTE));
    let store = bench.open_from(StartedFrom::Snapshot);
    assert_eq!(claim(&store, b"1", at), Claimed::Used);
    // It is kept until the clock has caught up.
    bench.clock.advance(MINUTE + WINDOW);
    assert_eq!(claim(&store, b"1", at), Claimed::Used);
    bench.clock.advance(MILLISECOND);
    assert_eq!(claim(&store, b"1", at), Claimed::Expired);
}

#[test]
fn lesson_26_a_clock_stepped_back_between_crash_and_start_reopens_nothing() {
    let bench = Bench::new();
    let at = bench.now();
    bench.crash(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    bench.clock.step_wall_to(at.saturating_sub(HOUR));
    let store = bench.open_from(StartedFrom::Mark);
    assert_eq!(claim(&store, b"1", at), Claimed::Expired);
    assert_eq!(claim(&store, b"2", bench.now()), Claimed::Expired, "not after the mark");
    bench.clock.advance(HOUR + STEP + MILLISECOND);
    assert_eq!(claim(&store, b"2", bench.now()), Claimed::Fresh);
}

#[test]
fn lesson_26_a_clock_ahead_when_the_store_is_opened_makes_it_forget_nothing() {
    let bench = Bench::new();
    let at = bench.now();
    bench.run(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    let right = bench.now();
    // Past the key's end, but the snapshot is not older than it may be.
    bench.clock.step_wall_to(right.saturating_add(WINDOW));
    let store = bench.open_from(StartedFrom::Snapshot);
    bench.clock.advance(SECOND);
    assert_eq!(claim(&store, b"2", bench.now()), Claimed::Fresh);
    bench.clock.step_wall_to(right.saturating_add(SECOND));
    assert_eq!(claim(&store, b"1", at), Claimed::Used);
    assert_eq!(claim(&store, b"3", bench.now()), Claimed::Fresh, "and nobody is locked out");
}

#[test]
fn lesson_26_a_clock_far_ahead_for_one_start_locks_nobody_out_of_the_next() {
    let bench = Bench::new();
    let at = bench.now();
    bench.run(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    bench.clock.step_wall_to(at.saturating_add(HOUR * 24 * 3_650));
    // It is opened, and refuses everybody; so nothing moves the mark.
    bench.crash(|store| assert_eq!(claim(store, b"2", at), Claimed::Expired));
    bench.clock.step_wall_to(at.saturating_add(MINUTE));
    let store = bench.open_from(StartedFrom::Mark);
    assert_eq!(claim(&store, b"1", at), Claimed::Expired);
    assert_eq!(claim(&store, b"3", bench.now()), Claimed::Fresh);
}

#[test]
fn the_ends_of_time_do_not_overflow_a_mark() {
    let bench = Bench::new();
    let last = UnixMillis::MAX;
    bench.crash(|store| assert_eq!(claim(store, b"1", last), Claimed::Fresh));
    let store = bench.open_from(StartedFrom::Mark);
    assert_eq!(claim(&store, b"1", last), Claimed::Expired);
    let timeless = Claim::new("orders", "203710001", b"1", last);
    assert_eq!(store.claim_now(timeless).unwrap(), Claimed::Fresh);
    store.close().unwrap();
    drop(store);
    let store = bench.open_from(StartedFrom::Snapshot);
    assert_eq!(store.claim_now(timeless).unwrap(), Claimed::Used);
    assert_eq!(claim(&store, b"2", last), Claimed::Expired);
}
