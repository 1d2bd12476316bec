//! What `MemoryReplayStore` promises of claims that can be taken back, one sentence per test.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::store::{
    Claim, ClaimToken, Claimed, DangerouslyFailOpen, DynTwoPhaseReplayStore, FullScope,
    MemoryReplayStore, MemoryReplayStoreBuilder, Released, ReplayStore, Reserved, StoreError,
    TwoPhaseReplayStore,
};
use proptest::prelude::*;

const START: UnixMillis = UnixMillis::new(1_646_365_291_734);
const WINDOW: Duration = Duration::from_secs(900);
const MILLISECOND: Duration = Duration::from_millis(1);
const APP: &str = "203710001";
const OTHER_APP: &str = "203710002";

/// A store and the clock it reads.
struct Bench {
    clock: Arc<ManualClock>,
    store: MemoryReplayStore,
}

impl Bench {
    fn new() -> Self {
        Self::with(|builder| builder.with_capacity(8_000))
    }

    fn with(configure: impl FnOnce(MemoryReplayStoreBuilder) -> MemoryReplayStoreBuilder) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let builder = MemoryReplayStore::builder().with_clock(Arc::clone(&clock));
        Self { clock, store: configure(builder).build() }
    }

    #[track_caller]
    fn fresh(&self, claim: Claim<'_>) -> ClaimToken {
        match self.store.reserve_now(claim) {
            Ok(Reserved::Fresh(token)) => token,
            answer => panic!("not fresh: {answer:?}"),
        }
    }

    #[track_caller]
    fn assert_used(&self, claim: Claim<'_>) {
        assert_eq!(self.store.reserve_now(claim).unwrap(), Reserved::Used);
        assert_eq!(self.store.claim_now(claim).unwrap(), Claimed::Used);
    }
}

/// The app's claim on a nonce, signed at the start.
fn claim(nonce: &[u8]) -> Claim<'_> {
    of(APP, nonce)
}

fn of<'a>(app_key: &'a str, nonce: &'a [u8]) -> Claim<'a> {
    Claim::new("orders", app_key, nonce, START.saturating_add(WINDOW)).signed_at(START)
}

/// The app's claim on a nonce, with an unsigned timestamp.
fn unsigned(nonce: &[u8], until: UnixMillis) -> Claim<'_> {
    Claim::new("orders", APP, nonce, until)
}

#[test]
fn lesson_27_a_key_is_released_at_most_once_in_its_life() {
    let bench = Bench::new();
    let first = bench.fresh(claim(b"n"));
    bench.assert_used(claim(b"n"));
    assert_eq!(bench.store.release_now(claim(b"n"), first), Released::Released);
    assert_eq!(bench.store.release_now(claim(b"n"), first), Released::Kept, "it is released");
    let second = bench.fresh(claim(b"n"));
    bench.assert_used(claim(b"n"));
    for token in [first, second] {
        assert_eq!(bench.store.release_now(claim(b"n"), token), Released::Kept);
    }
    bench.assert_used(claim(b"n"));
}

#[test]
fn lesson_27_a_claim_that_needs_no_token_takes_a_released_key_for_good() {
    let bench = Bench::new();
    let token = bench.fresh(claim(b"n"));
    assert_eq!(bench.store.release_now(claim(b"n"), token), Released::Released);
    assert_eq!(bench.store.claim_now(claim(b"n")).unwrap(), Claimed::Fresh);
    assert_eq!(bench.store.release_now(claim(b"n"), token), Released::Kept);
    bench.assert_used(claim(b"n"));
}

#[test]
fn lesson_27_a_foreign_token_releases_nothing() {
    let (bench, other) = (Bench::new(), Bench::new());
    let own = bench.fresh(claim(b"n"));
    let foreign = [
        bench.fresh(claim(b"m")),
        bench.fresh(of(OTHER_APP, b"n")),
        other.fresh(claim(b"n")),
        ClaimToken::new(0),
        ClaimToken::new(own.get() ^ 1),
    ];
    for token in foreign {
        assert_eq!(bench.store.release_now(claim(b"n"), token), Released::Kept);
    }
    // Neither does its own, for another claim.
    let until = START.saturating_add(WINDOW);
    let others = [claim(b"m"), of(OTHER_APP, b"n"), unsigned(b"n", until)];
    for claim in others {
        assert_eq!(bench.store.release_now(claim, own), Released::Kept);
    }
    bench.assert_used(claim(b"n"));
    assert_eq!(bench.store.release_now(claim(b"n"), own), Released::Released);
}

