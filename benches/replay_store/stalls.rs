//! The longest single claim while buckets fill, grow and are forgotten, beside the longest that the
//! machine makes of a hash: what both have, an interrupt or a neighbour took.

use std::hint::black_box;
use std::time::Duration;

use countersign::store::Claimed;

use crate::floor::Floor;
use crate::harness::{cpu, record};
use crate::load::{Load, claim};

const LIVE: u64 = 5_000_000;
const RUNS: usize = 3;

pub(crate) fn run() {
    let mut least = Duration::MAX;
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
        let title = format!("longest single claim, {LIVE} live, two windows");
        let [claim, _] = longest(&title, &mut [("claim", claims), ("hash alone", hashes)]);
        least = least.min(claim);
    }
    // What is the store's own happens in every run; what the machine adds does not.
    println!("  the least of {RUNS} runs: {} µs", micros(least));
    record::value("longest single claim", "the least of three runs", "longest_us", micros(least));
}

/// Prints the longest of each, and gives them.
pub(crate) fn longest<const N: usize>(
    title: &str,
    rows: &mut [(&str, Vec<Duration>); N],
) -> [Duration; N] {
    println!("\n{title}");
    println!("{:<28}{:>9}{:>9}{:>9} µs", "", "longest", "10th", "1000th");
    rows.each_mut().map(|(name, times)| {
        times.sort_unstable_by(|a, b| b.cmp(a));
        let [first, tenth, thousandth] = [0, 9, 999].map(|at| micros(times[at]));
        println!("{name:<28}{first:>9.1}{tenth:>9.1}{thousandth:>9.1}");
        record::value(title, name, "longest_us", first);
        times[0]
    })
}

fn micros(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e3
}
