//! The longest single claim while buckets fill, grow and are forgotten, beside the longest that the
//! machine makes of a hash: what both have, an interrupt or a neighbour took.

use std::hint::black_box;
use std::time::Duration;

use countersign::store::Claimed;

use crate::cpu;
use crate::floor::Floor;
use crate::load::{Load, claim};

const LIVE: u64 = 5_000_000;
const RUNS: usize = 3;

pub(crate) fn run() {
    println!("\nlongest single claim at {LIVE} live, over two windows of traffic:");
    println!("{:>12} {:>9} {:>9} {:>9}", "", "longest", "10th", "1000th");
    let mut longest = Vec::new();
    for _ in 0..RUNS {
        let mut load = Load::fill(LIVE);
        let floor = Floor::fill(1, 1);
        let [mut claims, mut hashes] = [(); 2].map(|()| Vec::with_capacity(2 * LIVE as usize));
        for _ in 0..2 * LIVE {
            let (nonce, at) = load.next();
            let start = cpu::now();
            black_box(floor.hash(black_box(&nonce)));
            let between = cpu::now();
            let claimed = claim(&load.store, &nonce, at);
            claims.push(cpu::now() - between);
            hashes.push(between - start);
            assert_eq!(claimed, Claimed::Fresh);
        }
        assert!(load.store.len() < 8_000_000, "keys were forgotten");
        for (name, times) in [("claim", &mut claims), ("hash alone", &mut hashes)] {
            times.sort_unstable_by(|a, b| b.cmp(a));
            let [first, tenth, thousandth] = [0, 9, 999].map(|at| micros(times[at]));
            println!("{name:>12} {first:>9} {tenth:>9} {thousandth:>9}");
        }
        longest.push(claims[0]);
    }
    // What is the store's own happens in every run; what the machine adds does not.
    println!("  the least of {RUNS} runs: {}", micros(longest.into_iter().min().unwrap()));
}

fn micros(time: Duration) -> String {
    format!("{} µs", time.as_micros())
}
