//! A claim of a nonce in countersign's memory store and in others that services use for it, with ten
//! thousand, a million and five million alive.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --bin stores`, or with a part of a
//! table's name: `-- 10000`, `-- bytes`. One thread; keys are remembered for 15 minutes.
//!
//! | row | what it does not |
//! |---|---|
//! | hash, lock, insertion | keeps no time: it forgets nothing, and has no bound |
//! | countersign | |
//! | `Mutex<HashMap<String, _>>` | forgets nothing unless it is asked for again; no bound |
//! | dashmap | the same |
//! | moka | no bound: with one it forgets nonces that are alive |
//!
//! All take the claim in one step, so that of two callers one is the first. Five million of each at
//! once need about 4 GB.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

#[allow(dead_code, reason = "it is filled here")]
#[path = "../../replay_store/floor.rs"]
mod floor;
#[path = "../../harness/mod.rs"]
mod harness;
#[allow(dead_code, reason = "only the nonces of it")]
#[path = "../../replay_store/load.rs"]
mod load;
mod memory;
mod store;

use countersign::store::MemoryReplayStore;
use floor::Floor;
use harness::rounds::{Row, compare, numbers};
use load::{Nonce, nonce};
use store::{ManyMaps, Moka, OneMap, Store};

const NAMES: [&str; 5] =
    [Floor::NAME, MemoryReplayStore::NAME, OneMap::NAME, ManyMaps::NAME, Moka::NAME];

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [child, name, live] = arguments.as_slice()
        && child == memory::CHILD
    {
        return child_of(name, live.parse().unwrap());
    }
    for live in [10_000, 1_000_000, 5_000_000] {
        speed(live);
        if harness::is_wanted(&format!("bytes per key, {live} live")) {
            memory::table(live, &NAMES);
        }
    }
}

fn child_of(name: &str, live: u64) {
    let child = match name {
        Floor::NAME => memory::child::<Floor>,
        MemoryReplayStore::NAME => memory::child::<MemoryReplayStore>,
        OneMap::NAME => memory::child::<OneMap>,
        ManyMaps::NAME => memory::child::<ManyMaps>,
        Moka::NAME => memory::child::<Moka>,
        other => unreachable!("{other}"),
    };
    child(live);
}

fn speed(live: usize) {
    let fresh = format!("a fresh claim, {live} live");
    let replay = format!("a replay, {live} live");
    if !harness::is_wanted(&fresh) && !harness::is_wanted(&replay) {
        return;
    }
    let stores = Stores::new();
    let filled = numbers(live);
    let (first, live) = (filled.start, live as u64);
    assert!(filled.map(nonce).all(|nonce| stores.all_claim(&nonce)));
    // So that few are not soon many.
    let batch = (live / 100).clamp(100, 1_000) as usize;
    if harness::is_wanted(&replay) {
        let known = move |number: u64| nonce(first + number.wrapping_mul(7_919) % live);
        compare(&replay, batch, &stores.rows(known, false));
    }
    if harness::is_wanted(&fresh) {
        compare(&fresh, batch, &stores.rows(nonce, true));
    }
}

struct Stores {
    floor: Floor,
    ours: MemoryReplayStore,
    one: OneMap,
    many: ManyMaps,
    moka: Moka,
}

impl Stores {
    fn new() -> Self {
        Self {
            floor: Store::new(),
            ours: Store::new(),
            one: Store::new(),
            many: Store::new(),
            moka: Store::new(),
        }
    }

    fn all_claim(&self, nonce: &Nonce) -> bool {
        let Self { floor, ours, one, many, moka } = self;
        floor.claim(nonce)
            && ours.claim(nonce)
            && one.claim(nonce)
            && many.claim(nonce)
            && moka.claim(nonce)
    }

    fn rows(&self, make: impl Fn(u64) -> Nonce + Copy + 'static, is_fresh: bool) -> [Row<'_>; 5] {
        [
            row(&self.floor, make, is_fresh),
            row(&self.ours, make, is_fresh),
            row(&self.one, make, is_fresh),
            row(&self.many, make, is_fresh),
            row(&self.moka, make, is_fresh),
        ]
    }
}

fn row<'a, S: Store>(store: &'a S, make: impl Fn(u64) -> Nonce + 'a, is_fresh: bool) -> Row<'a> {
    Row::new(S::NAME, make, move |nonces: &[Nonce]| {
        assert!(nonces.iter().all(|nonce| store.claim(nonce) == is_fresh));
    })
}
