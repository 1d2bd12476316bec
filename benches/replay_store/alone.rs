//! A claim of an app that is alone and above its share, against one that no share holds for.

use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::store::{AppShare, Claim, Claimed, MemoryReplayStore};

use crate::harness::{cpu, rounds};
use crate::load::{WINDOW, nonce};

const CAPACITY: usize = 1_000_000;
const ROUNDS: u64 = 100;
const BATCH: u64 = 1_000;

pub(crate) fn run() {
    let mut stores = [AppShare::ALL, AppShare::HALF].map(|share| {
        let clock = ManualClock::at(UnixMillis::new(1_700_000_000_000));
        let at = clock.wall();
        let store = MemoryReplayStore::builder().with_capacity(CAPACITY).with_app_share(share);
        let alone = Alone { store: store.with_clock(clock).build(), at, sent: 0 };
        alone.fill(CAPACITY as u64 * 6 / 10)
    });
    let mut nanos = [(); 2].map(|()| Vec::new());
    for round in 0..ROUNDS as usize {
        for turn in 0..2 {
            let which = (turn + round) % 2;
            let start = cpu::now();
            stores[which].send(BATCH);
            nanos[which].push((cpu::now() - start).as_nanos() as f64 / BATCH as f64);
        }
    }
    let rows: Vec<_> = ["no share", "above its share"].into_iter().zip(nanos).collect();
    rounds::report("a fresh claim of an app that is alone", &rows);
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
