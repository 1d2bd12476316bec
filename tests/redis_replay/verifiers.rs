//! Nodes: verifiers with stores of their own on one Redis.

use countersign::error::ErrorCode;
use countersign::store::{MemoryCredentials, RedisReplayStore};
use countersign::verify::{Policy, Verifier};

use crate::server::{Server, free_port, later, now};
use crate::support::{Call, Wire, assert_accepted, assert_code, demo_apps};

pub(crate) type Node = Verifier<MemoryCredentials, RedisReplayStore>;

pub(crate) fn node(store: RedisReplayStore) -> Node {
    Verifier::new(MemoryCredentials::new(demo_apps()).unwrap(), store)
}

pub(crate) async fn verify(
    node: &Node,
    wire: &Wire,
) -> Result<countersign::verify::Verified, countersign::error::Rejection> {
    node.verify(wire.head(), &wire.body).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn lesson_24_what_one_node_accepted_is_a_replay_on_the_other() {
    let server = Server::start();
    let (one, other) = (node(server.store().await), node(server.store().await));
    for _ in 0..10 {
        let wire = Call::post("/").json("{}").timestamp(now()).sign();
        assert_accepted(verify(&one, &wire).await);
        assert_code(verify(&other, &wire).await, ErrorCode::S403NU);
        assert_code(verify(&one, &wire).await, ErrorCode::S403NU);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn an_emptied_redis_refuses_what_was_signed_before_where_the_policy_says_so() {
    let server = Server::start();
    let strict = node(server.store().await);
    let wire = Call::get("/").timestamp(now()).sign();
    assert_accepted(verify(&strict, &wire).await);
    later().await;
    let _: () = server.run(&["FLUSHALL"]);
    assert_code(verify(&strict, &wire).await, ErrorCode::S403TE);
    later().await;
    assert_accepted(verify(&strict, &Call::get("/").timestamp(now()).sign()).await);
    // The compatible policy accepts, replays included, and says so.
    let compatible = strict.with_policy(Policy::gateway_compatible());
    assert_accepted(verify(&compatible, &wire).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn lesson_23_without_redis_every_request_is_refused_and_told_when_to_come_back() {
    let url = format!("redis://127.0.0.1:{}", free_port());
    let node = node(RedisReplayStore::new(url).unwrap());
    for _ in 0..10 {
        let wire = Call::get("/").timestamp(now()).sign();
        let rejection = assert_code(verify(&node, &wire).await, ErrorCode::X503BZ);
        assert!(rejection.retry_after().is_some());
    }
}
