//! The store under every interleaving of its locks and atomics, by `loom`.
//!
//! CONTRIBUTING tells how to run them.

use std::sync::Arc;
use std::time::Duration;

use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use loom::thread;

use super::MemoryReplayStore;
use super::state::{Mark, StateFileError, WriteMark};
use crate::clock::{Clock, UnixMillis};
use crate::store::{Claim, Claimed, StoreError};

const STEP: Duration = Duration::from_millis(4);

/// A clock whose movements interleave, too.
#[derive(Debug)]
struct ModelClock(AtomicU64);

impl Clock for ModelClock {
    fn wall(&self) -> UnixMillis {
        UnixMillis::new(self.0.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A store of one shard.
fn store(clock: &Arc<ModelClock>) -> Arc<MemoryReplayStore> {
    let builder = MemoryReplayStore::builder().with_capacity(10);
    Arc::new(builder.with_clock(Arc::clone(clock)).build())
}

fn clock() -> Arc<ModelClock> {
    Arc::new(ModelClock(AtomicU64::new(1)))
}

fn claim(store: &MemoryReplayStore, nonce: &[u8], until: u64) -> Result<Claimed, StoreError> {
    store.claim_now(Claim::new("orders", "203710001", nonce, UnixMillis::new(until)))
}

fn is_fresh(answer: &Result<Claimed, StoreError>) -> bool {
    matches!(answer, Ok(Claimed::Fresh))
}

#[test]
fn of_claims_on_one_key_exactly_one_is_fresh() {
    loom::model(|| {
        let store = store(&clock());
        let others: Vec<_> = (0..2)
            .map(|_| {
                let store = Arc::clone(&store);
                thread::spawn(move || is_fresh(&claim(&store, b"n", 9)))
            })
            .collect();
        let mut fresh = usize::from(is_fresh(&claim(&store, b"n", 9)));
        fresh +=
            others.into_iter().filter_map(|other| other.join().ok()).filter(|won| *won).count();
        assert_eq!(fresh, 1);
    });
}

#[test]
fn a_key_that_is_being_forgotten_is_not_fresh_again() {
    loom::model(|| {
        let clock = clock();
        let store = store(&clock);
        assert!(is_fresh(&claim(&store, b"n", 9)));
        let forgetting = {
            let (store, clock) = (Arc::clone(&store), Arc::clone(&clock));
            thread::spawn(move || {
                clock.0.store(10, Ordering::SeqCst);
                let _ = claim(&store, b"other", 19);
                // And back, as a clock that is set right.
                clock.0.store(2, Ordering::SeqCst);
            })
        };
        assert!(!is_fresh(&claim(&store, b"n", 9)));
        assert!(forgetting.join().is_ok());
        assert!(!is_fresh(&claim(&store, b"n", 9)));
    });
}

#[test]
fn what_was_fresh_beside_a_close_is_seen_by_who_looks_after_it() {
    loom::model(|| {
        let store = store(&clock());
        let claiming = {
            let store = Arc::clone(&store);
            thread::spawn(move || is_fresh(&claim(&store, b"n", 9)))
        };
        assert!(store.close().is_ok());
        let seen = store.len();
        let fresh = claiming.join().is_ok_and(|fresh| fresh);
        assert_eq!(seen, usize::from(fresh));
    });
}

#[test]
fn of_two_apps_that_were_answered_neither_is_alone() {
    loom::model(|| {
        let store = store(&clock());
        let of = |app_key| Claim::new("orders", app_key, b"n", UnixMillis::new(9));
        let claiming = {
            let store = Arc::clone(&store);
            thread::spawn(move || is_fresh(&store.claim_now(of("loud"))))
        };
        assert!(is_fresh(&store.claim_now(of("quiet"))));
        assert!(claiming.join().is_ok_and(|fresh| fresh));
        for app_key in ["loud", "quiet"] {
            let app = store.memory.fingerprints.entry(&of(app_key)).app;
            assert!(!store.is_alone(app), "{app_key}");
        }
    });
}

/// A file that remembers, and whose writing others may overtake.
struct ModelFile {
    durable: Arc<AtomicU64>,
    writes: Arc<AtomicUsize>,
}

impl WriteMark for ModelFile {
    fn write_mark(&mut self, mark: UnixMillis) -> Result<(), StateFileError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.durable.store(mark.get(), Ordering::SeqCst);
        Ok(())
    }
}

/// Claims of these times, all at once, on a mark at 10: how often it is written.
fn writes(times: [u64; 3]) -> usize {
    let durable = Arc::new(AtomicU64::new(10));
    let writes = Arc::new(AtomicUsize::new(0));
    let file = ModelFile { durable: Arc::clone(&durable), writes: Arc::clone(&writes) };
    let mark = Arc::new(Mark::new(UnixMillis::new(10), STEP, file));
    let cover = move |time: u64| {
        let clock = ModelClock(AtomicU64::new(1));
        assert!(mark.cover(UnixMillis::new(time), &clock).is_ok());
        assert!(durable.load(Ordering::SeqCst) >= time, "answered before it was durable");
        assert!(mark.get().get() <= durable.load(Ordering::SeqCst), "ahead of the file");
    };
    let [here, there @ ..] = times;
    let others = there.map(|time| {
        let cover = cover.clone();
        thread::spawn(move || cover(time))
    });
    cover(here);
    assert!(others.into_iter().all(|other| other.join().is_ok()));
    writes.load(Ordering::SeqCst)
}

#[test]
fn a_claim_beyond_the_mark_waits_until_it_is_durable_and_one_write_serves_all() {
    // 11 moves it to 15, which is ample for 12; 12 moves it to 16.
    loom::model(|| assert_eq!(writes([11, 11, 12]), 1));
}

#[test]
fn near_the_mark_one_claim_moves_it_and_the_others_do_not_wait() {
    loom::model(|| assert_eq!(writes([9, 9, 3]), 1));
}
