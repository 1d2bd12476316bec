//! Steady traffic: distinct nonces, signed as they are sent.

use std::sync::Arc;
use std::time::Duration;

use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::store::{Claim, Claimed, MemoryReplayStore, MemoryReplayStoreBuilder};

pub(crate) const WINDOW: Duration = Duration::from_secs(900);
const START: UnixMillis = UnixMillis::new(1_700_000_000_000);

/// As long as a UUID, like most nonces.
pub(crate) type Nonce = [u8; 36];

pub(crate) fn nonce(number: u64) -> Nonce {
    let mut nonce = *b"c9f15cbf-f4ac-4a6c-b54d-000000000000";
    for (at, digit) in nonce[24..].iter_mut().rev().enumerate() {
        *digit = b"0123456789abcdef"[(number >> (4 * at)) as usize & 0xf];
    }
    nonce
}

/// Eight of them, so that none is alone or near its share.
pub(crate) fn app_key(nonce: &Nonce) -> &'static str {
    const APPS: [&str; 8] = [
        "203710000",
        "203710001",
        "203710002",
        "203710003",
        "203710004",
        "203710005",
        "203710006",
        "203710007",
    ];
    APPS[usize::from(nonce[35] & 7)]
}

/// A store and traffic for it, at a rate that keeps `live` nonces alive.
pub(crate) struct Load {
    pub(crate) store: MemoryReplayStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) sent: u64,
    per_milli: f64,
}

impl Load {
    pub(crate) fn of(live: u64) -> Self {
        Self::on(live, MemoryReplayStoreBuilder::build)
    }

    pub(crate) fn on(
        live: u64,
        open: impl FnOnce(MemoryReplayStoreBuilder) -> MemoryReplayStore,
    ) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let store = open(MemoryReplayStore::builder().with_clock(Arc::clone(&clock)));
        let per_milli = live as f64 / WINDOW.as_millis() as f64;
        Self { store, clock, sent: 0, per_milli }
    }

    /// The next request, some microseconds later.
    pub(crate) fn next(&mut self) -> (Nonce, UnixMillis) {
        self.sent += 1;
        let due = self.due(self.sent);
        let passed = self.clock.monotonic().as_millis() as u64;
        if passed < due {
            self.clock.advance(Duration::from_millis(due - passed));
        }
        (nonce(self.sent), self.clock.wall())
    }

    /// One of the requests of this window, again: another for each `pick`.
    pub(crate) fn again(&self, pick: u64, live: u64) -> (Nonce, UnixMillis) {
        let scattered = pick.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        // All but the oldest tenth: those are at the window's edge.
        let number = self.sent - scattered % (live - live / 10);
        (nonce(number), START.saturating_add(Duration::from_millis(self.due(number))))
    }

    /// The millisecond in which this request is sent.
    fn due(&self, number: u64) -> u64 {
        (number as f64 / self.per_milli) as u64
    }

    pub(crate) fn send(&mut self) -> Claimed {
        let (nonce, at) = self.next();
        claim(&self.store, &nonce, at)
    }

    /// Traffic of a window, less a millionth: nothing is over yet.
    pub(crate) fn fill(live: u64) -> Self {
        let mut load = Self::of(live);
        for _ in 0..live {
            assert_eq!(load.send(), Claimed::Fresh);
        }
        load
    }
}

#[inline]
pub(crate) fn claim(store: &MemoryReplayStore, nonce: &Nonce, at: UnixMillis) -> Claimed {
    let claim = Claim::new("orders", app_key(nonce), nonce, at.saturating_add(WINDOW));
    store.claim_now(claim.signed_at(at).remembered_since(at)).expect("there is room")
}
