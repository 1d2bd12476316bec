//! Memory per live nonce: the resident set of a process of its own.

use std::process::Command;

use crate::load::Load;

pub(crate) const CHILD: &str = "memory-child";
const LIVE: u64 = 5_000_000;

pub(crate) fn run() {
    println!("\nmemory at {LIVE} live nonces:");
    let child = Command::new(std::env::current_exe().unwrap()).arg(CHILD).output().unwrap();
    print!("{}", String::from_utf8_lossy(&child.stdout));
}

pub(crate) fn child() {
    let Some(before) = resident() else {
        println!("  not measured: there is no /proc/self/statm");
        return;
    };
    let load = Load::fill(LIVE);
    let taken = resident().unwrap_or_default().saturating_sub(before);
    assert_eq!(load.store.len() as u64, LIVE);
    println!("  {:.1} bytes per nonce", taken as f64 / LIVE as f64);
}

fn resident() -> Option<u64> {
    const PAGE: u64 = 4_096;
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split_whitespace().nth(1)?.parse::<u64>().ok()? * PAGE)
}
