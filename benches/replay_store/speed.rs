//! A fresh claim against the floor, with few and with many keys alive.
//!
//! With many, both wait for memory. With ten thousand both are in the processor's caches and
//! instructions count (callgrind): the floor takes 427, of which 290 are its hash, and a claim
//!
//! | | for |
//! |--:|---|
//! | 544 | the fingerprints of key, app and scope: the app's bounds its share, the scope's keeps apart verifiers with other windows |
//! | 171 | the lock, both clocks, the answer |
//! | 284 | the four or five live buckets: which are over, is the key in one, is there room |
//! | 317 | writing it: key, app, deadlines; a third of that for the tables of new buckets |
//!
//! The fingerprints alone are 1.3 times the floor.

use std::time::Duration;

use countersign::store::Claimed;

use crate::cpu;
use crate::floor::Floor;
use crate::load::{Load, claim};

const ROUNDS: usize = 160;

pub(crate) fn run() {
    println!("\nfresh claim against a bare sharded hash set:");
    println!(
        "{:>10} {:>9} {:>7} {:>18} {:>7}",
        "live", "claim", "ratio", "hash+lock+insert", "hash"
    );
    for live in [10_000, 1_000_000, 5_000_000] {
        let mut load = Load::fill(live);
        let mut floor = Floor::fill(live, load.sent);
        let rounds: Vec<_> = (0..ROUNDS)
            .map(|round| {
                // The store forgets as it goes on, the floor does not: it is made anew before it
                // is a quarter larger.
                if live < 100_000 {
                    floor = Floor::fill(live, load.sent);
                }
                Round::of(&mut load, &floor, round)
            })
            .collect();
        let of = |pick: fn(&Round) -> f64| median(rounds.iter().map(pick).collect());
        println!(
            "{live:>10} {:>6.0} ns {:>7.2} {:>15.0} ns {:>4.0} ns",
            of(|round| round.claim),
            of(|round| round.claim / round.floor),
            of(|round| round.floor),
            of(|round| round.hash),
        );
    }
}

/// Nanoseconds of each.
struct Round {
    claim: f64,
    floor: f64,
    hash: f64,
}

impl Round {
    /// In alternating order.
    fn of(load: &mut Load, floor: &Floor, round: usize) -> Self {
        const BATCH: usize = 2_000;
        let requests: Vec<_> = (0..BATCH).map(|_| load.next()).collect();
        let mut of = Self { claim: 0.0, floor: 0.0, hash: 0.0 };
        for turn in 0..3 {
            let start = cpu::now();
            let time = match (turn + round) % 3 {
                0 => {
                    assert!(requests.iter().all(|(nonce, _)| floor.insert(nonce)));
                    &mut of.floor
                }
                1 => {
                    let hashes = requests.iter().map(|(nonce, _)| floor.hash(nonce));
                    assert_ne!(hashes.fold(0, |all, hash| all ^ hash), 0);
                    &mut of.hash
                }
                _ => {
                    for (nonce, at) in &requests {
                        assert_eq!(claim(&load.store, nonce, *at), Claimed::Fresh);
                    }
                    &mut of.claim
                }
            };
            *time = nanos(cpu::now() - start) / BATCH as f64;
        }
        of
    }
}

fn nanos(time: Duration) -> f64 {
    time.as_nanos() as f64
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
