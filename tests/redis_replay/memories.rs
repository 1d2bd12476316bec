//! What becomes of a memory that was lost, wholly or in part: it begins anew.

use std::time::Duration;

use countersign::clock::UnixMillis;
use countersign::store::{Claimed, RedisReplayStore, ReplayStore};

use crate::server::{
    Server, eventually, is_fresh, later, ready, signed_at, signed_now, until, unvouched,
};

/// `signed` lies before the memory's end: what was signed then is not accepted, used or not, and
/// what is signed now is.
async fn assert_begun_anew(store: &RedisReplayStore, used: &[u8], signed: UnixMillis) {
    let _ = eventually(store, is_fresh).await;
    assert_eq!(store.claim(signed_at(used, signed)).await.unwrap(), Claimed::Expired);
    assert_eq!(store.claim(signed_at(b"never used", signed)).await.unwrap(), Claimed::Expired);
    later().await;
    assert_eq!(store.claim(signed_now(b"signed afterwards")).await.unwrap(), Claimed::Fresh);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn after_a_crash_that_lost_everything() {
    let mut server = Server::start();
    let store = ready(server.builder().with_breaker(3, Duration::ZERO)).await;
    let signed = later().await;
    assert_eq!(store.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Fresh);
    server.kill();
    assert!(store.claim(signed_at(b"n", signed)).await.is_err());
    server.restart();
    assert_begun_anew(&store, b"n", signed).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn after_a_crash_that_lost_what_came_after_the_snapshot() {
    let mut server = Server::start();
    let store = ready(server.builder().with_breaker(3, Duration::ZERO)).await;
    let signed = later().await;
    assert_eq!(store.claim(signed_at(b"kept", signed)).await.unwrap(), Claimed::Fresh);
    let _: () = server.run(&["SAVE"]);
    assert_eq!(store.claim(signed_at(b"lost", signed)).await.unwrap(), Claimed::Fresh);
    server.kill();
    server.restart();
    let _ = eventually(&store, is_fresh).await;
    // The record of the memory is in the snapshot, too; it is the process that is another.
    assert_begun_anew(&store, b"lost", signed).await;
    assert_eq!(store.claim(unvouched(b"kept", signed)).await.unwrap(), Claimed::Used);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn after_flushall_on_a_connection_that_stands() {
    let server = Server::start();
    let (store, other) = (server.store().await, server.store().await);
    let signed = later().await;
    assert_eq!(store.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Fresh);
    later().await;
    let _: () = server.run(&["FLUSHALL"]);
    assert_eq!(other.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Expired);
    assert_begun_anew(&store, b"n", signed).await;
    // Who accepts after a restart accepts here, too.
    assert_eq!(store.claim(unvouched(b"n", signed)).await.unwrap(), Claimed::Fresh);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn after_keys_were_evicted_under_a_policy_that_nobody_saw() {
    let server = Server::start();
    let store = server.store().await;
    let signed = later().await;
    for nonce in 0..2_000_u32 {
        let nonce = nonce.to_be_bytes();
        assert_eq!(store.claim(signed_at(&nonce, signed)).await.unwrap(), Claimed::Fresh);
    }
    // Evicts the claims and not the record, which has no expiry.
    let _: () = server.run(&["CONFIG", "SET", "maxmemory-policy", "volatile-lru"]);
    let used: u64 = server.info("used_memory").parse().unwrap();
    let less = (used - 100_000).to_string();
    let _: () = server.run(&["CONFIG", "SET", "maxmemory", &less]);
    until(|| server.info("evicted_keys") != "0").await;
    let _: () = server.run(&["CONFIG", "SET", "maxmemory", "0"]);
    let _: () = server.run(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    // The next check, here that of a new connection, sees that it happened.
    let other = server.store().await;
    assert_begun_anew(&other, &0_u32.to_be_bytes(), signed).await;
    assert_eq!(store.claim(signed_at(b"never used", signed)).await.unwrap(), Claimed::Expired);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn after_a_failover_to_a_replica_that_lacks_the_last_claims() {
    let master = Server::start();
    let mut replica = Server::replica_of(&master).await;
    let store = master.store().await;
    let signed = later().await;
    assert_eq!(store.claim(signed_at(b"kept", signed)).await.unwrap(), Claimed::Fresh);
    until(|| replica.run::<u32>(&["DBSIZE"]) == 2).await;
    // Promoted, while the master still takes a claim: the replica lacks it, and has the record.
    replica.promote();
    assert_eq!(store.claim(signed_at(b"lost", signed)).await.unwrap(), Claimed::Fresh);
    drop(master);
    let store = replica.store().await;
    assert_begun_anew(&store, b"lost", signed).await;
    assert_eq!(store.claim(unvouched(b"kept", signed)).await.unwrap(), Claimed::Used);
    // This is what a failover loses for those who accept after a restart.
    assert_eq!(store.claim(unvouched(b"lost", signed)).await.unwrap(), Claimed::Fresh);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn but_not_for_a_new_connection_or_a_new_node() {
    let server = Server::start();
    let store = server.store().await;
    let signed = later().await;
    assert_eq!(store.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Fresh);
    let _: () = server.run(&["CLIENT", "KILL", "TYPE", "normal"]);
    let _ = eventually(&store, is_fresh).await;
    later().await;
    let node = server.store().await;
    for store in [&store, &node] {
        assert_eq!(store.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Used);
    }
    let vouched = signed_at(b"signed before the second node", signed);
    assert_eq!(node.claim(vouched).await.unwrap(), Claimed::Fresh);
}
