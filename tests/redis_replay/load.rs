//! Many callers at once, with and without faults: no nonce is accepted twice.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::clock::UnixMillis;
use countersign::store::{Claimed, RedisReplayStore, ReplayStore};
use tokio::task::JoinSet;

use crate::server::{Server, impatient, now, ready, signed_at, until};
use crate::support::scattered;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs redis-server: run scripts/test"]
async fn of_64_callers_on_two_nodes_one_gets_each_of_a_thousand_nonces() {
    const NONCES: usize = 1_000;
    let server = Server::start();
    let nodes = [Arc::new(server.store().await), Arc::new(server.store().await)];
    let signed = now();
    let accepted: Arc<Vec<_>> = Arc::new((0..NONCES).map(|_| AtomicUsize::new(0)).collect());
    let mut callers = JoinSet::new();
    for caller in 0..64 {
        let (node, accepted) = (Arc::clone(&nodes[caller % 2]), Arc::clone(&accepted));
        callers.spawn(async move {
            for (nonce, accepted) in accepted.iter().enumerate() {
                match node.claim(signed_at(&nonce.to_be_bytes(), signed)).await.unwrap() {
                    Claimed::Fresh => _ = accepted.fetch_add(1, Ordering::Relaxed),
                    answer => assert_eq!(answer, Claimed::Used),
                }
            }
        });
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    assert!(accepted.iter().all(|accepted| accepted.load(Ordering::Relaxed) == 1));
}

/// What callers and replayers share.
#[derive(Default)]
struct Traffic {
    next: AtomicU64,
    /// How often each nonce was accepted.
    accepted: Mutex<HashMap<u64, u32>>,
    total: AtomicUsize,
    over: AtomicBool,
}

impl Traffic {
    async fn claim(&self, node: &RedisReplayStore, nonce: u64, signed: UnixMillis) {
        if let Ok(Claimed::Fresh) = node.claim(signed_at(&nonce.to_be_bytes(), signed)).await {
            *self.accepted.lock().unwrap().entry(nonce).or_default() += 1;
            self.total.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Sends new requests, and each again and again on all nodes.
    async fn call(self: Arc<Self>, nodes: Vec<Arc<RedisReplayStore>>, caller: usize) {
        let mut sent = Vec::new();
        let mut turn = caller;
        while !self.over.load(Ordering::Relaxed) {
            let nonce = self.next.fetch_add(1, Ordering::Relaxed);
            sent.push((nonce, now()));
            // The newest twice at once, and one of the older ones: all ages come round.
            let old = sent[scattered(turn, sent.len())];
            let (newest, at) = (nonce, sent[sent.len() - 1].1);
            let node = |step: usize| &*nodes[(turn + step) % nodes.len()];
            tokio::join!(
                self.claim(node(0), newest, at),
                self.claim(node(1), newest, at),
                self.claim(node(2), old.0, old.1),
            );
            turn += 1;
            tokio::task::yield_now().await;
        }
    }

    /// Until more requests were accepted: the service is back.
    async fn flows(&self) {
        let before = self.total.load(Ordering::Relaxed);
        until(|| self.total.load(Ordering::Relaxed) > before + 200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs redis-server: run scripts/test"]
async fn whatever_happens_to_redis_no_nonce_is_fresh_twice() {
    let mut server = Server::start();
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let builder = impatient(server.builder()).with_check_interval(Duration::from_millis(20));
        nodes.push(Arc::new(ready(builder).await));
    }
    let traffic = Arc::new(Traffic::default());
    let mut callers = JoinSet::new();
    for caller in 0..16 {
        callers.spawn(Arc::clone(&traffic).call(nodes.clone(), caller));
    }
    for round in 0..3 {
        traffic.flows().await;
        server.freeze();
        let frozen = now();
        until(|| now().since(frozen) > Duration::from_millis(100 << round)).await;
        server.thaw();
        traffic.flows().await;
        let _: () = server.run(&["FLUSHALL"]);
        traffic.flows().await;
        let _: () = server.run(&["CLIENT", "KILL", "TYPE", "normal"]);
        traffic.flows().await;
        let _: () = server.run(&["SCRIPT", "FLUSH"]);
        traffic.flows().await;
        let _: () = server.run(&["SAVE"]);
        traffic.flows().await;
        server.kill();
        server.restart();
        traffic.flows().await;
        let _: () = server.run(&["CONFIG", "SET", "maxmemory", "1"]);
        let _: () = server.run(&["CONFIG", "SET", "maxmemory", "0"]);
        traffic.flows().await;
        let _: () = server.run(&["REPLICAOF", "127.0.0.1", "1"]);
        let _: () = server.run(&["REPLICAOF", "NO", "ONE"]);
    }
    traffic.flows().await;
    traffic.over.store(true, Ordering::Relaxed);
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    let accepted = traffic.accepted.lock().unwrap();
    let twice = accepted.values().filter(|&&times| times > 1).count();
    assert_eq!(twice, 0, "of {} that were accepted", accepted.len());
}
