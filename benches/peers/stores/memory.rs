//! Memory per key that is alive: what is added to the resident set of a process of its own.

use std::process::Command;

use crate::harness::record;
use crate::load::nonce;
use crate::store::Store;

pub(crate) const CHILD: &str = "memory-child";

pub(crate) fn table(live: usize, names: &[&str]) {
    let title = format!("bytes per key, {live} live");
    println!("\n{title}");
    for name in names {
        let mut child = Command::new(std::env::current_exe().unwrap());
        let child = child.args([CHILD, name, &live.to_string()]).output().unwrap();
        let bytes: f64 = String::from_utf8(child.stdout).unwrap().trim().parse().unwrap();
        println!("{name:<28}{bytes:>12.1}");
        record::value(&title, name, "bytes", bytes);
    }
}

/// What the child does: fills one store, and says what that took.
pub(crate) fn child<S: Store>(live: u64) {
    let before = resident();
    let store = S::new();
    assert!((0..live).all(|number| store.claim(&nonce(number))));
    println!("{}", (resident() - before) as f64 / live as f64);
    assert!(!store.claim(&nonce(0)));
}

fn resident() -> u64 {
    const PAGE: u64 = 4_096;
    let statm = std::fs::read_to_string("/proc/self/statm").expect("a Linux system");
    statm.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * PAGE
}
