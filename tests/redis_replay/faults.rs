//! What each fault does to claims: refused, never accepted twice.

use std::sync::Arc;
use std::time::Duration;

use countersign::store::{
    ClaimToken, Claimed, DangerouslyFailOpen, RedisReplayStore, Released, ReplayStore, Reserved,
    StoreError, TwoPhaseReplayStore,
};

use crate::server::proxy::Proxy;
use crate::server::{
    Server, assert_error, eventually, free_port, impatient, is_fresh, later, now, patient, ready,
    signed_at, signed_now, until,
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_frozen_server_costs_a_deadline_then_nothing_and_is_found_again() {
    let server = Server::start();
    let store = ready(impatient(server.builder())).await;
    let _ = eventually(&store, is_fresh).await;
    let signed = later().await;
    server.freeze();
    assert_error(store.claim(signed_at(b"n", signed)).await, "did not answer within");
    let refused = eventually(&store, |answer| format!("{answer:?}").contains("BreakerOpen"));
    assert!(refused.await.is_err());
    server.thaw();
    let _ = eventually(&store, is_fresh).await;
    // Whether Redis has seen the claim that was given up, nobody knows; it passes at most once.
    let mut accepted = 0;
    for _ in 0..10 {
        accepted += u32::from(is_fresh(&store.claim(signed_at(b"n", signed)).await));
    }
    assert!(accepted <= 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn what_redis_reads_too_late_is_not_written() {
    let server = Server::start();
    let tolerance = Duration::from_millis(200);
    let store = ready(impatient(server.builder()).with_clock_tolerance(tolerance)).await;
    // So that the server has the script: a claim that is given up does not send it again.
    let _ = eventually(&store, is_fresh).await;
    let signed = later().await;
    server.freeze();
    assert_error(store.claim(signed_at(b"n", signed)).await, "did not answer within");
    let given_up = now();
    until(|| now().since(given_up) > tolerance).await;
    server.thaw();
    let _ = eventually(&store, is_fresh).await;
    assert_eq!(store.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Fresh);
    assert_eq!(store.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Used);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_server_that_is_frozen_before_it_is_connected_costs_no_more_than_the_deadline() {
    let server = Server::start();
    server.freeze();
    let store = impatient(server.builder()).build().unwrap();
    assert_error(store.claim(signed_now(b"n")).await, "did not answer within");
    server.thaw();
    let _ = eventually(&store, is_fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_claim_whose_answer_is_lost_is_used_and_its_connection_is_replaced() {
    let server = Server::start();
    let proxy = Proxy::to(server.port()).await;
    let hour = Duration::from_secs(3_600);
    let builder = impatient(RedisReplayStore::builder(proxy.url())).with_check_interval(hour);
    let store = ready(builder).await;
    let _ = eventually(&store, is_fresh).await;
    let signed = later().await;
    proxy.lose_answers();
    assert_error(store.claim(signed_at(b"n", signed)).await, "did not answer within");
    // Nothing says that the connection leads nowhere but that nobody answers.
    let _ = eventually(&store, is_fresh).await;
    assert_eq!(store.claim(signed_at(b"n", signed)).await.unwrap(), Claimed::Used);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_release_whose_answer_is_lost_lets_at_most_one_more_claim_through() {
    let server = Server::start();
    let store = ready(impatient(server.builder())).await;
    let claim = signed_now(b"n");
    let _ = store.release(claim, ClaimToken::new(0)).await;
    let Reserved::Fresh(token) = store.reserve(claim).await.unwrap() else {
        panic!("a new key is fresh");
    };
    server.freeze();
    assert!(store.release(claim, token).await.is_err());
    server.thaw();
    let _ = eventually(&store, is_fresh).await;
    let mut accepted = 0;
    for _ in 0..10 {
        // Whoever did not get the answer asks again.
        let _: Released = store.release(claim, token).await.unwrap();
        accepted += u32::from(is_fresh(&store.claim(claim).await));
    }
    assert_eq!(accepted, 1, "the second release in the key's life does nothing");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn claims_that_are_cancelled_leave_the_store_as_it_was() {
    let server = Server::start();
    let store = Arc::new(ready(server.builder()).await);
    server.freeze();
    for nonce in 0..50_u8 {
        let store = Arc::clone(&store);
        let claiming = tokio::spawn(async move { store.claim(signed_now(&[nonce])).await });
        tokio::task::yield_now().await;
        claiming.abort();
        assert!(claiming.await.unwrap_err().is_cancelled());
    }
    server.thaw();
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Fresh);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_claim_waits_for_replicas_if_it_must_and_is_used_if_they_do_not_come() {
    let master = Server::start();
    let replica = Server::replica_of(&master).await;
    let store = ready(master.builder().with_acknowledging_replicas(1)).await;
    let claim = signed_now(b"n");
    assert_eq!(store.claim(claim).await.unwrap(), Claimed::Fresh);
    assert_eq!(replica.run::<u64>(&["DBSIZE"]), 2);
    assert_eq!(store.claim(claim).await.unwrap(), Claimed::Used);

    replica.freeze();
    let claim = signed_now(b"m");
    assert_error(store.claim(claim).await, "0 instead of 1 replicas");
    assert_eq!(store.claim(claim).await.unwrap(), Claimed::Used);
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_open_is_a_choice_with_a_name() {
    let nobody = format!("redis://127.0.0.1:{}", free_port());
    let store = || patient(RedisReplayStore::builder(nobody.as_str())).build().unwrap();
    assert!(matches!(store().claim(signed_now(b"n")).await, Err(StoreError::Unavailable(_))));
    let open = DangerouslyFailOpen::new(store());
    for _ in 0..2 {
        assert_eq!(open.claim(signed_now(b"n")).await.unwrap(), Claimed::Fresh);
    }
}
