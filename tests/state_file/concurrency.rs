//! Claims beside a close.

use std::sync::Barrier;
use std::thread;

use countersign::clock::UnixMillis;
use countersign::store::memory_replay::StartedFrom;
use countersign::store::{Claim, Claimed, MemoryReplayStore};

use crate::bench::{Bench, claim, is_unavailable, strict};

#[test]
fn a_closed_store_accepts_nothing_whether_it_has_a_file_or_not() {
    let bench = Bench::new();
    for store in [bench.open(), MemoryReplayStore::new()] {
        store.close().unwrap();
        let claim = Claim::new("orders", "203710001", b"n", UnixMillis::MAX);
        assert!(is_unavailable(&store.claim_now(claim)));
        assert!(store.is_empty());
    }
}

#[test]
fn whatever_was_fresh_while_the_store_was_closed_is_in_the_snapshot() {
    const THREADS: u8 = 4;
    for _ in 0..20 {
        let bench = Bench::new();
        let at = bench.now();
        let open = || bench.builder().with_capacity(100_000).open(bench.file()).unwrap();
        let store = open();
        let start = Barrier::new(usize::from(THREADS) + 1);
        let fresh: Vec<[u8; 5]> = thread::scope(|scope| {
            let claimants: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let (store, start) = (&store, &start);
                    scope.spawn(move || {
                        start.wait();
                        let nonce = |n: u32| {
                            let [a, b, c, d] = n.to_be_bytes();
                            [thread, a, b, c, d]
                        };
                        let is_fresh = |nonce: &[u8; 5]| {
                            matches!(store.claim_now(strict(nonce, at)), Ok(Claimed::Fresh))
                        };
                        (0..20_000).map(nonce).take_while(is_fresh).collect::<Vec<_>>()
                    })
                })
                .collect();
            start.wait();
            thread::yield_now();
            store.close().unwrap();
            claimants.into_iter().flat_map(|claimant| claimant.join().unwrap()).collect()
        });
        assert_eq!(store.len(), fresh.len());
        drop(store);
        let store = open();
        assert_eq!(store.started_from(), StartedFrom::Snapshot);
        for nonce in &fresh {
            assert_eq!(claim(&store, nonce, at), Claimed::Used);
        }
    }
}
