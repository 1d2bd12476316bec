//! What `MemoryReplayStore` promises beyond the rules of every store (`store_conformance.rs`), one
//! sentence per test.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::store::{
    AppShare, Claim, Claimed, DynReplayStore, FullScope, MemoryReplayStore,
    MemoryReplayStoreBuilder, ReplayStore, StoreError,
};
use proptest::prelude::*;

const START: UnixMillis = UnixMillis::new(1_646_365_291_734);
const WINDOW: Duration = Duration::from_secs(900);
const MILLISECOND: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3_600);
const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// Everything a store can answer, comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Fresh,
    Used,
    Expired,
    Full(FullScope, Option<Duration>),
    Unavailable,
}

/// A store and the clock it reads.
struct Bench {
    clock: Arc<ManualClock>,
    store: MemoryReplayStore,
}

impl Bench {
    /// A store of one shard, so that every claim meets every key.
    fn new() -> Self {
        Self::with(|builder| builder.with_capacity(8_000))
    }

    /// A store of as many shards as there are.
    fn large() -> Self {
        Self::with(|builder| builder)
    }

    fn with(configure: impl FnOnce(MemoryReplayStoreBuilder) -> MemoryReplayStoreBuilder) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let builder = MemoryReplayStore::builder().with_clock(Arc::clone(&clock));
        Self { clock, store: configure(builder).build() }
    }

    fn now(&self) -> UnixMillis {
        self.clock.wall()
    }

    fn claim(&self, claim: Claim<'_>) -> Answer {
        match self.store.claim_now(claim) {
            Ok(Claimed::Fresh) => Answer::Fresh,
            Ok(Claimed::Used) => Answer::Used,
            Ok(Claimed::Expired) => Answer::Expired,
            Err(StoreError::Full { scope, retry_after, .. }) => Answer::Full(scope, retry_after),
            Err(_) => Answer::Unavailable,
        }
    }

    /// A claim of `app` on a numbered nonce, signed now.
    fn claim_of(&self, app: &str, nonce: u32) -> Answer {
        let until = self.now().saturating_add(WINDOW);
        self.claim(Claim::new("orders", app, &nonce.to_be_bytes(), until))
    }

    fn claim_nonce(&self, nonce: u32) -> Answer {
        self.claim_of("203710001", nonce)
    }

    fn claim_until(&self, nonce: u32, until: UnixMillis) -> Answer {
        self.claim(Claim::new("orders", "203710001", &nonce.to_be_bytes(), until))
    }
}

fn is_full(answer: Answer, scope: FullScope) -> bool {
    matches!(answer, Answer::Full(of, _) if of == scope)
}

// One winner.

