//! Ten million distinct requests, and a million of them again.

use std::collections::VecDeque;
use std::time::Instant;

use countersign::store::Claimed;

use crate::harness::record;
use crate::load::{Load, Nonce, claim};

const DISTINCT: u64 = 10_000_000;
const LIVE: u64 = 5_000_000;

pub(crate) fn run() {
    let start = Instant::now();
    let mut load = Load::of(LIVE);
    let mut sent = VecDeque::new();
    let (mut replays, mut accepted) = (0_u64, 0_u64);
    for number in 0..DISTINCT {
        let (nonce, at) = load.next();
        assert_eq!(claim(&load.store, &nonce, at), Claimed::Fresh);
        if number % 10 == 0 {
            // At once, later in the window, at its edge, after it.
            sent.push_back((nonce, at));
            let scattered = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
            let recorded: (Nonce, _) = sent[scattered as usize % sent.len()];
            replays += 1;
            accepted += u64::from(claim(&load.store, &recorded.0, recorded.1) == Claimed::Fresh);
        }
    }
    println!(
        "\n{DISTINCT} distinct claims, {replays} replays: {accepted} accepted, in {:.1} s",
        start.elapsed().as_secs_f64()
    );
    record::value("replays", "a million among ten million claims", "accepted", accepted as f64);
    assert_eq!(accepted, 0);
}
