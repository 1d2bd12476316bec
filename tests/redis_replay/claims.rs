//! What a claim writes, and what its answer depends on.

use std::sync::Arc;
use std::time::Duration;

use countersign::clock::ManualClock;
use countersign::store::{Claimed, RedisReplayStore, ReplayStore, StoreError};

use crate::server::{Server, assert_error, now, patient, ready, signed_now, unvouched};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_key_outlives_its_until_by_a_minute_and_says_nothing_of_the_nonce() {
    let server = Server::start();
    let store = server.store().await;
    let claim = signed_now(b"4f0c8e52");
    assert_eq!(store.claim(claim).await.unwrap(), Claimed::Fresh);
    let keys = server.claims();
    let key = &keys[0];
    assert!(keys.len() == 1 && key.starts_with("{countersign}:") && !key.contains("4f0c"), "{key}");
    assert_eq!(key.len(), "{countersign}:".len() + 43);
    let expiry: u64 = server.run(&["PEXPIRETIME", key]);
    assert_eq!(expiry, claim.until.get() + 60_000);
    let value: Vec<u8> = server.run(&["GET", key]);
    assert_eq!((value.len(), value[0]), (17, b'c'));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_key_is_kept_for_the_longest_window_if_there_is_one() {
    let server = Server::start();
    let store = ready(server.builder().with_longest_window(HOUR)).await;
    let claim = signed_now(b"n");
    assert_eq!(store.claim(claim).await.unwrap(), Claimed::Fresh);
    let expiry: u64 = server.run(&["PEXPIRETIME", &server.claims()[0]]);
    assert_eq!(expiry, claim.signed_at.unwrap().get() + 3_600_000 + 60_000);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn stores_of_one_prefix_share_nonces_and_others_do_not() {
    let server = Server::start();
    let (one, other) = (server.store().await, server.store().await);
    let elsewhere = ready(server.builder().with_prefix("elsewhere")).await;
    let claim = signed_now(b"n");
    assert_eq!(one.claim(claim).await.unwrap(), Claimed::Fresh);
    assert_eq!(other.claim(claim).await.unwrap(), Claimed::Used);
    assert_eq!(elsewhere.claim(claim).await.unwrap(), Claimed::Fresh);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn scripts_that_the_server_forgot_are_sent_again() {
    let server = Server::start();
    let store = server.store().await;
    for nonce in 0..3_u8 {
        let _: () = server.run(&["SCRIPT", "FLUSH"]);
        assert_eq!(store.claim(signed_now(&[nonce])).await.unwrap(), Claimed::Fresh);
        assert_eq!(store.claim(signed_now(&[nonce])).await.unwrap(), Claimed::Used);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_unix_socket_another_database_and_either_protocol_work() {
    let server = Server::start();
    for url in [
        format!("redis+unix://{}", server.socket()),
        format!("unix://{}?db=1", server.socket()),
        format!("{}/2", server.url()),
        format!("{}/3?protocol=resp3", server.url()),
    ] {
        let store = ready(patient(RedisReplayStore::builder(url))).await;
        let claim = signed_now(b"n");
        assert_eq!(store.claim(claim).await.unwrap(), Claimed::Fresh);
        assert_eq!(store.claim(claim).await.unwrap(), Claimed::Used);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn clocks_that_differ_refuse_every_claim_and_write_none() {
    let server = Server::start();
    server.store().await;
    for wrong in [now().saturating_add(HOUR), now().saturating_sub(HOUR)] {
        let clock = Arc::new(ManualClock::at(wrong));
        let store = server.builder().with_clock(Arc::clone(&clock)).build().unwrap();
        // More often than the breaker would stand failures: the server is sound and answers.
        for nonce in 0..10_u8 {
            assert_error(store.claim(unvouched(&[nonce], wrong)).await, "ms from this machine's");
        }
        assert_eq!(server.run::<Vec<String>>(&["KEYS", "*"]), ["{countersign}:memory"]);
        clock.step_wall_to(now());
        assert_eq!(store.claim(unvouched(b"n", now())).await.unwrap(), Claimed::Fresh);
        let _: u32 = server.run(&["DEL", &server.claims()[0]]);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_claim_is_expired_when_its_until_has_passed_by_either_clock() {
    let server = Server::start();
    server.store().await;
    // This machine's clock is behind, within what is tolerated: by it the claim is alive.
    let behind = Arc::new(ManualClock::at(now().saturating_sub(30 * SECOND)));
    let builder = server.builder().with_clock_tolerance(60 * SECOND);
    let store = builder.clone().with_clock(behind).build().unwrap();
    let mut claim = unvouched(b"n", now());
    claim.until = now().saturating_sub(SECOND);
    assert_eq!(store.claim(claim).await.unwrap(), Claimed::Expired);
    // And ahead: by Redis's clock it is alive.
    let ahead = Arc::new(ManualClock::at(now().saturating_add(30 * SECOND)));
    let store = builder.with_clock(ahead).build().unwrap();
    claim.until = now().saturating_add(20 * SECOND);
    assert_eq!(store.claim(claim).await.unwrap(), Claimed::Expired);
    assert_eq!(server.run::<u64>(&["DBSIZE"]), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn lesson_23_a_full_server_refuses_new_nonces_and_knows_the_old() {
    let server = Server::start();
    let store = server.store().await;
    assert_eq!(store.claim(signed_now(b"old")).await.unwrap(), Claimed::Fresh);
    let _: () = server.run(&["CONFIG", "SET", "maxmemory", "1"]);
    // More often than the breaker would stand failures: a full server is there and answers.
    for nonce in 0..10_u8 {
        let answer = store.claim(signed_now(&[nonce])).await;
        assert!(matches!(answer, Err(StoreError::Full { .. })), "{answer:?}");
        assert_eq!(store.claim(signed_now(b"old")).await.unwrap(), Claimed::Used);
    }
    let _: () = server.run(&["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(store.claim(signed_now(&[0])).await.unwrap(), Claimed::Fresh);
}
