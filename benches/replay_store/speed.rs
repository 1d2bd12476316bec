//! A fresh claim against the floor, with many keys alive.

use std::time::Duration;

use countersign::store::Claimed;

use crate::cpu;
use crate::floor::Floor;
use crate::load::{Load, claim};

const ROUNDS: usize = 160;
const BATCH: usize = 2_000;

pub(crate) fn run() {
    println!("\nfresh claim against a bare sharded hash set (hash, lock, insert):");
    println!("{:>10} {:>9} {:>9} {:>7}", "live", "floor", "claim", "ratio");
    for live in [10_000, 1_000_000, 5_000_000] {
        let mut load = Load::fill(live);
        let floor = Floor::new();
        for number in 1..=live {
            assert!(floor.insert(&crate::load::nonce(number)));
        }
        // Both grow by as much; at 10,000 live keys they are made anew before that counts.
        let lasts = if live < 100_000 { 1 } else { ROUNDS };
        let mut measured = Vec::new();
        let mut fresh = (load.sent, floor);
        for round in 0..ROUNDS {
            if round > 0 && round % lasts == 0 {
                load = Load::fill(live);
                fresh = (load.sent, Floor::new());
                for number in 1..=live {
                    assert!(fresh.1.insert(&crate::load::nonce(number)));
                }
            }
            measured.push(round_of(&mut load, &fresh.1, round));
        }
        let of = |pick: fn(&(f64, f64)) -> f64| median(measured.iter().map(pick).collect());
        println!(
            "{live:>10} {:>6.0} ns {:>6.0} ns {:>7.2}",
            of(|&(floor, _)| floor),
            of(|&(_, claim)| claim),
            of(|&(floor, claim)| claim / floor)
        );
    }
}

/// Nanoseconds for each, in alternating order.
fn round_of(load: &mut Load, floor: &Floor, round: usize) -> (f64, f64) {
    let requests: Vec<_> = (0..BATCH).map(|_| load.next()).collect();
    let mut on_floor = 0.0;
    let mut on_store = 0.0;
    for turn in 0..2 {
        let start = cpu::now();
        if (turn + round).is_multiple_of(2) {
            for (nonce, _) in &requests {
                assert!(floor.insert(nonce));
            }
            on_floor = per_claim(start);
        } else {
            for (nonce, at) in &requests {
                assert_eq!(claim(&load.store, nonce, *at), Claimed::Fresh);
            }
            on_store = per_claim(start);
        }
    }
    (on_floor, on_store)
}

fn per_claim(start: Duration) -> f64 {
    (cpu::now() - start).as_nanos() as f64 / BATCH as f64
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
