//! The store as a service uses it: so many requests at a time, each a task.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use countersign::clock::{Clock, SystemClock};
use countersign::store::{Claim, Claimed, MemoryReplayStore, RedisReplayStore, ReplayStore};
use tokio::runtime::Runtime;

use crate::server::Server;

pub(crate) struct Store {
    runtime: Runtime,
    claimer: Arc<Claimer>,
    sent: Arc<AtomicUsize>,
}

/// What stands before Redis.
pub(crate) enum Front {
    Nothing,
    /// A memory store, which knows what this node has claimed.
    Memory,
}

/// What callers send.
#[derive(Clone, Copy)]
pub(crate) enum Traffic {
    Fresh,
    /// One request again and again, which this node has accepted.
    Replays,
}

struct Claimer {
    front: Option<MemoryReplayStore>,
    redis: RedisReplayStore,
}

impl Claimer {
    async fn claim(&self, claim: Claim<'_>) -> Claimed {
        if let Some(front) = &self.front
            && front.claim(claim).await.unwrap() == Claimed::Used
        {
            return Claimed::Used;
        }
        self.redis.claim(claim).await.unwrap()
    }
}

impl Store {
    pub(crate) fn connect(server: &Server, front: &Front) -> Self {
        // Everything on one thread, whose processor time can be told.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let url = format!("redis+unix://{}", server.socket().display());
        // With patience for machines that do something else, too.
        let builder = RedisReplayStore::builder(url).with_deadline(Duration::from_secs(60));
        let store = builder.with_clock_tolerance(Duration::from_secs(60)).build().unwrap();
        runtime.block_on(store.ready()).unwrap();
        // The memory begins with the next millisecond: what is signed before is refused.
        thread::sleep(Duration::from_millis(2));
        let front = match front {
            Front::Nothing => None,
            Front::Memory => Some(MemoryReplayStore::new()),
        };
        let claimer = Arc::new(Claimer { front, redis: store });
        Self { runtime, claimer, sent: Arc::new(AtomicUsize::new(1)) }
    }

    pub(crate) fn claim(
        &mut self,
        traffic: Traffic,
        claims: usize,
        in_flight: usize,
    ) -> Vec<Duration> {
        let last = self.sent.load(Ordering::Relaxed) + claims;
        let callers: Vec<_> = (0..in_flight)
            .map(|_| {
                let (claimer, sent) = (Arc::clone(&self.claimer), Arc::clone(&self.sent));
                self.runtime.spawn(call(claimer, traffic, sent, last))
            })
            .collect();
        self.runtime.block_on(async {
            let mut times = Vec::with_capacity(claims);
            for caller in callers {
                times.append(&mut caller.await.unwrap());
            }
            self.sent.store(last, Ordering::Relaxed);
            times
        })
    }
}

/// Claims until so many were sent, one after the other.
async fn call(
    claimer: Arc<Claimer>,
    traffic: Traffic,
    sent: Arc<AtomicUsize>,
    last: usize,
) -> Vec<Duration> {
    let mut times = Vec::new();
    loop {
        let number = sent.fetch_add(1, Ordering::Relaxed);
        if number >= last {
            return times;
        }
        let (number, expected) = match traffic {
            Traffic::Fresh => (number, Claimed::Fresh),
            Traffic::Replays => (1, Claimed::Used),
        };
        let nonce = format!("c9f15cbf-f4ac-4a6c-b54d-{number:012x}");
        let at = SystemClock.wall();
        let until = at.saturating_add(Duration::from_secs(900));
        let claim = Claim::new("orders", "203710001", nonce.as_bytes(), until);
        let start = Instant::now();
        let claimed = claimer.claim(claim.signed_at(at).remembered_since(at)).await;
        times.push(start.elapsed());
        assert_eq!(claimed, expected);
    }
}
