//! Clocks that are wrong when a memory begins, or go back. Redis's own cannot be moved here: a node's
//! clock is moved instead, or what Redis's would have left in the memory's record is written there.

use std::sync::Arc;
use std::time::Duration;

use countersign::clock::{ManualClock, UnixMillis};
use countersign::store::{Claimed, ReplayStore, StoreError};

use crate::server::{
    Server, assert_error, later, now, signed_at, signed_now, told, until, unvouched,
};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn when_redis_own_clock_went_back_its_memory_begins_anew() {
    let server = Server::start();
    let store = server.store().await;
    let signed = now();
    assert_eq!(store.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Fresh);
    // A machine whose clock is right sees that Redis is ahead, and it is noted.
    let clock = Arc::new(ManualClock::at(now().saturating_sub(HOUR)));
    let witness = server.builder().with_clock(clock).build().unwrap();
    assert!(witness.claim(unvouched(b"m", now())).await.is_err());
    assert!(server.recorded("latest") >= signed.get());
    // That alone changes nothing. But had it been two hours ahead, keys would be gone.
    assert_eq!(store.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Used);
    server.record("latest", now().saturating_add(2 * HOUR));
    assert_eq!(store.claim(signed_at(b"k", signed)).await.unwrap(), Claimed::Expired);
    later().await;
    assert_eq!(store.claim(signed_now(b"l")).await.unwrap(), Claimed::Fresh);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn what_redis_clock_showed_is_noted_though_a_machines_own_went_ahead_with_it() {
    let server = Server::start();
    let store = server.store().await;
    // It was noted ten seconds ago.
    server.record("latest", now().saturating_sub(10 * SECOND));
    let before = now();
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Fresh);
    assert!(server.recorded("latest") >= before.get());
    // Not for every claim: nothing of it is needed to the second.
    let noted = server.recorded("latest");
    assert_eq!(store.claim(signed_now(b"m")).await.unwrap(), Claimed::Fresh);
    assert_eq!(server.recorded("latest"), noted);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn where_it_cannot_be_noted_a_used_nonce_is_used_all_the_same() {
    let server = Server::start();
    let store = server.store().await;
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Fresh);
    let earlier = now().saturating_sub(10 * SECOND);
    server.record("latest", earlier);
    let _: () = server.run(&["CONFIG", "SET", "maxmemory", "1"]);
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Used);
    assert!(matches!(store.claim(signed_now(b"m")).await, Err(StoreError::Full { .. })));
    assert_eq!(server.recorded("latest"), earlier.get());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_memory_does_not_begin_by_a_clock_that_is_wrong() {
    for wrong in [now().saturating_add(HOUR), now().saturating_sub(HOUR)] {
        // One that was never there, and one that was another server's.
        for lost in [false, true] {
            let server = Server::start();
            if lost {
                server.store().await;
                let _: u32 = server.run(&["HSET", "{countersign}:memory", "id", "another"]);
            }
            let clock = Arc::new(ManualClock::at(wrong));
            let store = server.builder().with_clock(Arc::clone(&clock)).build().unwrap();
            let error = told(&store.ready().await.unwrap_err());
            assert!(error.contains("ms from this machine's"), "{error}");
            assert_error(store.claim(unvouched(b"n", wrong)).await, "ms from this machine's");
            // Until the clocks agree, no node accepts: nothing that is signed meanwhile was seen.
            let signed = later().await;
            later().await;
            clock.step_wall_to(now());
            let answer = store.claim(signed_at(b"n", signed)).await.unwrap();
            assert_eq!(answer, Claimed::Expired, "{wrong} {lost}");
            clock.step_wall_to(later().await);
            assert_eq!(store.claim(signed_now(b"m")).await.unwrap(), Claimed::Fresh);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_memory_begins_by_the_later_of_two_clocks_that_nearly_agree() {
    let server = Server::start();
    let ahead = now().saturating_add(SECOND);
    let store = server.builder().with_clock(Arc::new(ManualClock::at(ahead))).build().unwrap();
    store.ready().await.unwrap();
    let signed = ahead.saturating_sub(SECOND / 10);
    assert_eq!(store.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Expired);
    let _: () = server.run(&["FLUSHALL"]);
    assert_eq!(store.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Expired);
    let signed = ahead.saturating_add(SECOND);
    assert_eq!(store.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Fresh);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_memory_that_began_anew_by_a_clock_that_was_behind_is_missed_when_that_is_set_right() {
    let server = Server::start();
    let store = server.store().await;
    // Emptied ten seconds ago, and then Redis's clock went back an hour, and this machine's with it.
    let emptied = now().saturating_add(HOUR).saturating_sub(10 * SECOND);
    server.record("since", emptied);
    server.record("latest", emptied);
    assert_eq!(store.claim(unvouched(b"n", now())).await.unwrap(), Claimed::Fresh);
    assert!(server.recorded("since") < now().get() + 2_000, "it has begun anew");
    let was = server.recorded("was");
    assert!(was >= emptied.get());
    // An hour later or, here, with the times of an hour earlier: the clocks are right again.
    let an_hour_ago = |field: &str| {
        let at = server.recorded(field).saturating_sub(3_600_000);
        server.record(field, UnixMillis::new(at));
    };
    ["since", "latest", "was"].into_iter().for_each(an_hour_ago);
    let before = now().saturating_sub(11 * SECOND);
    assert_eq!(store.claim(signed_at(b"m", before)).await.unwrap(), Claimed::Expired);
    until(|| now().get() > was - 3_600_000).await;
    assert_eq!(store.claim(signed_now(b"m")).await.unwrap(), Claimed::Fresh);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn lesson_26_what_has_ended_stays_so_though_all_clocks_are_set_back() {
    let server = Server::start();
    // Both go on as one would, here within what is tolerated.
    let start = now();
    let clock = Arc::new(ManualClock::at(start.saturating_add(10 * SECOND)));
    let builder = server.builder().with_clock_tolerance(60 * SECOND);
    let store = builder.with_clock(Arc::clone(&clock)).build().unwrap();
    let claim = |nonce: &'static [u8]| {
        let mut claim = unvouched(nonce, start);
        claim.until = start.saturating_add(30 * SECOND);
        claim
    };
    assert_eq!(store.claim(claim(b"n")).await.unwrap(), Claimed::Fresh);
    // One bad reading ends nothing.
    clock.step_wall_to(start.saturating_add(HOUR * 24 * 365 * 10));
    assert_eq!(store.claim(claim(b"n")).await.unwrap(), Claimed::Expired);
    clock.step_wall_to(start.saturating_add(10 * SECOND));
    assert_eq!(store.claim(claim(b"m")).await.unwrap(), Claimed::Fresh);
    // Time that runs does, and Redis drops what has ended.
    let [one, other] = [0, 1].map(|claim| server.claims()[claim].clone());
    clock.advance(21 * SECOND);
    assert_eq!(store.claim(unvouched(b"another", start)).await.unwrap(), Claimed::Fresh);
    let _: u32 = server.run(&["DEL", &one, &other]);
    clock.step_wall_to(start.saturating_add(10 * SECOND));
    for nonce in [b"n", b"k"] {
        assert_eq!(store.claim(claim(nonce)).await.unwrap(), Claimed::Expired);
    }
    clock.step_wall_to(now());
    assert_eq!(store.claim(unvouched(b"k", now())).await.unwrap(), Claimed::Fresh);
}
