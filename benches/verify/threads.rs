//! Whether two threads verify twice as much as one, by the wall clock.
//!
//! Two processors may be two threads of one core, which share its units: then nothing that computes
//! scales by two. Hence the first rows, which share nothing: an empty loop tells what the machine gives,
//! cryptography what a verification can hope for. The figure to read is how much each row scales beside
//! cryptography, in the same round. Read it only where both processors are free.
//!
//! Each thread has requests of its own, signed before and so few that they stay warm. It sends them
//! again and again, each time to a verifier of another name, so that no nonce was used.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use countersign::clock::{Clock, SystemClock};

use crate::harness::ready::ready;
use crate::harness::record;
use crate::harness::rounds::{median, numbers};
use crate::request::{Kind, Signed};
use crate::subject::Subject;

const ROUNDS: usize = 5;
const SPAN: Duration = Duration::from_secs(1);
const REQUESTS: usize = 250;
/// Before the time counts.
const WARM_UP: usize = 40;
const TITLE: &str = "threads, a GET";

/// Sends all requests of a thread once.
type Pass = Box<dyn FnMut() + Send>;

/// A row's name, and what each of so many threads does.
type Variant = (&'static str, fn(usize) -> Vec<Pass>);

const CRYPTOGRAPHY: usize = 1;
const VARIANTS: [Variant; 6] = [
    ("an empty loop", |threads| (0..threads).map(|_| spin()).collect()),
    ("cryptography", |threads| (0..threads).map(|_| check_cryptography()).collect()),
    ("a verifier each", |threads| {
        (0..threads).map(|thread| verify(&Subject::new(2, 0), thread, Kind::Get, thread)).collect()
    }),
    ("a key each", |threads| {
        let shared = Subject::new(2, 0);
        (0..threads).map(|thread| verify(&shared, thread, Kind::Get, thread)).collect()
    }),
    ("one key", |threads| {
        let shared = Subject::new(2, 0);
        (0..threads).map(|thread| verify(&shared, thread, Kind::Get, 0)).collect()
    }),
    ("an AppCode, no nonce", |threads| {
        let shared = Subject::new(2, 0);
        (0..threads).map(|thread| verify(&shared, thread, Kind::AppCode, 0)).collect()
    }),
];

pub(crate) fn run() {
    let mut rates = VARIANTS.map(|_| Vec::new());
    for round in 0..ROUNDS {
        for turn in 0..VARIANTS.len() {
            let at = (turn + round) % VARIANTS.len();
            rates[at].push([1, 2].map(|threads| per_second(VARIANTS[at].1(threads))));
        }
    }
    println!("\n{TITLE}");
    println!("{:<28}{:>14}{:>14}{:>9}{:>14}", "", "1: per s", "2: per s", "scaling", "of crypto's");
    for ((name, _), own) in VARIANTS.iter().zip(&rates) {
        let scaling = |[one, two]: &[f64; 2]| two / one;
        let beside = own.iter().zip(&rates[CRYPTOGRAPHY]);
        let row = [
            ("one_per_second", median(own.iter().map(|[one, _]| *one))),
            ("two_per_second", median(own.iter().map(|[_, two]| *two))),
            ("scaling", median(own.iter().map(scaling))),
            ("of_cryptography", median(beside.map(|(own, floor)| scaling(own) / scaling(floor)))),
        ];
        let [one, two, scaling, of_cryptography] = row.map(|(_, value)| value);
        println!("{name:<28}{one:>14.0}{two:>14.0}{scaling:>9.2}{of_cryptography:>14.2}");
        for (unit, value) in row {
            record::value(TITLE, name, unit, value);
        }
    }
}

/// Of all threads together.
fn per_second(passes: Vec<Pass>) -> f64 {
    let start = Barrier::new(passes.len());
    let run = |mut pass: Pass| {
        (0..WARM_UP).for_each(|_| pass());
        start.wait();
        let began = SystemClock.monotonic();
        let mut sent = 0;
        loop {
            pass();
            sent += REQUESTS;
            let span = SystemClock.monotonic() - began;
            if span >= SPAN {
                return sent as f64 / span.as_secs_f64();
            }
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = passes.into_iter().map(|pass| scope.spawn(|| run(pass))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

/// About as long as a request takes.
fn spin() -> Pass {
    Box::new(|| {
        for number in 0..REQUESTS * 1_000 {
            black_box(number);
        }
    })
}

fn check_cryptography() -> Pass {
    let requests = signed(Kind::Get, 0);
    Box::new(move || requests.iter().for_each(Signed::check_cryptography))
}

fn verify(subject: &Subject, thread: usize, kind: Kind, app: usize) -> Pass {
    let (verifier, requests, mut pass) = (subject.verifier(), signed(kind, app), 0);
    Box::new(move || {
        pass += 1;
        let verifier = verifier.clone().with_name(format!("{thread} {pass}"));
        for request in &requests {
            assert!(ready(verifier.verify(request.head(), &request.body)).is_ok());
        }
    })
}

/// By the first or the second app.
fn signed(kind: Kind, app: usize) -> Vec<Signed> {
    numbers(REQUESTS).map(|number| Signed::new(kind, 2, number * 2 + app as u64)).collect()
}
