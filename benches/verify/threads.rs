//! Whether two threads verify twice as much as one, by the wall clock.
//!
//! Each has requests of its own, signed before. The variants tell what they wait for: the ceiling is
//! the cryptography, which shares nothing; then a verifier of its own for each thread, a shared one
//! with a key for each, and all with one key. Read it only where both processors are free.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use countersign::clock::{Clock, SystemClock};

use crate::harness::record;
use crate::harness::rounds::{median, numbers};
use crate::request::{Kind, Signed};
use crate::subject::Subject;

const ROUNDS: usize = 25;
const REQUESTS: usize = 10_000;
const TITLE: &str = "threads, a GET";

/// What the thread of this number does with a request of its own.
type Work<'a> = &'a (dyn Fn(usize, &Signed) + Sync);

/// A name, the app of a thread's requests, and the work.
type Variant<'a> = (&'static str, fn(usize) -> usize, Work<'a>);

pub(crate) fn run() {
    let shared = Subject::new(2, 0);
    let own = [(); 2].map(|()| Subject::new(2, 0));
    let variants: [Variant<'_>; 5] = [
        ("cryptography", |_| 0, &|_, request| request.check_cryptography()),
        ("a verifier each", |thread| thread, &|thread, request| own[thread].accept(request)),
        ("a key each", |thread| thread, &|_, request| shared.accept(request)),
        ("one key", |_| 0, &|_, request| shared.accept(request)),
        ("an AppCode, no nonce", |_| 2, &|_, request| shared.accept(request)),
    ];
    let mut samples = vec![Vec::new(); variants.len()];
    for _ in 0..ROUNDS {
        for ((_, app, work), taken) in variants.iter().zip(&mut samples) {
            taken.push([1, 2].map(|threads| per_request(threads, *app, *work)));
        }
    }
    println!("\n{TITLE}\n{:<28}{:>12}{:>12}{:>9}", "", "1: ns", "2: ns", "scaling");
    for ((name, ..), taken) in variants.iter().zip(&samples) {
        let of = |pick: fn(&[f64; 2]) -> f64| median(taken.iter().map(pick));
        let (one, two, scaling) = (of(|ns| ns[0]), of(|ns| ns[1]), of(|ns| ns[0] / ns[1]));
        println!("{name:<28}{one:>12.0}{two:>12.0}{scaling:>9.2}");
        record::value(TITLE, name, "scaling", scaling);
    }
}

/// Nanoseconds of wall time for each request of all threads.
fn per_request(threads: usize, app: fn(usize) -> usize, work: Work<'_>) -> f64 {
    let requests: Vec<Vec<_>> = (0..threads)
        .map(|thread| numbers(REQUESTS).map(|number| signed(app(thread), number)).collect())
        .collect();
    let start = Barrier::new(threads);
    let times: Vec<(Duration, Duration)> = thread::scope(|scope| {
        let spawned = requests.iter().enumerate().map(|(thread, requests)| {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                let began = SystemClock.monotonic();
                requests.iter().for_each(|request| work(thread, request));
                (began, SystemClock.monotonic())
            })
        });
        let spawned: Vec<_> = spawned.collect();
        spawned.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let began = times.iter().map(|(began, _)| *began).min().unwrap();
    let ended = times.iter().map(|(_, ended)| *ended).max().unwrap();
    (ended - began).as_nanos() as f64 / (threads * REQUESTS) as f64
}

/// By the first or the second app; by neither with an AppCode.
fn signed(app: usize, number: u64) -> Signed {
    match app {
        2 => Signed::new(Kind::AppCode, 1, number),
        app => Signed::new(Kind::Get, 2, number * 2 + app as u64),
    }
}
