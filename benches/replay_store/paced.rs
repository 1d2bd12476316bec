//! The longest single claim under steady load, by the system's clock, through several windows: buckets
//! fill, grow and are forgotten as in a service that runs.

use std::time::{Duration, Instant};

use countersign::clock::{Clock, SystemClock};
use countersign::store::{Claim, Claimed, MemoryReplayStore};

use crate::harness::cpu;
use crate::load::{app_key, nonce};
use crate::stalls::longest;

const PER_SECOND: u64 = 200_000;
/// Short, so that it passes several times.
const WINDOW: Duration = Duration::from_secs(5);
const SPAN: Duration = Duration::from_secs(30);

pub(crate) fn run() {
    let store = MemoryReplayStore::new();
    let claims = PER_SECOND * SPAN.as_secs();
    let [mut spent, mut took] = [(); 2].map(|()| Vec::with_capacity(claims as usize));
    let start = Instant::now();
    for number in 0..claims {
        let due = Duration::from_nanos(number * 1_000_000_000 / PER_SECOND);
        while start.elapsed() < due {
            std::hint::spin_loop();
        }
        let (nonce, at) = (nonce(number), SystemClock.wall());
        let claim = Claim::new("orders", app_key(&nonce), &nonce, at.saturating_add(WINDOW));
        let before = (Instant::now(), cpu::now());
        let claimed = store.claim_now(claim.signed_at(at).remembered_since(at)).unwrap();
        spent.push(cpu::now() - before.1);
        took.push(before.0.elapsed());
        assert_eq!(claimed, Claimed::Fresh);
    }
    let live = PER_SECOND * WINDOW.as_secs();
    assert!(store.len() as u64 <= live * 3 / 2, "{} keys: none was forgotten", store.len());
    let title = format!("longest single claim, {PER_SECOND} a second, {live} live, six windows");
    longest(&title, &mut [("processor time", spent), ("by the wall", took)]);
}
