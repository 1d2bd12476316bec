//! The memory store at the size it is made for: ten million requests, half of them alive at a time,
//! and a million of them again.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use std::ops::Range;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::store::{Claim, Claimed, MemoryReplayStore};
use support::scattered;

const START: UnixMillis = UnixMillis::new(1_700_000_000_000);
const WINDOW: Duration = Duration::from_secs(900);

const DISTINCT: u64 = 10_000_000;
/// How many are signed in a window.
const LIVE: u64 = 5_000_000;
const REPLAYS: u64 = 1_000_000;
const THREADS: u64 = 4;
/// So that none is alone or near its share.
const APPS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
/// What `MemoryReplayStoreBuilder::with_capacity` names, and one for apps and buckets.
const BYTES_EACH: u64 = 21 + 1;

/// How long after the start the request of this number is signed.
fn signed_after(number: u64) -> Duration {
    Duration::from_millis(number * 900_000 / LIVE)
}

struct Bench {
    store: MemoryReplayStore,
    clock: Arc<ManualClock>,
}

impl Bench {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(START));
        Self { store: MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build(), clock }
    }

    fn claim(&self, number: u64) -> Claimed {
        let nonce = number.to_be_bytes();
        let app = APPS.into_iter().nth(number as usize % APPS.len()).unwrap();
        let signed = START.saturating_add(signed_after(number));
        let claim = Claim::new("orders", app, &nonce, signed.saturating_add(WINDOW));
        self.store.claim_now(claim.signed_at(signed).remembered_since(signed)).unwrap()
    }

    /// Claims all of these, and one in ten of those before them again. Answers how many were.
    fn run(&self, numbers: Range<u64>) -> u64 {
        thread::scope(|scope| {
            let part = |thread, numbers| scope.spawn(move || self.part(thread, numbers));
            let parts: Vec<_> = (0..THREADS).map(|thread| part(thread, numbers.clone())).collect();
            parts.into_iter().map(|part| part.join().unwrap()).sum()
        })
    }

    fn part(&self, thread: u64, numbers: Range<u64>) -> u64 {
        let mut replays = 0;
        for number in numbers.filter(|number| number % THREADS == thread) {
            if thread == 0 {
                self.clock.advance(signed_after(number).saturating_sub(self.clock.monotonic()));
            }
            assert_eq!(self.claim(number), Claimed::Fresh, "{number}");
            let turn = number / THREADS;
            if turn.is_multiple_of(10) {
                // At once, at the window's edge, at any age.
                let back = match turn / 10 % 4 {
                    0 => 0,
                    1 => LIVE / THREADS,
                    _ => scattered(turn as usize, turn as usize + 1) as u64,
                };
                let older = number - back.min(turn) * THREADS;
                assert_ne!(self.claim(older), Claimed::Fresh, "{older} after {number}");
                replays += 1;
            }
        }
        replays
    }
}

/// What this process has of the machine's memory, where that can be read.
fn resident() -> Option<u64> {
    const PAGE: u64 = 4_096;
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split_whitespace().nth(1)?.parse::<u64>().unwrap() * PAGE)
}

#[test]
#[ignore = "needs half a minute: run scripts/test"]
fn lesson_21_of_ten_million_requests_and_a_million_replays_no_replay_is_accepted() {
    let bench = Bench::new();
    let before = resident();
    let assert_small = || {
        if let (Some(before), Some(now)) = (before, resident()) {
            let each = (now - before) / bench.store.len() as u64;
            assert!(each <= BYTES_EACH, "{each} bytes for each of {}", bench.store.len());
        }
    };
    let mut replays = bench.run(0..LIVE);
    assert_eq!(bench.store.len() as u64, LIVE);
    assert_small();
    replays += bench.run(LIVE..DISTINCT);
    assert_small();
    assert_eq!(replays, REPLAYS);
}
