//! The longest single claim while buckets fill, grow and are forgotten.

use std::time::Duration;

use countersign::store::Claimed;

use crate::cpu;
use crate::load::{Load, claim};

const LIVE: u64 = 5_000_000;
const RUNS: usize = 3;

pub(crate) fn run() {
    println!("\nlongest single claim at {LIVE} live, over two windows of traffic:");
    let mut longest = Vec::new();
    for _ in 0..RUNS {
        let mut load = Load::fill(LIVE);
        let mut times = Vec::with_capacity(2 * LIVE as usize);
        for _ in 0..2 * LIVE {
            let (nonce, at) = load.next();
            let start = cpu::now();
            let claimed = claim(&load.store, &nonce, at);
            times.push(cpu::now() - start);
            assert_eq!(claimed, Claimed::Fresh);
        }
        assert!(load.store.len() < 8_000_000, "keys were forgotten");
        times.sort();
        let from_top = |n: usize| micros(times[times.len() - n]);
        println!("  {} (10th {}, 100th {})", from_top(1), from_top(10), from_top(100));
        longest.push(times[times.len() - 1]);
    }
    // What is the store's own happens in every run; what the machine adds does not.
    println!("  the least of {RUNS} runs: {}", micros(longest.into_iter().min().unwrap()));
}

fn micros(time: Duration) -> String {
    format!("{} µs", time.as_micros())
}
