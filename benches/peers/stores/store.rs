//! What remembers nonces.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Mutex;
use std::time::Duration;

use countersign::clock::{Clock, SystemClock, UnixMillis};
use countersign::store::{Claim, Claimed, MemoryReplayStore};
use dashmap::DashMap;
use moka::sync::Cache;

use crate::floor::Floor;
use crate::load::{Nonce, WINDOW, app_key};

/// Claims a nonce at once, so that of two callers one is the first.
pub(crate) trait Store {
    const NAME: &'static str;

    fn new() -> Self;

    /// Whether it is fresh.
    fn claim(&self, nonce: &Nonce) -> bool;
}

impl Store for Floor {
    const NAME: &'static str = "hash, lock, insertion";

    fn new() -> Self {
        Self::new()
    }

    fn claim(&self, nonce: &Nonce) -> bool {
        self.insert(nonce)
    }
}

/// With its clock; the same window as the others.
impl Store for MemoryReplayStore {
    const NAME: &'static str = "countersign";

    fn new() -> Self {
        Self::new()
    }

    fn claim(&self, nonce: &Nonce) -> bool {
        let now = SystemClock.wall();
        let claim = Claim::new("orders", app_key(nonce), nonce, now.saturating_add(WINDOW));
        self.claim_now(claim.signed_at(now)).expect("there is room") == Claimed::Fresh
    }
}

/// The scope, the app and the nonce as most write them.
fn key(nonce: &Nonce) -> String {
    format!("orders:{}:{}", app_key(nonce), str::from_utf8(nonce).unwrap())
}

fn until() -> UnixMillis {
    SystemClock.wall().saturating_add(WINDOW)
}

/// One lock; what is over is replaced when it is asked for, and never forgotten else.
pub(crate) struct OneMap(Mutex<HashMap<String, UnixMillis>>);

impl Store for OneMap {
    const NAME: &'static str = "Mutex<HashMap<String, _>>";

    fn new() -> Self {
        Self(Mutex::default())
    }

    fn claim(&self, nonce: &Nonce) -> bool {
        match self.0.lock().unwrap().entry(key(nonce)) {
            Entry::Occupied(known) if *known.get() > SystemClock.wall() => false,
            Entry::Occupied(mut over) => {
                over.insert(until());
                true
            }
            Entry::Vacant(free) => {
                free.insert(until());
                true
            }
        }
    }
}

/// Many locks, else the same.
pub(crate) struct ManyMaps(DashMap<String, UnixMillis>);

impl Store for ManyMaps {
    const NAME: &'static str = "dashmap";

    fn new() -> Self {
        Self(DashMap::new())
    }

    fn claim(&self, nonce: &Nonce) -> bool {
        match self.0.entry(key(nonce)) {
            dashmap::Entry::Occupied(known) if *known.get() > SystemClock.wall() => false,
            dashmap::Entry::Occupied(mut over) => {
                over.insert(until());
                true
            }
            dashmap::Entry::Vacant(free) => {
                free.insert(until());
                true
            }
        }
    }
}

/// A cache without a bound, which would forget nonces that are alive.
pub(crate) struct Moka(Cache<String, ()>);

impl Store for Moka {
    const NAME: &'static str = "moka";

    fn new() -> Self {
        const LIFE: Duration = WINDOW;
        Self(Cache::builder().time_to_live(LIFE).build())
    }

    fn claim(&self, nonce: &Nonce) -> bool {
        // Not `or_insert`, which gets and then inserts.
        self.0.entry(key(nonce)).or_insert_with(|| ()).is_fresh()
    }
}
