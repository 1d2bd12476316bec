//! A cluster: the store is in one slot, wherever that is.

use countersign::store::{Claimed, ReplayStore};

use crate::server::{
    Server, assert_error, eventually, is_fresh, later, ready, signed_at, signed_now, until,
    unvouched,
};

/// Three masters that share the slots.
async fn cluster() -> Vec<Server> {
    let options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
    let nodes: Vec<_> = (0..3).map(|_| Server::with(&options)).collect();
    for (node, slots) in nodes.iter().zip([["0", "5460"], ["5461", "10922"], ["10923", "16383"]]) {
        let _: () = node.run(&["CLUSTER", "ADDSLOTSRANGE", slots[0], slots[1]]);
        let _: () = node.run(&["CLUSTER", "MEET", "127.0.0.1", &nodes[0].port().to_string()]);
    }
    let knows_all = |node: &Server| {
        let info: String = node.run(&["CLUSTER", "INFO"]);
        info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
    };
    until(|| nodes.iter().all(knows_all)).await;
    nodes
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn any_node_leads_to_the_one_that_has_the_store_and_the_store_may_move() {
    let nodes = cluster().await;
    let mut stores = Vec::new();
    for node in &nodes {
        stores.push(ready(node.builder()).await);
    }
    let signed = later().await;
    for (number, store) in stores.iter().enumerate() {
        let nonce = number.to_be_bytes();
        assert_eq!(store.claim(signed_at(&nonce, signed)).await.unwrap(), Claimed::Fresh);
        for other in &stores {
            assert_eq!(other.claim(signed_at(&nonce, signed)).await.unwrap(), Claimed::Used);
        }
    }

    // Somebody moves the slot, with its keys, to another master.
    let slot: String = nodes[0].run::<u32>(&["CLUSTER", "KEYSLOT", "{countersign}:"]).to_string();
    let has = |node: &&Server| node.run::<u32>(&["CLUSTER", "COUNTKEYSINSLOT", &slot]) > 0;
    let (from, to) = (nodes.iter().find(has).unwrap(), nodes.iter().find(|n| !has(n)).unwrap());
    let [from_id, to_id] = [from, to].map(|node| node.run::<String>(&["CLUSTER", "MYID"]));
    let _: () = to.run(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &from_id]);
    let _: () = from.run(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &to_id]);
    let keys: Vec<String> = from.run(&["CLUSTER", "GETKEYSINSLOT", &slot, "100"]);
    let port = to.port().to_string();
    let migrate = |keys: Vec<&str>| {
        let migrate = ["MIGRATE", "127.0.0.1", &port, "", "0", "5000", "KEYS"];
        let _: () = from.run(&[&migrate, &keys[..]].concat());
    };
    let (memory, claims): (Vec<&str>, _) =
        keys.iter().map(String::as_str).partition(|key| key.ends_with(":memory"));
    // Where the memory still is, what has gone on is not missed.
    migrate(claims);
    for (number, store) in stores.iter().enumerate() {
        let nonce = number.to_be_bytes();
        assert_error(store.claim(unvouched(&nonce, signed)).await, "Redis answered");
    }
    migrate(memory);
    assert_error(stores[0].claim(unvouched(b"meanwhile", signed)).await, "Redis answered");
    for node in [to, from] {
        let _: () = node.run(&["CLUSTER", "SETSLOT", &slot, "NODE", &to_id]);
    }
    for store in &stores {
        let _ = eventually(store, is_fresh).await;
        // The keys have come along. Whether all have, the new master cannot know.
        assert_eq!(
            store.claim(unvouched(&0_usize.to_be_bytes(), signed)).await.unwrap(),
            Claimed::Used
        );
        assert_eq!(store.claim(signed_at(b"never used", signed)).await.unwrap(), Claimed::Expired);
    }
    assert_eq!(stores[0].claim(signed_now(b"afterwards")).await.unwrap(), Claimed::Fresh);
    assert_eq!(stores[2].claim(signed_now(b"afterwards")).await.unwrap(), Claimed::Used);
}
