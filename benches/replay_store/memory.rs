//! Memory per live nonce: the resident set of a process of its own for each store.

use std::process::Command;

use countersign::store::Claimed;

use crate::floor::Floor;
use crate::harness::record;
use crate::load::Load;

pub(crate) const CHILD: &str = "memory-child";

/// Fills something and tells what it takes.
type Filling = (&'static str, fn(u64) -> f64);

const FILLINGS: [Filling; 3] = [
    ("hash, lock, insertion", |live| taken(live, || Floor::fill(live, live))),
    ("the store, filled", |live| taken(live, || Load::fill(live))),
    // As it is from then on: keys that are over go with their bucket, not one by one.
    ("the store, three windows later", |live| {
        taken(live, || {
            let mut load = Load::fill(live);
            assert!((0..3 * live).all(|_| load.send() == Claimed::Fresh));
            load
        })
    }),
];

pub(crate) fn run() {
    for live in [10_000, 1_000_000, 5_000_000_u64] {
        let title = format!("memory, {live} live");
        println!("\n{title}");
        for (name, _) in FILLINGS {
            let mut child = Command::new(std::env::current_exe().unwrap());
            let child = child.args([CHILD, name, &live.to_string()]).output().unwrap();
            let answer = String::from_utf8(child.stdout).unwrap();
            match answer.trim().parse::<f64>() {
                Ok(bytes) => {
                    println!("{name:<32}{bytes:>9.1} bytes per nonce");
                    record::value(&title, name, "bytes", bytes);
                }
                Err(_) => println!("{name:<32} not measured: {answer}"),
            }
        }
    }
}

pub(crate) fn child(name: &str, live: &str) {
    let (_, fill) = FILLINGS.iter().find(|(known, _)| *known == name).unwrap();
    match resident() {
        Some(_) => println!("{}", fill(live.parse().unwrap())),
        None => println!("there is no /proc/self/statm"),
    }
}

/// Bytes for each live nonce.
fn taken<T>(live: u64, fill: impl FnOnce() -> T) -> f64 {
    let before = resident().unwrap();
    let filled = fill();
    let taken = resident().unwrap().saturating_sub(before);
    drop(filled);
    taken as f64 / live as f64
}

fn resident() -> Option<u64> {
    const PAGE: u64 = 4_096;
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split_whitespace().nth(1)?.parse::<u64>().ok()? * PAGE)
}
