//! Fresh claims by one thread and by two at once, against the floor.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use countersign::clock::UnixMillis;
use countersign::store::Claimed;

use crate::floor::Floor;
use crate::harness::{cpu, record, rounds};
use crate::load::{Load, Nonce, claim};

const LIVE: u64 = 1_000_000;
const ROUNDS: usize = 60;
const BATCH: usize = 10_000;

type Request = (Nonce, UnixMillis);

pub(crate) fn run() {
    let mut load = Load::fill(LIVE);
    let floor = Floor::fill(LIVE, load.sent);
    let names = [
        "hash, lock, insertion",
        "countersign",
        "hash, lock, set, two threads",
        "countersign, two threads",
    ];
    let mut nanos = names.map(|_| Vec::new());
    let mut per_second = names.map(|_| Vec::new());
    for round in 0..ROUNDS {
        for turn in 0..names.len() {
            let row = (turn + round) % names.len();
            let batches: Vec<Vec<_>> =
                (0..=row / 2).map(|_| (0..BATCH).map(|_| load.next()).collect()).collect();
            let (took, spent) = match row % 2 {
                0 => at_once(&batches, &|(nonce, _)| assert!(floor.insert(nonce))),
                _ => at_once(&batches, &|(nonce, at)| {
                    assert_eq!(claim(&load.store, nonce, *at), Claimed::Fresh);
                }),
            };
            let claims = (batches.len() * BATCH) as f64;
            nanos[row].push(spent.as_nanos() as f64 / claims);
            per_second[row].push(claims / took.as_secs_f64());
        }
    }
    let title = "threads, a fresh claim, 1000000 live";
    rounds::report(title, &names.into_iter().zip(nanos).collect::<Vec<_>>());
    for (name, samples) in names.into_iter().zip(per_second) {
        let per_second = rounds::median(samples.into_iter());
        println!("{name:<28}{per_second:>12.0} per second");
        record::value(title, name, "per_second", per_second);
    }
}

/// A thread for each batch. How long it took from the first's start to the last's end, and the processor
/// time of all.
fn at_once(batches: &[Vec<Request>], send: &(impl Fn(&Request) + Sync)) -> (Duration, Duration) {
    let ready = Barrier::new(batches.len());
    let run = |batch: &[Request]| {
        ready.wait();
        let start = (Instant::now(), cpu::now());
        batch.iter().for_each(send);
        (start.0, Instant::now(), cpu::now() - start.1)
    };
    let runs: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = batches.iter().map(|batch| scope.spawn(|| run(batch))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let first = runs.iter().map(|(start, _, _)| *start).min().unwrap();
    let last = runs.iter().map(|(_, end, _)| *end).max().unwrap();
    (last - first, runs.iter().map(|(_, _, spent)| *spent).sum())
}
