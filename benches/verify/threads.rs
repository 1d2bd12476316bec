//! Whether two threads verify twice as much as one, by the wall clock.
//!
//! Two processors may be two threads of one core, which share its units: then nothing that computes
//! scales by two. Hence the first rows, which share nothing: an empty loop tells what the machine gives,
//! cryptography what a verification can hope for. The figure to read is how much each row scales beside
//! cryptography, in the same round. Read it only where both processors are free.
//!
//! Each thread has requests of its own, signed before and so few that they stay warm. It sends them
//! again and again, and each time their nonces are claimed with a number before them, so that none was
//! used. (A verifier of another name each time would do, too, but a store is made for few names.)

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use countersign::clock::{Clock, SystemClock};
use countersign::store::{
    Claim, Claimed, MemoryCredentials, MemoryReplayStore, ReplayStore, StoreError,
};
use countersign::verify::{Policy, RestartRule, Verifier};

use crate::harness::ready::ready;
use crate::harness::record;
use crate::harness::rounds::{median, numbers};
use crate::request::{Kind, Signed, app};

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
        (0..threads).map(|thread| verify(&Shared::new(), thread, Kind::Get, thread)).collect()
    }),
    ("a key each", |threads| {
        let shared = Shared::new();
        (0..threads).map(|thread| verify(&shared, thread, Kind::Get, thread)).collect()
    }),
    ("one key", |threads| {
        let shared = Shared::new();
        (0..threads).map(|thread| verify(&shared, thread, Kind::Get, 0)).collect()
    }),
    ("an AppCode, no nonce", |threads| {
        let shared = Shared::new();
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

/// What threads share.
struct Shared {
    credentials: Arc<MemoryCredentials>,
    replay: Arc<MemoryReplayStore>,
}

impl Shared {
    fn new() -> Self {
        let credentials = MemoryCredentials::new((0..2).map(app)).unwrap();
        Self { credentials: Arc::new(credentials), replay: Arc::default() }
    }

    fn verifier(&self, thread: usize) -> (Verifier<Arc<MemoryCredentials>, Again>, Arc<AtomicU64>) {
        let pass = Arc::new(AtomicU64::new((thread as u64) << 32));
        let again = Again { replay: Arc::clone(&self.replay), pass: Arc::clone(&pass) };
        let policy = Policy::strict().with_restart_rule(RestartRule::Accept);
        (Verifier::new(Arc::clone(&self.credentials), again).with_policy(policy), pass)
    }
}

/// Claims a nonce with a thread's number and its pass's before it.
struct Again {
    replay: Arc<MemoryReplayStore>,
    pass: Arc<AtomicU64>,
}

impl ReplayStore for Again {
    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        let mut nonce = [0; 44];
        let (pass, rest) = nonce.split_at_mut(8);
        pass.copy_from_slice(&self.pass.load(Ordering::Relaxed).to_le_bytes());
        rest.copy_from_slice(claim.nonce);
        let again = Claim::new(claim.scope, claim.app_key, &nonce, claim.until);
        self.replay.claim_now(again.signed_at(claim.signed_at.unwrap()))
    }
}

fn verify(shared: &Shared, thread: usize, kind: Kind, app: usize) -> Pass {
    let (verifier, pass) = shared.verifier(thread);
    let requests = signed(kind, app);
    Box::new(move || {
        pass.fetch_add(1, Ordering::Relaxed);
        for request in &requests {
            assert!(ready(verifier.verify(request.head(), &request.body)).is_ok());
        }
    })
}

/// By the first or the second app.
fn signed(kind: Kind, app: usize) -> Vec<Signed> {
    numbers(REQUESTS).map(|number| Signed::new(kind, 2, number * 2 + app as u64)).collect()
}