#[test]
fn what_was_claimed_without_a_token_cannot_be_released() {
    let bench = Bench::new();
    assert_eq!(bench.store.claim_now(claim(b"n")).unwrap(), Claimed::Fresh);
    for bits in [0, 1, u128::MAX] {
        assert_eq!(bench.store.release_now(claim(b"n"), ClaimToken::new(bits)), Released::Kept);
    }
    bench.assert_used(claim(b"n"));
}

#[test]
fn lesson_27_a_released_key_expires_like_any_other() {
    let bench = Bench::new();
    let token = bench.fresh(claim(b"n"));
    bench.clock.advance(WINDOW);
    assert_eq!(bench.store.release_now(claim(b"n"), token), Released::Released);
    bench.clock.advance(MILLISECOND);
    assert_eq!(bench.store.reserve_now(claim(b"n")).unwrap(), Reserved::Expired);
    // Nor is it kept any longer.
    bench.clock.advance(WINDOW);
    let later = START.saturating_add(WINDOW * 4);
    bench.fresh(unsigned(b"m", later));
    assert_eq!(bench.store.len(), 1);
}

#[test]
fn lesson_27_a_claim_that_is_over_is_not_released() {
    let bench = Bench::new();
    let token = bench.fresh(claim(b"n"));
    bench.clock.advance(WINDOW + MILLISECOND);
    assert_eq!(bench.store.release_now(claim(b"n"), token), Released::Kept);
}

#[test]
fn lesson_27_a_token_of_a_forgotten_claim_does_not_release_a_later_one() {
    let bench = Bench::new();
    let old = bench.fresh(claim(b"n"));
    bench.clock.advance(WINDOW * 2);
    let again = unsigned(b"n", START.saturating_add(WINDOW * 3));
    let new = bench.fresh(again);
    assert_eq!(bench.store.release_now(claim(b"n"), old), Released::Kept);
    assert_eq!(bench.store.release_now(again, old), Released::Kept);
    // Even if the clock is put back to when the old one was not over.
    bench.clock.step_wall_to(START);
    assert_eq!(bench.store.release_now(claim(b"n"), old), Released::Kept);
    bench.assert_used(again);
    assert_eq!(bench.store.release_now(again, new), Released::Released);
}

#[test]
fn lesson_27_a_key_claimed_again_is_kept_as_long_as_the_later_of_both_claims() {
    // A nonce with an unsigned timestamp is kept from receipt; or another request takes it over.
    let at = |seconds| START.saturating_add(Duration::from_secs(seconds));
    for (first, second) in [(900, 1_500), (900, 60)] {
        let bench = Bench::new();
        let [first, second] = [first, second].map(|seconds| unsigned(b"n", at(seconds)));
        let token = bench.fresh(first);
        assert_eq!(bench.store.release_now(first, token), Released::Released);
        bench.fresh(second);
        let last = first.until.max(second.until);
        // Other claims make the store forget what it may.
        for (passed, nonce) in (0_u64..).zip(0..last.since(START).as_secs()) {
            let until = at(passed).saturating_add(Duration::from_secs(1));
            bench.fresh(unsigned(&nonce.to_be_bytes(), until));
            for claim in [first, second] {
                let answer = bench.store.reserve_now(claim).unwrap();
                let expected =
                    if claim.until < at(passed) { Reserved::Expired } else { Reserved::Used };
                assert_eq!(answer, expected, "{passed} s later");
            }
            bench.clock.advance(Duration::from_secs(1));
        }
        bench.clock.step_wall_to(last);
        bench.assert_used(unsigned(b"n", last));
    }
}