#[test]
fn of_many_concurrent_claims_on_one_key_exactly_one_is_fresh() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 2_000;
    let bench = Bench::large();
    let barrier = Barrier::new(THREADS);
    let winners: Vec<_> = (0..ROUNDS).map(|_| AtomicUsize::new(0)).collect();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for (round, winners) in winners.iter().enumerate() {
                    barrier.wait();
                    if bench.claim_nonce(u32::try_from(round).unwrap()) == Answer::Fresh {
                        winners.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert!(winners.iter().all(|w| w.load(Ordering::Relaxed) == 1));
    assert_eq!(bench.store.len(), ROUNDS);
}

#[test]
fn concurrent_claims_at_the_bound_never_exceed_it() {
    const CAPACITY: usize = 100;
    let bench = Bench::with(|builder| builder.with_capacity(CAPACITY));
    let fresh = AtomicUsize::new(0);
    thread::scope(|scope| {
        for thread in 0..8_u32 {
            let (bench, fresh) = (&bench, &fresh);
            scope.spawn(move || {
                for nonce in 0..50 {
                    let app = if nonce % 2 == 0 { "even" } else { "odd" };
                    if bench.claim_of(app, thread * 50 + nonce) == Answer::Fresh {
                        fresh.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(fresh.into_inner(), CAPACITY);
    assert_eq!(bench.store.len(), CAPACITY);
}

#[tokio::test]
async fn everyone_who_shares_the_store_shares_its_memory() {
    let store = Arc::new(MemoryReplayStore::new());
    let shared: Arc<dyn DynReplayStore> = store.clone();
    let claim = Claim::new("orders", "203710001", b"n", UnixMillis::MAX);
    assert_eq!(ReplayStore::claim(&store, claim).await.unwrap(), Claimed::Fresh);
    assert_eq!(shared.claim(claim).await.unwrap(), Claimed::Used);
    assert_eq!(store.claim_now(claim).unwrap(), Claimed::Used);
}

// What a key is.

#[test]
fn the_same_nonce_with_another_timestamp_is_the_same_key() {
    let bench = Bench::new();
    assert_eq!(bench.claim_nonce(1), Answer::Fresh);
    for seconds in [1, 60, 300, 899] {
        let until = START.saturating_add(Duration::from_secs(seconds));
        assert_eq!(bench.claim_until(1, until), Answer::Used);
    }
    assert_eq!(bench.claim_until(1, UnixMillis::MAX), Answer::Used);
}

// How long a key is kept.

#[test]
fn a_key_is_used_through_until_and_expired_a_millisecond_later() {
    let bench = Bench::new();
    let until = START.saturating_add(WINDOW);
    assert_eq!(bench.claim_until(1, until), Answer::Fresh);
    bench.clock.advance(WINDOW);
    assert_eq!(bench.claim_until(1, until), Answer::Used);
    bench.clock.advance(MILLISECOND);
    assert_eq!(bench.claim_until(1, until), Answer::Expired);
    assert_eq!(bench.claim_until(1, until), Answer::Expired);
}

#[test]
fn a_claim_whose_until_has_passed_is_expired_every_time_and_never_written() {
    let bench = Bench::new();
    let passed = START.saturating_sub(MILLISECOND);
    assert_eq!(bench.claim_until(1, passed), Answer::Expired);
    assert_eq!(bench.claim_until(1, passed), Answer::Expired);
    assert!(bench.store.is_empty());
    assert_eq!(bench.claim_until(1, START), Answer::Fresh);
    assert_eq!(bench.claim_until(1, START), Answer::Used);
}

#[test]
fn a_request_stamped_ahead_stays_refused_until_its_own_window_ends() {
    let bench = Bench::new();
    let stamped = START.saturating_add(WINDOW);
    let until = stamped.saturating_add(WINDOW);
    assert_eq!(bench.claim_until(1, until), Answer::Fresh);
    for nonce in 2..=1_800 {
        bench.clock.advance(Duration::from_secs(1));
        assert_eq!(bench.claim_nonce(nonce), Answer::Fresh);
        assert_eq!(bench.claim_until(1, until), Answer::Used);
    }
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(bench.now(), until);
    assert_eq!(bench.claim_until(1, until), Answer::Used);
    bench.clock.advance(MILLISECOND);
    assert_eq!(bench.claim_until(1, until), Answer::Expired);
}

#[test]
fn keys_are_forgotten_when_they_are_over_at_most_half_a_lifetime_late() {
    let bench = Bench::large();
    for nonce in 0..9_000 {
        bench.clock.advance(Duration::from_millis(100));
        assert_eq!(bench.claim_nonce(nonce), Answer::Fresh);
    }
    assert_eq!(bench.store.len(), 9_000);
    for nonce in 9_000..30_000 {
        bench.clock.advance(Duration::from_millis(100));
        assert_eq!(bench.claim_nonce(nonce), Answer::Fresh);
        assert!(bench.store.len() <= 9_001 + 4_500);
    }
}

#[test]
fn a_window_of_twenty_years_works_like_any_other() {
    let bench = Bench::new();
    let until = START.saturating_add(YEAR * 20);
    assert_eq!(bench.claim_until(1, until), Answer::Fresh);
    for nonce in 2..=240 {
        bench.clock.advance(YEAR / 12);
        let until = bench.now().saturating_add(YEAR * 20);
        assert_eq!(bench.claim_until(nonce, until), Answer::Fresh);
    }
    assert_eq!(bench.claim_until(1, until), Answer::Used);
    bench.clock.step_wall_to(until);
    assert_eq!(bench.claim_until(1, until), Answer::Used);
    bench.clock.advance(MILLISECOND);
    assert_eq!(bench.claim_until(1, until), Answer::Expired);
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    let bench = Bench::new();
    assert_eq!(bench.claim_until(1, UnixMillis::ZERO), Answer::Expired);
    assert_eq!(bench.claim_until(1, UnixMillis::MAX), Answer::Fresh);
    bench.clock.step_wall_to(UnixMillis::MAX);
    assert_eq!(bench.claim_until(1, UnixMillis::MAX), Answer::Used);
    bench.clock.step_wall_to(UnixMillis::ZERO);
    assert_eq!(bench.claim_until(1, UnixMillis::MAX), Answer::Used);
    assert_eq!(bench.claim_until(2, UnixMillis::ZERO), Answer::Fresh);
    assert_eq!(bench.claim_until(2, UnixMillis::ZERO), Answer::Used);
}

// Bounds.

#[test]
fn a_flood_is_refused_at_capacity_and_makes_no_nonce_acceptable_again() {
    let bench = Bench::with(|builder| builder.with_capacity(1_000));
    for nonce in 0..1_000 {
        assert_eq!(bench.claim_nonce(nonce), Answer::Fresh);
    }
    for nonce in 1_000..5_000 {
        assert!(is_full(bench.claim_nonce(nonce), FullScope::Store));
    }
    for nonce in 0..1_000 {
        assert_eq!(bench.claim_nonce(nonce), Answer::Used);
    }
    assert_eq!(bench.store.len(), bench.store.capacity());
}

#[test]
fn a_refused_claim_wrote_nothing_and_passes_when_room_was_promised() {
    let bench = Bench::with(|builder| builder.with_capacity(100));
    for nonce in 0..100 {
        assert_eq!(bench.claim_nonce(nonce), Answer::Fresh);
        bench.clock.advance(Duration::from_secs(1));
    }
    let Answer::Full(FullScope::Store, Some(retry_after)) = bench.claim_nonce(100) else {
        panic!("a full store refuses and says when it has room");
    };
    bench.clock.advance(retry_after - MILLISECOND);
    assert!(is_full(bench.claim_nonce(100), FullScope::Store));
    bench.clock.advance(MILLISECOND);
    assert_eq!(bench.claim_nonce(100), Answer::Fresh);
}

#[test]
fn a_large_store_fills_almost_to_its_capacity_and_never_beyond() {
    let capacity = 100_003;
    let bench = Bench::with(|builder| builder.with_capacity(capacity));
    let fresh = (0..200_000).filter(|&nonce| bench.claim_nonce(nonce) == Answer::Fresh).count();
    assert_eq!(fresh, capacity);
    assert_eq!(bench.store.len(), capacity);
}

#[test]
fn a_store_without_capacity_refuses_every_claim() {
    let bench = Bench::with(|builder| builder.with_capacity(0));
    assert_eq!(bench.claim_nonce(1), Answer::Full(FullScope::Store, None));
}

#[test]
fn one_app_cannot_exceed_its_share_while_another_is_active() {
    let bench = Bench::with(|builder| builder.with_capacity(1_000));
    assert_eq!(bench.claim_of("quiet", 0), Answer::Fresh);
    let fresh = (0..2_000).filter(|&nonce| bench.claim_of("loud", nonce) == Answer::Fresh).count();
    assert_eq!(fresh, 500);
    assert!(is_full(bench.claim_of("loud", 2_000), FullScope::App));
    for nonce in 0..500 {
        assert_eq!(bench.claim_of("loud", nonce), Answer::Used);
    }
    for nonce in 1..500 {
        assert_eq!(bench.claim_of("quiet", nonce), Answer::Fresh);
    }
    assert!(is_full(bench.claim_of("third", 0), FullScope::Store));
}

#[test]
fn one_key_of_another_app_in_any_shard_enforces_the_share_in_all() {
    let capacity = 100_000;
    let bench = Bench::with(|builder| builder.with_capacity(capacity));
    assert_eq!(bench.claim_of("quiet", 0), Answer::Fresh);
    let fresh =
        (0..200_000).filter(|&nonce| bench.claim_of("loud", nonce) == Answer::Fresh).count();
    assert_eq!(fresh, capacity / 2);
}

#[test]
fn an_app_that_is_alone_may_fill_the_store() {
    let bench = Bench::with(|builder| builder.with_capacity(1_000));
    for nonce in 0..1_000 {
        assert_eq!(bench.claim_of("loud", nonce), Answer::Fresh);
    }
    assert!(is_full(bench.claim_of("loud", 1_000), FullScope::Store));
}

#[test]
fn an_app_is_alone_again_when_the_keys_of_the_others_are_over() {
    let bench = Bench::with(|builder| builder.with_capacity(100));
    assert_eq!(bench.claim_of("quiet", 0), Answer::Fresh);
    bench.clock.advance(WINDOW);
    for nonce in 0..50 {
        assert_eq!(bench.claim_of("loud", nonce), Answer::Fresh);
    }
    assert!(is_full(bench.claim_of("loud", 50), FullScope::App));
    bench.clock.advance(MILLISECOND);
    assert_eq!(bench.claim_of("loud", 50), Answer::Fresh);
}

#[test]
fn the_share_is_per_scope_and_app_key_and_can_be_set() {
    let quarter = AppShare::percent(25).unwrap();
    let bench = Bench::with(|builder| builder.with_capacity(100).with_app_share(quarter));
    let until = START.saturating_add(WINDOW);
    for scope in ["orders", "refunds"] {
        assert_eq!(bench.claim(Claim::new(scope, "other", b"n", until)), Answer::Fresh);
        let fresh = (0..100_u8)
            .filter(|&n| bench.claim(Claim::new(scope, "loud", &[n], until)) == Answer::Fresh)
            .count();
        assert_eq!(fresh, 25);
    }
}

// Clocks that lie.

#[test]
fn a_clock_ten_years_ahead_for_a_second_forgets_nothing_and_locks_nobody_out() {
    let bench = Bench::new();
    let until = START.saturating_add(WINDOW);
    for nonce in 0..100 {
        assert_eq!(bench.claim_until(nonce, until), Answer::Fresh);
    }
    bench.clock.advance(WINDOW / 2);
    let right = bench.now();

    bench.clock.step_wall_to(right.saturating_add(YEAR * 10));
    for nonce in 0..100 {
        assert_eq!(bench.claim_until(nonce, until), Answer::Expired);
        // Some callers have the same wrong clock.
        assert_eq!(bench.claim_nonce(1_000 + nonce), Answer::Fresh);
    }
    bench.clock.advance(Duration::from_secs(1));
    bench.clock.step_wall_to(right.saturating_add(Duration::from_secs(1)));

    for nonce in 0..100 {
        assert_eq!(bench.claim_until(nonce, until), Answer::Used);
        assert_eq!(bench.claim_nonce(2_000 + nonce), Answer::Fresh);
        assert_eq!(bench.claim_nonce(1_000 + nonce), Answer::Used);
    }
    // What was claimed in that second is not in the way later, either.
    bench.clock.advance(HOUR);
    for nonce in 0..100 {
        assert_eq!(bench.claim_until(nonce, until), Answer::Expired);
        assert_eq!(bench.claim_nonce(3_000 + nonce), Answer::Fresh);
    }
}

#[test]
fn a_clock_an_hour_back_forgets_nothing_and_locks_nobody_out() {
    let bench = Bench::new();
    let until = START.saturating_add(WINDOW);
    for nonce in 0..100 {
        assert_eq!(bench.claim_until(nonce, until), Answer::Fresh);
    }
    bench.clock.step_wall_to(START.saturating_sub(HOUR));
    for nonce in 0..100 {
        assert_eq!(bench.claim_until(nonce, until), Answer::Used);
        assert_eq!(bench.claim_nonce(1_000 + nonce), Answer::Fresh);
    }
    bench.clock.advance(HOUR);
    for nonce in 0..100 {
        assert_eq!(bench.claim_until(nonce, until), Answer::Used);
        assert_eq!(bench.claim_nonce(2_000 + nonce), Answer::Fresh);
    }
}

#[test]
fn a_clock_put_back_after_keys_were_forgotten_does_not_accept_them_again() {
    let bench = Bench::new();
    let until = START.saturating_add(WINDOW);
    assert_eq!(bench.claim_until(1, until), Answer::Fresh);
    bench.clock.advance(WINDOW + MILLISECOND);
    assert_eq!(bench.claim_nonce(2), Answer::Fresh);
    assert_eq!(bench.store.len(), 1);
    bench.clock.step_wall_to(START);
    assert_eq!(bench.claim_until(1, until), Answer::Expired);
}

#[test]
fn the_wall_clock_alone_makes_the_store_forget_nothing() {
    let bench = Bench::new();
    let until = START.saturating_add(WINDOW);
    assert_eq!(bench.claim_until(1, until), Answer::Fresh);
    // As after a suspend: the monotonic clock stood still.
    bench.clock.step_wall_to(until.saturating_add(HOUR));
    assert_eq!(bench.claim_until(1, until), Answer::Expired);
    assert_eq!(bench.claim_nonce(2), Answer::Fresh);
    assert_eq!(bench.store.len(), 2);
    bench.clock.step_wall_to(until);
    assert_eq!(bench.claim_until(1, until), Answer::Used);
}

// Restart.

#[test]
fn a_memory_from_before_the_start_is_not_vouched_for() {
    let bench = Bench::new();
    let claim = Claim::new("orders", "203710001", b"n", START.saturating_add(WINDOW));
    let before = claim.remembered_since(START.saturating_sub(MILLISECOND));
    assert_eq!(bench.claim(before), Answer::Expired);
    assert!(bench.store.is_empty());
    assert_eq!(bench.claim(claim.remembered_since(START)), Answer::Fresh);
    assert_eq!(bench.claim(before), Answer::Expired);
    assert_eq!(bench.claim(claim), Answer::Used);
}

// What is shown.

#[test]
fn debug_shows_the_configuration_and_no_nonce() {
    let bench = Bench::with(|builder| builder.with_capacity(42));
    let until = START.saturating_add(WINDOW);
    let claim = Claim::new("orders", "203710001", b"4f0c8e52", until);
    assert_eq!(bench.claim(claim), Answer::Fresh);
    let shown = format!("{:?}", bench.store);
    assert!(shown.contains("42") && shown.contains("50 %"), "{shown}");
    assert!(!shown.contains("4f0c8e52") && !shown.contains("203710001"), "{shown}");
}

// Any history.

#[derive(Clone, Debug)]
enum Step {
    /// Claim a nonce with an `until` this far from now, in milliseconds.
    Claim { nonce: u32, until: i64 },
    /// Claim again exactly what was claimed this many claims ago.
    Replay { back: usize },
    /// Both clocks run.
    Advance { millis: u64 },
    /// The wall clock jumps.
    Jump { millis: i64 },
}

fn steps(jump: std::ops::Range<i64>) -> impl Strategy<Value = Vec<Step>> {
    let window = 20_000_i64;
    let step = prop_oneof![
        6 => (0..12_u32, -2_000..2 * window).prop_map(|(nonce, until)| Step::Claim { nonce, until }),
        3 => (0..20_usize).prop_map(|back| Step::Replay { back }),
        3 => (0..10_000_u64).prop_map(|millis| Step::Advance { millis }),
        1 => jump.prop_map(|millis| Step::Jump { millis }),
    ];
    prop::collection::vec(step, 1..120)
}

/// A key as a store without bounds and buckets would remember it.
#[derive(Clone, Copy)]
struct Remembered {
    until: UnixMillis,
    deadline: Duration,
}

/// What any correct store may answer.
#[derive(Default)]
struct Model {
    keys: HashMap<u32, Vec<Remembered>>,
    ever_fresh: HashSet<(u32, UnixMillis)>,
    may_have_forgotten_through: Option<UnixMillis>,
}

impl Model {
    /// Keys that both clocks have passed may be forgotten from now on.
    fn forget(&mut self, wall: UnixMillis, monotonic: Duration) {
        let forgotten = &mut self.may_have_forgotten_through;
        for remembered in self.keys.values_mut() {
            remembered.retain(|key| {
                let over = wall > key.until && monotonic >= key.deadline;
                if over {
                    *forgotten = (*forgotten).max(Some(key.until));
                }
                !over
            });
        }
    }

    fn check(&mut self, bench: &Bench, nonce: u32, until: UnixMillis) {
        let (wall, monotonic) = (bench.clock.wall(), bench.clock.monotonic());
        self.forget(wall, monotonic);
        let remembered = self.keys.entry(nonce).or_default();
        let answer = bench.claim_until(nonce, until);
        if until < wall {
            assert_eq!(answer, Answer::Expired);
            return;
        }
        match answer {
            Answer::Fresh => {
                assert!(remembered.is_empty(), "fresh while an earlier claim lives");
                assert!(self.ever_fresh.insert((nonce, until)), "fresh twice");
                remembered.push(Remembered { until, deadline: monotonic + until.since(wall) });
            }
            Answer::Used => assert!(
                self.ever_fresh.iter().any(|&(known, _)| known == nonce),
                "used, but never claimed"
            ),
            Answer::Expired => assert!(
                Some(until) <= self.may_have_forgotten_through,
                "locked out, but nothing of that age was forgotten"
            ),
            Answer::Full(..) | Answer::Unavailable => {
                assert_eq!(answer, Answer::Fresh, "refused below capacity");
            }
        }
    }
}

fn run(steps: Vec<Step>) {
    let bench = Bench::new();
    let mut model = Model::default();
    let mut claims = Vec::new();
    for step in steps {
        match step {
            Step::Claim { nonce, until } => {
                let until = UnixMillis::new(bench.now().get().saturating_add_signed(until));
                claims.push((nonce, until));
                model.check(&bench, nonce, until);
            }
            Step::Replay { back } => {
                if let Some(&(nonce, until)) = claims.iter().rev().nth(back) {
                    model.check(&bench, nonce, until);
                }
            }
            Step::Advance { millis } => bench.clock.advance(Duration::from_millis(millis)),
            Step::Jump { millis } => {
                let wall = bench.now().get().saturating_add_signed(millis);
                bench.clock.step_wall_to(UnixMillis::new(wall));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_clocks_do_a_live_key_is_fresh_once_and_a_claim_is_fresh_once_ever(
        steps in steps(-60_000..60_000)
    ) {
        run(steps);
    }

    #[test]
    fn the_same_holds_when_the_wall_clock_jumps_by_decades(
        steps in steps(-600_000_000_000..600_000_000_000)
    ) {
        run(steps);
    }
}

/// A claim by `scope` on a request signed at `signed_at` under a window of `window` seconds.
fn signed<'a>(scope: &'a str, nonce: &'a [u8], signed_at: u64, window: u64) -> Claim<'a> {
    let until = UnixMillis::new(signed_at + window * 1000);
    Claim::new(scope, "app", nonce, until).signed_at(UnixMillis::new(signed_at))
}

#[test]
fn what_a_short_window_let_go_is_expired_for_a_longer_one_of_its_scope_only() {
    let clock = Arc::new(ManualClock::at(UnixMillis::new(1_000_000)));
    let store =
        MemoryReplayStore::builder().with_capacity(1_000).with_clock(Arc::clone(&clock)).build();
    assert_eq!(store.claim_now(signed("a", b"1", 1_000_000, 60)).unwrap(), Claimed::Fresh);
    clock.advance(Duration::from_secs(300));
    // The request that was accepted, and one signed earlier, under the longer window:
    assert_eq!(store.claim_now(signed("a", b"1", 1_000_000, 900)).unwrap(), Claimed::Expired);
    assert_eq!(store.claim_now(signed("a", b"2", 999_999, 900)).unwrap(), Claimed::Expired);
    // What was signed later was not forgotten, and another scope has forgotten nothing.
    assert_eq!(store.claim_now(signed("a", b"3", 1_000_001, 900)).unwrap(), Claimed::Fresh);
    assert_eq!(store.claim_now(signed("b", b"1", 1_000_000, 900)).unwrap(), Claimed::Fresh);
}
