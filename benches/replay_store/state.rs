//! What a state file costs: per claim, for the claim that moves the mark, and at stop and start.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use countersign::store::MemoryReplayStore;
use countersign::store::memory_replay::{StartedFrom, StateFile};

use crate::harness::rounds::median;
use crate::load::{Load, Nonce, claim, nonce};
use countersign::clock::{Clock, UnixMillis};

const BATCH: u64 = 2_000;
const ROUNDS: u64 = 200;
const LIVE: u64 = 1_000_000;

pub(crate) fn run() {
    let folder = folder();
    let file = || StateFile::new(folder.join("replay"));
    println!("\nstate file in {}:", folder.display());
    claims(&file);
    restart(&|| StateFile::new(folder.join("restart")));
    fs::remove_dir_all(folder).unwrap();
}

/// Beside the build's own files: a temporary folder may be in memory, where `fsync` is free.
fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-state");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn claims(file: &dyn Fn() -> StateFile) {
    let without = Load::of(LIVE);
    let with = Load::on(LIVE, |builder| builder.open(file()).unwrap());
    let at = with.clock.wall();
    let ratios = (0..ROUNDS).map(|round| {
        let nonces: Vec<_> = (0..BATCH).map(|n| nonce(round * BATCH + n)).collect();
        let mut times = [0.0; 2];
        for turn in 0..2 {
            let which = (turn + round as usize) % 2;
            let store = if which == 0 { &without.store } else { &with.store };
            times[which] = batch(store, &nonces, at);
        }
        times[1] / times[0]
    });
    println!("  claim that the mark covers: {:.3} of one without a file", median(ratios));

    let mut moves: Vec<f64> = (1..=100_u64)
        .map(|step| {
            let at = at.saturating_add(StateFile::DEFAULT_STEP * step as u32 * 2);
            let start = Instant::now();
            let _ = claim(&with.store, &nonce(u64::from(u32::MAX) + step), at);
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    moves.sort_by(f64::total_cmp);
    println!(
        "  claim that moves the mark: median {:.2} ms, longest {:.2} ms",
        moves[50], moves[99]
    );
}

fn batch(store: &MemoryReplayStore, nonces: &[Nonce], at: UnixMillis) -> f64 {
    let start = Instant::now();
    for nonce in nonces {
        let _ = claim(store, nonce, at);
    }
    start.elapsed().as_secs_f64()
}

fn restart(file: &dyn Fn() -> StateFile) {
    let mut load = Load::on(LIVE, |builder| builder.open(file()).unwrap());
    for _ in 0..LIVE {
        let _ = load.send();
    }
    let start = Instant::now();
    load.store.close().unwrap();
    println!("  close with {} keys: {:.0} ms", load.store.len(), millis(start));
    let clock = load.clock;
    drop(load.store);
    let start = Instant::now();
    let store = MemoryReplayStore::builder().with_clock(clock).open(file()).unwrap();
    assert_eq!(store.started_from(), StartedFrom::Snapshot);
    println!("  open with {} keys: {:.0} ms", store.len(), millis(start));
}

fn millis(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}
