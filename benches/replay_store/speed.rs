//! A fresh claim and a replay against the floor, with few and with many keys alive.
//!
//! With many, both wait for memory. With ten thousand both are in the processor's caches and
//! instructions count (callgrind): the floor takes 427, of which 290 are its hash, and a claim
//!
//! | | for |
//! |--:|---|
//! | 547 | the fingerprints of key, app and scope: the app's bounds its share, the scope's keeps apart verifiers with other windows |
//! | 456 | the lock, both clocks, what telemetry would tell |
//! | 270 | the four or five live buckets: which are over, is the key in one, is there room |
//! | 296 | writing it: key, app, deadlines; a quarter of that for the tables of new buckets |
//! | 86 | the answer |
//!
//! The fingerprints alone are 1.3 times the floor.

use countersign::store::Claimed;

use crate::floor::Floor;
use crate::harness::{cpu, rounds};
use crate::load::{Load, Nonce, claim};
use countersign::clock::UnixMillis;

const ROUNDS: usize = 160;
const BATCH: usize = 2_000;

type Requests = Vec<(Nonce, UnixMillis)>;

pub(crate) fn run() {
    for live in [10_000, 1_000_000, 5_000_000] {
        let mut load = Load::fill(live);
        let mut floor = Floor::fill(live, load.sent);
        let [mut fresh, mut replays] = [[(); 3].map(|()| Vec::new()), [(); 3].map(|()| Vec::new())];
        for round in 0..ROUNDS {
            // The store forgets as it goes on, the floor does not: it is made anew before it is a
            // quarter larger.
            if live < 100_000 {
                floor = Floor::fill(live, load.sent);
            }
            let requests = (0..BATCH).map(|_| load.next()).collect();
            sample(&mut fresh, &load, &floor, &requests, round, Claimed::Fresh);
            let picks = (round * BATCH) as u64..;
            let requests = picks.take(BATCH).map(|pick| load.again(pick, live)).collect();
            sample(&mut replays, &load, &floor, &requests, round, Claimed::Used);
        }
        for (what, samples) in [("a fresh claim", fresh), ("a replay", replays)] {
            let names = ["hash, lock, insertion", "the hash alone", "countersign"];
            let rows: Vec<_> = names.into_iter().zip(samples).collect();
            rounds::report(&format!("{what}, {live} live"), &rows);
        }
    }
}

/// Nanoseconds of each row, in rotated order.
fn sample(
    rows: &mut [Vec<f64>; 3],
    load: &Load,
    floor: &Floor,
    requests: &Requests,
    round: usize,
    expected: Claimed,
) {
    for turn in 0..rows.len() {
        let row = (turn + round) % rows.len();
        let start = cpu::now();
        match row {
            0 => {
                let new = expected == Claimed::Fresh;
                assert!(requests.iter().all(|(nonce, _)| floor.insert(nonce) == new));
            }
            1 => {
                let hashes = requests.iter().map(|(nonce, _)| floor.hash(nonce));
                assert_ne!(hashes.fold(0, |all, hash| all ^ hash), 0);
            }
            _ => {
                for (nonce, at) in requests {
                    assert_eq!(claim(&load.store, nonce, *at), expected);
                }
            }
        }
        rows[row].push((cpu::now() - start).as_nanos() as f64 / requests.len() as f64);
    }
}