#[test]
fn lesson_27_releasing_changes_neither_capacity_nor_shares() {
    let bench = Bench::with(|builder| builder.with_capacity(10));
    bench.fresh(of(OTHER_APP, b"n"));
    let is_full = |claim, of| match bench.store.reserve_now(claim) {
        Err(StoreError::Full { scope, .. }) => scope == of,
        _ => false,
    };
    let nonces: Vec<_> = (0..5_u8).map(|n| [n]).collect();
    for (held, nonce) in (2..).zip(&nonces) {
        let token = bench.fresh(claim(nonce));
        assert_eq!(bench.store.release_now(claim(nonce), token), Released::Released);
        assert_eq!(bench.store.len(), held);
        if held == 6 {
            assert!(is_full(claim(b"fresh"), FullScope::App), "a released key is held still");
        }
        bench.fresh(claim(nonce));
        assert_eq!(bench.store.len(), held, "and none is held twice");
    }
    assert!(is_full(claim(b"fresh"), FullScope::App));
    for n in 0..4_u8 {
        bench.fresh(of(OTHER_APP, &[n, n]));
    }
    assert!(is_full(of(OTHER_APP, b"fresh"), FullScope::Store));
    bench.assert_used(claim(&nonces[0]));
}

#[test]
fn lesson_27_of_many_concurrent_claims_on_a_released_key_exactly_one_is_fresh() {
    const THREADS: usize = 8;
    let bench = Bench::with(|builder| builder);
    for round in 0..500_u32 {
        let nonce = round.to_be_bytes();
        let token = bench.fresh(claim(&nonce));
        let start = Barrier::new(THREADS);
        let winners: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        // All release, all claim.
                        let _ = bench.store.release_now(claim(&nonce), token);
                        let answer = bench.store.reserve_now(claim(&nonce)).unwrap();
                        usize::from(answer.claimed() == Claimed::Fresh)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(winners, 1);
    }
}

#[tokio::test]
async fn the_store_is_the_same_by_every_name() {
    let store = Arc::new(MemoryReplayStore::new());
    let shared: Arc<dyn DynTwoPhaseReplayStore> = store.clone();
    for nonce in [b"a", b"b"] {
        let claim = unsigned(nonce, UnixMillis::MAX);
        let Reserved::Fresh(token) = TwoPhaseReplayStore::reserve(&store, claim).await.unwrap()
        else {
            panic!("it is fresh");
        };
        assert_eq!(shared.claim(claim).await.unwrap(), Claimed::Used);
        match nonce {
            b"a" => assert_eq!(shared.release(claim, token).await.unwrap(), Released::Released),
            _ => assert_eq!(shared.try_release_now(claim, token), Some(Released::Released)),
        }
        assert_eq!(
            TwoPhaseReplayStore::release(&store, claim, token).await.unwrap(),
            Released::Kept
        );
        assert_eq!(store.claim_now(claim).unwrap(), Claimed::Fresh);
    }
}

/// A store whose answers do not arrive while it is away, though it acts all the same.
struct Lossy {
    store: MemoryReplayStore,
    is_away: AtomicBool,
}

impl Lossy {
    fn away(is_away: bool) -> (Arc<Self>, DangerouslyFailOpen<Arc<Self>>) {
        let (store, is_away) = (MemoryReplayStore::new(), AtomicBool::new(is_away));
        let lossy = Arc::new(Self { store, is_away });
        (Arc::clone(&lossy), DangerouslyFailOpen::new(lossy))
    }

    fn way<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        match self.is_away.load(Ordering::SeqCst) {
            true => Err(StoreError::unavailable("the answer was lost")),
            false => answer,
        }
    }
}

impl ReplayStore for Lossy {
    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        self.way(self.store.claim_now(claim))
    }
}

impl TwoPhaseReplayStore for Lossy {
    async fn reserve(&self, claim: Claim<'_>) -> Result<Reserved, StoreError> {
        self.way(self.store.reserve_now(claim))
    }

    async fn release(&self, claim: Claim<'_>, token: ClaimToken) -> Result<Released, StoreError> {
        self.way(Ok(self.store.release_now(claim, token)))
    }
}

