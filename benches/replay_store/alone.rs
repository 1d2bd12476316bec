//! A claim of an app that is alone and above its share, against one that no share holds for.

use std::time::Duration;

use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::store::{AppShare, Claim, Claimed, MemoryReplayStore};

use crate::cpu;
use crate::load::{WINDOW, nonce};
use crate::speed::median;

const CAPACITY: usize = 1_000_000;
const ROUNDS: u64 = 100;
const BATCH: u64 = 1_000;

pub(crate) fn run() {
    let [half, all] = [AppShare::HALF, AppShare::ALL].map(|share| {
        let clock = ManualClock::at(UnixMillis::new(1_700_000_000_000));
        let at = clock.wall();
        let store = MemoryReplayStore::builder().with_capacity(CAPACITY).with_app_share(share);
        let alone = Alone { store: store.with_clock(clock).build(), at, sent: 0 };
        alone.fill(CAPACITY as u64 * 6 / 10)
    });
    let mut stores = [half, all];
    let rounds: Vec<_> = (0..ROUNDS as usize)
        .map(|round| {
            let mut times = [0.0; 2];
            for turn in 0..2 {
                let which = (turn + round) % 2;
                let start = cpu::now();
                stores[which].send(BATCH);
                times[which] = nanos(cpu::now() - start) / BATCH as f64;
            }
            times
        })
        .collect();
    let of = |pick: fn(&[f64; 2]) -> f64| median(rounds.iter().map(pick).collect());
    println!(
        "\napp alone above its share: {:.0} ns a claim, {:.2} of one with no share",
        of(|times| times[0]),
        of(|times| times[0] / times[1])
    );
}

struct Alone {
    store: MemoryReplayStore,
    at: UnixMillis,
    sent: u64,
}

impl Alone {
    fn fill(mut self, claims: u64) -> Self {
        self.send(claims);
        self
    }

    fn send(&mut self, claims: u64) {
        for _ in 0..claims {
            self.sent += 1;
            let nonce = nonce(self.sent);
            let claim = Claim::new("orders", "203710000", &nonce, self.at.saturating_add(WINDOW));
            assert_eq!(self.store.claim_now(claim.signed_at(self.at)).unwrap(), Claimed::Fresh);
        }
    }
}

fn nanos(time: Duration) -> f64 {
    time.as_nanos() as f64
}
