//! The rules that every replay store has to keep.

use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::store::RedisReplayStore;
use countersign::store::conformance::{self, Backend, BoundedBackend, FailingBackend};

use crate::server::{Server, free_port, patient};

/// One server; each store has a prefix, and so a memory, of its own.
struct Redis {
    server: Server,
    stores: AtomicUsize,
}

impl Redis {
    fn new() -> Self {
        Self { server: Server::start(), stores: AtomicUsize::new(0) }
    }
}

impl Backend for Redis {
    type Store = RedisReplayStore;

    async fn empty(&self) -> RedisReplayStore {
        let number = self.stores.fetch_add(1, Ordering::Relaxed);
        let store = self.server.builder().with_prefix(format!("store {number}")).build().unwrap();
        store.ready().await.unwrap();
        store
    }
}

impl BoundedBackend for Redis {
    async fn small(&self) -> RedisReplayStore {
        let store = self.empty().await;
        let used: usize = self.server.info("used_memory").parse().unwrap();
        let most = (used + 700_000).to_string();
        let _: () = self.server.run(&["CONFIG", "SET", "maxmemory", &most]);
        store
    }
}

impl FailingBackend for Redis {
    async fn unreachable(&self) -> RedisReplayStore {
        let nobody = format!("redis://127.0.0.1:{}", free_port());
        patient(RedisReplayStore::builder(nobody)).build().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn redis_keeps_every_rule() {
    conformance::all(&Redis::new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn redis_keeps_the_rules_of_two_phases() {
    conformance::two_phase(&Redis::new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server: run scripts/test"]
async fn redis_keeps_the_rules_of_bounds_and_outages() {
    conformance::bounds(&Redis::new()).await.unwrap();
    conformance::outage(&Redis::new()).await.unwrap();
}
