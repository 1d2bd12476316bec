//! Requests that come again.

use std::sync::Arc;
use std::time::Duration;

use countersign::clock::{ManualClock, UnixMillis};
use countersign::store::MemoryReplayStore;
use countersign::verify::Policy;

use crate::backend::{Backend, send, whole};
use crate::support::{Call, NOW, OTHER_KEY, SECRET, WINDOW_MILLIS};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lesson_18_of_many_identical_requests_at_once_one_is_handled() {
    let backend = Backend::strict();
    for _ in 0..20 {
        let before = backend.started();
        let call = Arc::new(Call::post("/").json("{}").sign());
        let sends = (0..32).map(|_| {
            let (app, call) = (backend.app(), Arc::clone(&call));
            tokio::spawn(async move { send(&app, whole(&call)).await.code() })
        });
        let mut codes = Vec::new();
        for sent in sends.collect::<Vec<_>>() {
            codes.push(sent.await.unwrap());
        }
        assert_eq!(codes.iter().filter(|code| *code == "200").count(), 1);
        assert_eq!(codes.iter().filter(|code| *code == "S403NU").count(), 31);
        assert_eq!(backend.started() - before, 1);
    }
}

#[tokio::test]
async fn lesson_21_a_flood_to_capacity_lets_no_replay_through() {
    let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
    let store = MemoryReplayStore::builder().with_capacity(10).with_clock(Arc::clone(&clock));
    let backend = Backend::with_replay(Policy::strict(), clock, store.build());
    let app = backend.app();
    // Two apps are active, so that each may hold half.
    let quiet = Call::get("/").key(OTHER_KEY, SECRET).sign();
    assert_eq!(send(&app, whole(&quiet)).await.code(), "200");

    let calls: Vec<_> = (0..20).map(|_| Call::get("/").sign()).collect();
    let mut codes = Vec::new();
    for call in &calls {
        codes.push(send(&app, whole(call)).await.code());
    }
    assert_eq!(codes.iter().filter(|code| *code == "200").count(), 5, "one app's share");
    assert_eq!(codes.iter().filter(|code| *code == "X503BZ").count(), 15);
    assert_eq!(send(&app, whole(&calls[0])).await.code(), "S403NU");
    assert_eq!(send(&app, whole(&quiet)).await.code(), "S403NU");

    let other = Call::get("/").key(OTHER_KEY, SECRET).sign();
    assert_eq!(send(&app, whole(&other)).await.code(), "200", "the others still have room");
}

#[tokio::test]
async fn a_full_store_says_when_to_come_back() {
    let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
    let store = MemoryReplayStore::builder().with_capacity(1).with_clock(Arc::clone(&clock));
    let backend = Backend::with_replay(Policy::strict(), clock, store.build());
    assert_eq!(send(&backend.app(), whole(&Call::get("/").sign())).await.code(), "200");
    let answer = send(&backend.app(), whole(&Call::get("/").sign())).await;
    assert_eq!(answer.code(), "X503BZ");
    assert_eq!(answer.header("retry-after"), "901", "when the window of the first has ended");
}

#[tokio::test]
async fn lesson_20_a_request_stamped_ahead_stays_refused_to_the_end_of_its_window() {
    let backend = Backend::strict();
    let call = Call::get("/").timestamp(NOW + WINDOW_MILLIS).sign();
    assert_eq!(send(&backend.app(), whole(&call)).await.code(), "200");
    for (passed, code) in [
        (WINDOW_MILLIS, "S403NU"),
        (WINDOW_MILLIS, "S403NU"), // its last acceptable instant
        (1, "S403TE"),
        (WINDOW_MILLIS, "S403TE"),
    ] {
        backend.clock.advance(Duration::from_millis(passed));
        assert_eq!(send(&backend.app(), whole(&call)).await.code(), code);
    }
}

#[tokio::test]
async fn lesson_26_a_clock_step_neither_reopens_the_window_nor_locks_callers_out() {
    let backend = Backend::strict();
    let app = backend.app();
    let recorded = Call::get("/").sign();
    assert_eq!(send(&app, whole(&recorded)).await.code(), "200");
    let ten_years = 10 * 365 * 24 * 3_600_000;
    for stepped in [NOW + ten_years, NOW - 3_600_000] {
        backend.clock.step_wall_to(UnixMillis::new(stepped));
        let now = Call::get("/").timestamp(stepped).sign();
        let expected = if stepped > NOW { "200" } else { "S403TE" };
        // A store that began after the clock's reading cannot vouch for it: strict refuses.
        assert_eq!(send(&app, whole(&now)).await.code(), expected);
        backend.clock.advance(Duration::from_secs(1));
        backend.clock.step_wall_to(UnixMillis::new(NOW + 1000));
        assert_eq!(send(&app, whole(&recorded)).await.code(), "S403NU");
        let honest = Call::get("/").timestamp(NOW + 1000).sign();
        assert_eq!(send(&app, whole(&honest)).await.code(), "200");
    }
}

#[tokio::test]
async fn strict_refuses_what_was_signed_before_the_store_began() {
    let before = Call::get("/").timestamp(NOW - 1).sign();
    assert_eq!(send(&Backend::strict().app(), whole(&before)).await.code(), "S403TE");
    let compatible = Backend::new(Policy::gateway_compatible());
    assert_eq!(send(&compatible.app(), whole(&before)).await.code(), "200");
}
