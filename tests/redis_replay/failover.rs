//! What a failover may lose, under the strict policy: exactly what the store's documentation names.

use std::time::Duration;

use countersign::error::ErrorCode;

use crate::server::{Server, later, now, ready};
use crate::support::{Call, Wire, assert_accepted, assert_code};
use crate::verifiers::{Node, node, verify};

fn stamped_ahead() -> Wire {
    Call::get("/").timestamp(now().saturating_add(Duration::from_secs(60))).sign()
}

fn stamped_now() -> Wire {
    Call::get("/").timestamp(now()).sign()
}

/// A node that waits for a replica.
async fn waiting_node(master: &Server) -> Node {
    node(ready(master.builder().with_acknowledging_replicas(1)).await)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn lesson_23_a_failover_accepts_once_more_what_was_stamped_ahead() {
    let master = Server::start();
    let mut replica = Server::replica_of(&master).await;
    let one = node(master.store().await);
    replica.promote();
    let (ahead, timely) = (stamped_ahead(), stamped_now());
    assert_accepted(verify(&one, &ahead).await);
    assert_accepted(verify(&one, &timely).await);
    drop(master);

    later().await;
    let one = node(replica.store().await);
    assert_code(verify(&one, &timely).await, ErrorCode::S403TE);
    assert_accepted(verify(&one, &ahead).await);
    assert_code(verify(&one, &ahead).await, ErrorCode::S403NU);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn lesson_23_not_if_the_replica_has_acknowledged_it() {
    let master = Server::start();
    let mut replica = Server::replica_of(&master).await;
    let one = waiting_node(&master).await;
    let acknowledged = stamped_ahead();
    assert_accepted(verify(&one, &acknowledged).await);
    replica.promote();
    // Nobody is left to acknowledge: it is refused here, and so it may pass there.
    let unacknowledged = stamped_ahead();
    assert_code(verify(&one, &unacknowledged).await, ErrorCode::X503BZ);
    drop(master);

    let one = node(replica.store().await);
    assert_code(verify(&one, &acknowledged).await, ErrorCode::S403NU);
    assert_accepted(verify(&one, &unacknowledged).await);
    assert_code(verify(&one, &unacknowledged).await, ErrorCode::S403NU);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn lesson_23_while_two_servers_are_masters_a_request_passes_once_on_each() {
    let master = Server::start();
    let mut replica = Server::replica_of(&master).await;
    let (left, careful) = (node(master.store().await), waiting_node(&master).await);
    replica.promote();
    let moved = node(replica.store().await);
    let wire = stamped_now();
    assert_accepted(verify(&moved, &wire).await);
    assert_accepted(verify(&left, &wire).await);
    // Whoever waits for a replica sees that it has none any more.
    let wire = stamped_now();
    assert_accepted(verify(&moved, &wire).await);
    assert_code(verify(&careful, &wire).await, ErrorCode::X503BZ);
}
