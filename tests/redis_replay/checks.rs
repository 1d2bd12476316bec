//! Which servers are trusted with claims, and what is said of the others.

use std::time::Duration;

use countersign::store::{Claimed, RedisReplayStore, ReplayStore, StoreError};

use crate::server::{
    Server, assert_error, eventually, free_port, is_fresh, patient, ready, signed_now, told,
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_server_that_evicts_is_refused_by_every_policy_but_noeviction() {
    for policy in ["allkeys-lru", "volatile-lru", "volatile-ttl", "allkeys-random"] {
        let server = Server::with(&["--maxmemory-policy", policy]);
        let store = server.builder().build().unwrap();
        let error = store.ready().await.unwrap_err();
        assert!(matches!(error, StoreError::Misconfigured(_)), "{error:?}");
        let error = told(&error);
        assert!(error.contains(policy) && error.contains("noeviction"), "{error}");
        assert_error(store.claim(signed_now(b"n")).await, policy);
        assert_eq!(server.run::<u64>(&["DBSIZE"]), 0);
        // Mended, it is taken.
        let _: () = server.run(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
        let _ = eventually(&store, is_fresh).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_policy_that_is_changed_later_is_noticed_while_the_connection_stands() {
    let server = Server::start();
    let store = server.builder().with_check_interval(Duration::ZERO).build().unwrap();
    let _ = eventually(&store, is_fresh).await;
    let _: () = server.run(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let error = eventually(&store, Result::is_err).await;
    assert_error(error, "maxmemory-policy is allkeys-lru");
    let _: () = server.run(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    let _ = eventually(&store, is_fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_replica_is_refused() {
    let master = Server::start();
    let replica = Server::replica_of(&master).await;
    let store = replica.builder().build().unwrap();
    // It may be about to become one.
    assert!(matches!(store.ready().await, Err(StoreError::Unavailable(_))));
    assert_error(store.claim(signed_now(b"n")).await, "not a master");
    // Even where nobody checks, it writes nothing.
    let blind = replica.builder().dangerously_assume_server_is_sound().build().unwrap();
    assert_error(blind.claim(signed_now(b"n")).await, "read only replica");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_master_that_is_demoted_while_serving_refuses_until_it_is_one_again() {
    let (server, other) = (Server::start(), Server::start());
    let store = server.store().await;
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Fresh);
    let _: () = server.run(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]);
    let error = eventually(&store, Result::is_err).await;
    assert_error(error, "read only replica");
    assert_error(eventually(&store, Result::is_err).await, "not a master");
    let _: () = server.run(&["REPLICAOF", "NO", "ONE"]);
    let _ = eventually(&store, is_fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_wrong_password_is_told_and_no_password_is_shown() {
    let server = Server::with(&["--requirepass", "right"]);
    let at = |password: &str| format!("redis://:{password}@127.0.0.1:{}", server.port());
    for (url, said) in [(at("wrongest"), "Password"), (server.url(), "NOAUTH")] {
        let store = patient(RedisReplayStore::builder(url)).build().unwrap();
        let error = store.claim(signed_now(b"n")).await.unwrap_err();
        assert!(matches!(error, StoreError::Misconfigured(_)), "{error:?}");
        let told = told(&error);
        assert!(told.to_lowercase().contains(&said.to_lowercase()), "{told}");
        assert!(!format!("{told} {error:?} {store:?}").contains("wrongest"), "{told}");
    }
    let store = ready(patient(RedisReplayStore::builder(at("right")))).await;
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Fresh);
}

/// The commands of the store, and nothing else.
const COMMANDS: &str = "+evalsha +script|load +info +time +get +set +pttl +hget +hmget +hset +wait";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn a_user_needs_the_documented_commands_and_no_other() {
    let server = Server::start();
    let mut user = vec!["ACL", "SETUSER", "shop", "on", ">pw", "~{countersign}:*", "-@all"];
    user.extend(COMMANDS.split(' '));
    let _: () = server.run(&user);
    let url = format!("redis://shop:pw@127.0.0.1:{}", server.port());
    let store = ready(patient(RedisReplayStore::builder(url.clone()))).await;
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Fresh);
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Used);

    // Without INFO nothing is known of the server, unless somebody vouches for it.
    let _: () = server.run(&["ACL", "SETUSER", "shop", "-info"]);
    let builder = patient(RedisReplayStore::builder(url));
    let store = builder.clone().build().unwrap();
    let error = store.ready().await.unwrap_err();
    assert!(matches!(error, StoreError::Misconfigured(_)), "{error:?}");
    let error = told(&error);
    assert!(error.contains("dangerously_assume_server_is_sound"), "{error}");
    let store = ready(builder.dangerously_assume_server_is_sound()).await;
    assert_eq!(store.claim(signed_now(b"m")).await.unwrap(), Claimed::Fresh);
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Used);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_told_and_asked_for_only_now_and_then() {
    let url = format!("redis://127.0.0.1:{}", free_port());
    let hour = Duration::from_secs(3_600);
    let store = patient(RedisReplayStore::builder(url)).with_breaker(3, hour).build().unwrap();
    assert!(matches!(store.ready().await, Err(StoreError::Unavailable(_))));
    for _ in 0..3 {
        assert_error(store.claim(signed_now(b"n")).await, "refused");
    }
    for _ in 0..1_000 {
        assert_error(store.claim(signed_now(b"n")).await, "is not asked for another");
    }
}
