//! Whatever happens to Redis: no nonce is accepted twice, and traffic flows again afterwards.

use std::sync::Arc;

use crate::clock::Shifted;
use crate::node::{Handled, layer, serve_axum, serve_hyper};
use crate::redis_server::proxy::Proxy;
use crate::redis_server::{Server, free_port};
use crate::support::{KEY, SECRET};
use crate::swarm::{Places, Swarm};

/// Clients and replayers.
const CALLERS: (usize, usize) = (100, 110);

/// Two nodes under load, and the way to their Redis.
struct Load {
    swarm: Arc<Swarm>,
    handled: Handled,
    clock: Arc<Shifted>,
    proxy: Proxy,
}

impl Load {
    async fn on(redis: &Server) -> Self {
        let proxy = Proxy::to(redis.port()).await;
        let (clock, handled) = (Arc::new(Shifted::default()), Handled::default());
        let layers = [
            layer(&proxy.url(), Arc::clone(&clock) as _).await,
            layer(&proxy.url(), Arc::clone(&clock) as _).await,
        ];
        let [one, other] = layers;
        let places = Places::of([
            serve_axum(one, handled.clone()).await,
            serve_hyper(other, handled.clone()).await,
        ]);
        let swarm = Swarm::start((KEY, SECRET), Arc::clone(&clock) as _, Arc::new(places), CALLERS);
        Self { swarm, handled, clock, proxy }
    }

    /// Everybody is turned away, at both nodes.
    async fn is_refused(&self) {
        self.swarm.answered("X503BZ", 100).await;
    }

    /// What was signed before is no longer accepted, at both nodes, used or not.
    async fn has_begun_anew(&self) {
        self.swarm.answered("S403TE", 100).await;
        self.swarm.flows().await;
    }

    async fn crash_with_nothing(&self, redis: &mut Server) {
        redis.kill();
        self.is_refused().await;
        redis.restart();
        self.has_begun_anew().await;
    }

    async fn freeze(&self, redis: &Server) {
        redis.freeze();
        self.is_refused().await;
        redis.thaw();
        self.swarm.flows().await;
    }

    async fn crash_with_an_old_snapshot(&self, redis: &mut Server) {
        let _: () = redis.run(&["SAVE"]);
        self.swarm.flows().await;
        redis.kill();
        self.is_refused().await;
        redis.restart();
        self.has_begun_anew().await;
    }

    async fn restart_empty(&self, redis: &mut Server) {
        redis.shut_down();
        self.is_refused().await;
        redis.restart();
        self.has_begun_anew().await;
    }

    async fn fill(&self, redis: &Server) {
        let used: usize = redis.info("used_memory").parse().unwrap();
        let _: () = redis.run(&["CONFIG", "SET", "maxmemory", &(used + 200_000).to_string()]);
        self.is_refused().await;
        let _: () = redis.run(&["CONFIG", "SET", "maxmemory", "0"]);
        self.swarm.flows().await;
    }

    async fn empty(&self, redis: &Server) {
        let _: () = redis.run(&["FLUSHALL"]);
        self.has_begun_anew().await;
    }

    async fn let_it_evict(&self, redis: &Server) {
        let _: () = redis.run(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
        self.is_refused().await;
        let _: () = redis.run(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
        self.swarm.flows().await;
    }

    /// To a replica that lacks the last claims: the master takes more after its promotion.
    async fn fail_over(&self, master: Server) -> Server {
        let mut replica = Server::replica_of(&master).await;
        self.swarm.flows().await;
        replica.promote();
        self.swarm.flows().await;
        self.proxy.lead_to(free_port());
        drop(master);
        self.is_refused().await;
        self.proxy.lead_to(replica.port());
        self.has_begun_anew().await;
        replica
    }

    async fn shift_the_clock(&self, millis: i64) {
        self.clock.by(millis);
        self.is_refused().await;
        self.clock.by(0);
        self.swarm.flows().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs redis-server: run scripts/test"]
async fn lesson_23_whatever_happens_to_redis_no_nonce_is_accepted_twice() {
    let mut redis = Server::start();
    let load = Load::on(&redis).await;
    load.swarm.flows().await;
    for _ in 0..2 {
        load.crash_with_nothing(&mut redis).await;
        load.freeze(&redis).await;
        load.crash_with_an_old_snapshot(&mut redis).await;
        load.restart_empty(&mut redis).await;
        load.fill(&redis).await;
        load.empty(&redis).await;
        load.let_it_evict(&redis).await;
        redis = load.fail_over(redis).await;
    }
    // Last, because a request that is stamped ahead of Redis's clock is what a memory that is lost
    // afterwards would let through once more.
    load.shift_the_clock(30_000).await;
    load.shift_the_clock(-30_000).await;

    load.swarm.answered("S403NU", 100).await;
    load.swarm.stop().await;
    load.handled.assert_none_twice();
    load.swarm.ledger.assert_none_twice();
}