#[tokio::test]
async fn a_claim_that_passed_without_the_store_releases_nobodys() {
    let (lossy, open) = Lossy::away(true);
    let claim = unsigned(b"n", UnixMillis::MAX);
    // The first was made, and its answer was lost; the second was not.
    for _ in 0..2 {
        let Reserved::Fresh(token) = open.reserve(claim).await.unwrap() else {
            panic!("it is let through");
        };
        assert!(open.release(claim, token).await.is_err(), "what nobody answers is not released");
        lossy.is_away.store(false, Ordering::SeqCst);
        assert_eq!(open.release(claim, token).await.unwrap(), Released::Kept);
        assert_eq!(open.reserve(claim).await.unwrap(), Reserved::Used);
        lossy.is_away.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn while_its_store_answers_a_store_that_fails_open_is_that_store() {
    let (_, open) = Lossy::away(false);
    let claim = unsigned(b"n", UnixMillis::MAX);
    let Reserved::Fresh(token) = open.reserve(claim).await.unwrap() else {
        panic!("it is fresh");
    };
    assert_eq!(open.reserve(claim).await.unwrap(), Reserved::Used);
    assert_eq!(open.release(claim, token).await.unwrap(), Released::Released);
    assert_eq!(open.claim(claim).await.unwrap(), Claimed::Fresh);
    assert_eq!(open.claim(claim).await.unwrap(), Claimed::Used);
    assert_eq!(open.try_release_now(claim, token), None);
    let full = DangerouslyFailOpen::new(MemoryReplayStore::builder().with_capacity(0).build());
    assert!(matches!(full.reserve(claim).await, Err(StoreError::Full { .. })));
}

/// A key's life, as the contract has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Pending,
    Released,
    Used,
}

#[derive(Clone, Debug)]
enum Step {
    Claim(u8),
    Reserve(u8),
    /// By the how manyth token that was given out.
    Release(u8, prop::sample::Index),
    Pass(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let nonce = 0..4_u8;
    prop_oneof![
        nonce.clone().prop_map(Step::Claim),
        nonce.clone().prop_map(Step::Reserve),
        nonce.clone().prop_map(Step::Reserve),
        (nonce, any::<prop::sample::Index>()).prop_map(|(n, token)| Step::Release(n, token)),
        (0..400_000_u32).prop_map(Step::Pass),
    ]
}

/// The bytes of a numbered nonce in one of its lives: each ends at another time.
fn name(nonce: u8, until: UnixMillis) -> Vec<u8> {
    [&[nonce], &until.get().to_be_bytes()[..]].concat()
}

proptest! {
    /// Whoever claims a key that is alive claims as the first did; what is over is not claimed again.
    #[test]
    fn the_store_lives_as_its_contract_says(steps in prop::collection::vec(step(), 1..200)) {
        let bench = Bench::new();
        let mut lives: HashMap<u8, (UnixMillis, Life)> = HashMap::new();
        let mut tokens: Vec<(u8, UnixMillis, ClaimToken)> = Vec::new();
        for step in steps {
            let now = bench.clock.wall();
            match step {
                Step::Pass(millis) => bench.clock.advance(Duration::from_millis(millis.into())),
                Step::Release(..) if tokens.is_empty() => {}
                Step::Release(nonce, index) => {
                    let (of, until, token) = tokens[index.index(tokens.len())];
                    let pending = lives.get(&nonce) == Some(&(until, Life::Pending));
                    let expected = match of == nonce && until >= now && pending {
                        true => Released::Released,
                        false => Released::Kept,
                    };
                    let name = name(nonce, until);
                    let answer = bench.store.release_now(unsigned(&name, until), token);
                    prop_assert_eq!(answer, expected);
                    if answer == Released::Released {
                        lives.insert(nonce, (until, Life::Released));
                    }
                }
                Step::Claim(nonce) | Step::Reserve(nonce) => {
                    let alive = lives.get(&nonce).copied().filter(|(until, _)| *until >= now);
                    let (until, life) = alive.unzip();
                    let until = until.unwrap_or_else(|| now.saturating_add(WINDOW));
                    let name = name(nonce, until);
                    let claim = unsigned(&name, until);
                    let (claimed, token) = match step {
                        Step::Claim(_) => (bench.store.claim_now(claim).unwrap(), None),
                        _ => match bench.store.reserve_now(claim).unwrap() {
                            Reserved::Fresh(token) => (Claimed::Fresh, Some(token)),
                            other => (other.claimed(), None),
                        },
                    };
                    let next = match (life, token) {
                        (Some(Life::Pending | Life::Used), _) => None,
                        (Some(Life::Released), _) | (None, None) => Some(Life::Used),
                        (None, Some(_)) => Some(Life::Pending),
                    };
                    let expected = next.map_or(Claimed::Used, |_| Claimed::Fresh);
                    prop_assert_eq!(claimed, expected);
                    tokens.extend(token.map(|token| (nonce, until, token)));
                    if let Some(next) = next {
                        lives.insert(nonce, (until, next));
                    }
                }
            }
        }
    }
}
