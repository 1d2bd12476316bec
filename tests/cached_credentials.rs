//! A cache in front of a slow credential store: what is asked of the store, and what is served.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what fails here fails a test"
)]

mod backing;
mod support;

use std::sync::Arc;
use std::time::Duration;

use backing::{Bench, Mood, NOW, app, code, id, settle};
use countersign::credential::{App, AppCode};
use countersign::error::ErrorCode;
use countersign::store::{
    CachedCredentials, CredentialStore, MemoryCredentials, MemoryReplayStore, StoreError,
};
use countersign::verify::Verifier;
use futures_util::FutureExt;
use support::{Call, assert_accepted, assert_code};

const MILLI: Duration = Duration::from_millis(1);

#[tokio::test]
async fn an_app_is_loaded_once_and_served_until_its_time_to_live_ends() {
    let bench = Bench::new(|b| b);
    for _ in 0..100 {
        assert_eq!(bench.id("k").await.unwrap(), "a");
    }
    bench.backing.apps.remove("k");
    bench.pass(41);
    assert_eq!(bench.id("k").await.unwrap(), "a");
    assert_eq!(bench.backing.asked(), 1);
    bench.clock.advance(Duration::from_secs(19) - MILLI);
    assert_eq!(bench.id("k").await.unwrap(), "a", "the last millisecond");
    bench.clock.advance(MILLI);
    assert_eq!(bench.id("k").await, None);
}

#[tokio::test(start_paused = true)]
async fn the_age_counts_from_the_moment_the_load_began() {
    let bench = Bench::new(|b| b.with_load_timeout(Duration::from_secs(100)));
    bench.backing.turns(Mood::Slow(Duration::from_secs(50)));
    let slow = tokio::spawn({
        let cached = bench.cached.clone();
        async move { id(cached.app_by_key("k").await) }
    });
    settle().await;
    bench.backing.apps.remove("k"); // it was read before
    bench.pass(50);
    assert_eq!(slow.await.unwrap().unwrap(), "a");
    bench.backing.turns(Mood::Well);
    bench.pass(10);
    assert_eq!(bench.id("k").await, None, "60 seconds after it was read");
}

#[tokio::test]
async fn an_app_in_use_is_refreshed_before_it_is_too_old_and_not_waited_for() {
    let bench = Bench::new(|b| b);
    bench.id("k").await;
    bench.backing.apps.replace(app("new", "k")).unwrap();
    bench.pass(55);
    for _ in 0..100 {
        let answer = bench.cached.app_by_key("k").now_or_never();
        assert_eq!(id(answer.expect("nothing is waited for")).unwrap(), "a");
    }
    settle().await;
    assert_eq!(bench.backing.asked(), 2, "one load, one refresh");
    assert_eq!(bench.id("k").await.unwrap(), "new");
    bench.pass(41);
    assert_eq!(bench.id("k").await.unwrap(), "new");
    settle().await;
    assert_eq!(bench.backing.asked(), 0);
}

#[tokio::test]
async fn apps_that_were_loaded_together_are_not_refreshed_together() {
    let bench = Bench::new(|b| b);
    let keys: Vec<_> = (0..200).map(|n| format!("key {n}")).collect();
    for key in &keys {
        bench.backing.apps.insert(app(key, key)).unwrap();
        bench.id(key).await;
    }
    assert_eq!(bench.backing.asked(), 200);
    bench.pass(48);
    for key in &keys {
        bench.id(key).await;
    }
    settle().await;
    let refreshed = bench.backing.asked();
    assert!((20..=180).contains(&refreshed), "{refreshed} of 200 at 80 %");
}

#[tokio::test]
async fn a_refresh_that_fails_is_tried_again_in_a_second_and_serves_meanwhile() {
    let bench = Bench::new(|b| b);
    bench.id("k").await;
    bench.backing.asked();
    bench.backing.turns(Mood::Down);
    bench.pass(55);
    for second in 1..=5 {
        for _ in 0..10 {
            assert_eq!(bench.id("k").await.unwrap(), "a");
            settle().await;
        }
        assert_eq!(bench.backing.asked(), 1, "in second {second}");
        if second < 5 {
            bench.pass(1);
        }
    }
    bench.pass(1);
    bench.cached.app_by_key("k").await.unwrap_err();
}

#[tokio::test]
async fn what_is_unknown_is_remembered_for_a_shorter_time() {
    let bench = Bench::new(|b| b);
    for _ in 0..100 {
        assert_eq!(bench.id("new").await, None);
        assert_eq!(bench.id_by_code("code of new").await, None);
    }
    assert_eq!(bench.backing.asked(), 2);
    bench.backing.apps.insert(app("b", "new")).unwrap();
    bench.clock.advance(Duration::from_secs(5) - MILLI);
    assert_eq!(bench.id("new").await, None);
    bench.clock.advance(MILLI);
    assert_eq!(bench.id_by_code("code of new").await.unwrap(), "b");
    assert_eq!(bench.id("new").await.unwrap(), "b");
    assert_eq!(bench.backing.asked(), 1);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_evicts_no_app() {
    let bench = Bench::new(|b| {
        b.with_capacity(20).with_negative_capacity(20).with_max_unknown_per_second(u32::MAX)
    });
    let keys: Vec<_> = (0..20).map(|n| format!("hot {n}")).collect();
    for key in &keys {
        bench.backing.apps.insert(app(key, key)).unwrap();
        bench.id(key).await;
    }
    for stranger in 0..5_000 {
        assert_eq!(bench.id(&format!("stranger {stranger}")).await, None);
    }
    assert_eq!(bench.backing.asked(), 5_020);
    for key in &keys {
        assert!(bench.id(key).await.is_some());
    }
    assert_eq!(bench.backing.asked(), 0);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_reaches_the_store_as_often_as_the_budget_lets_it() {
    let bench = Bench::new(|b| b.with_max_unknown_per_second(10));
    bench.id("k").await;
    // Who is found pays nothing.
    for n in 0..1_000 {
        let key = format!("good {n}");
        bench.backing.apps.insert(app("good", &key)).unwrap();
        assert!(bench.id(&key).await.is_some());
    }
    assert_eq!(bench.backing.asked(), 1_001);

    for second in 0..5 {
        let (mut unknown, mut busy) = (0, 0);
        for n in 0..500 {
            match bench.cached.app_by_key(&format!("stranger {second} {n}")).await {
                Ok(None) => unknown += 1,
                Err(StoreError::Busy { retry_after: Some(wait) }) => {
                    assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
                    busy += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((unknown, busy, bench.backing.asked()), (10, 490, 10));
        // An app that is known, even one too old to serve, is asked for nonetheless.
        bench.pass(1);
    }
    let stranger = bench.cached.app_by_key("one more").await;
    assert!(matches!(stranger, Ok(None)), "{stranger:?}");
}

#[tokio::test]
async fn beyond_the_budget_a_stranger_gets_x503bz_and_a_time_to_retry() {
    let bench = Bench::new(|b| b.with_max_unknown_per_second(1));
    let verifier = Verifier::new(bench.cached.clone(), MemoryReplayStore::new());
    let presented = async |code: &str| {
        let call = Call::get("/").with_app_code(code);
        verifier.verify(call.head(), &call.body).await
    };
    assert_code(presented("a guess").await, ErrorCode::A401AC);
    let refused = assert_code(presented("another").await, ErrorCode::X503BZ);
    assert_eq!(refused.retry_after(), Some(Duration::from_secs(1)));
    bench.pass(1);
    assert_accepted(presented("code of k").await);
}

#[tokio::test]
async fn a_flood_does_not_come_between_an_app_and_its_loads() {
    let bench = Bench::new(|b| b.with_max_unknown_per_second(1));
    bench.id("k").await;
    bench.pass(61);
    assert_eq!(bench.id("a stranger").await, None);
    bench.cached.app_by_key("another").await.unwrap_err();
    bench.backing.asked();
    assert_eq!(bench.id("k").await.unwrap(), "a");
    bench.pass(61);
    assert_eq!(bench.id("a stranger").await, None);
    bench.cached.app_by_key("another").await.unwrap_err();
    assert_eq!(bench.id_by_code("code of k").await.unwrap(), "a");
}

#[tokio::test(start_paused = true)]
async fn strangers_look_ups_that_run_at_a_time_are_bounded() {
    let bench = Bench::new(|b| b.with_max_loads(3));
    bench.id("k").await;
    bench.pass(61);
    bench.backing.asked();
    bench.backing.turns(Mood::Slow(Duration::from_secs(1)));
    let ask = |key: &str| {
        let (cached, key) = (bench.cached.clone(), key.to_owned());
        tokio::spawn(async move { cached.app_by_key(&key).await })
    };
    let three = ["s1", "s2", "s3"].map(ask);
    settle().await;
    let fourth = ask("s4").await.unwrap().unwrap_err();
    assert!(matches!(fourth, StoreError::Busy { retry_after: Some(_) }), "{fourth:?}");
    let (same, known) = (ask("s1"), ask("k"));
    for stranger in three {
        assert!(stranger.await.unwrap().unwrap().is_none());
    }
    assert!(same.await.unwrap().unwrap().is_none(), "it joined the first");
    assert!(known.await.unwrap().unwrap().is_some(), "it is no stranger");
    assert_eq!(bench.backing.asked(), 4);
    assert!(ask("s4").await.unwrap().unwrap().is_none(), "there is room again");
}

#[tokio::test]
async fn both_credentials_find_one_entry_and_are_forgotten_together() {
    let bench = Bench::new(|b| b);
    assert_eq!(bench.id("k").await.unwrap(), "a");
    assert_eq!(bench.id_by_code("code of k").await.unwrap(), "a");
    assert_eq!(bench.backing.asked(), 1);

    bench.backing.apps.replace(app("new", "k").with_app_code(code("second"))).unwrap();
    assert_eq!(bench.id_by_code("second").await.unwrap(), "new");
    assert_eq!(bench.id("k").await.unwrap(), "new", "the load by AppCode serves the AppKey, too");
    assert_eq!(bench.backing.asked(), 1);

    bench.backing.apps.remove("k");
    bench.cached.invalidate_key("k");
    assert_eq!(bench.id_by_code("code of k").await, None);
    assert_eq!(bench.id_by_code("second").await, None);
    assert_eq!(bench.id("k").await, None);
}

#[tokio::test]
async fn an_app_code_that_was_taken_away_is_not_found_through_its_app() {
    let bench = Bench::new(|b| b);
    assert_eq!(bench.id_by_code("code of k").await.unwrap(), "a");
    let other_code = app("a", "other").with_app_code(code("code of k"));
    bench.backing.apps.remove("k");
    bench.backing.apps.insert(other_code).unwrap();
    bench.pass(61);
    assert_eq!(bench.id("k").await, None);
    assert_eq!(
        bench.cached.app_by_code(&code("code of k")).await.unwrap().unwrap().key().as_str(),
        "other"
    );
}

#[tokio::test]
async fn invalidation_forgets_what_is_known_and_what_is_unknown() {
    let bench = Bench::new(|b| b);
    let late = app("late", "late");
    bench.backing.apps.insert(app("b", "other")).unwrap();
    for invalidate in [(|bench: &Bench| bench.cached.invalidate_key("k")) as fn(&Bench), |bench| {
        bench.cached.invalidate_all()
    }] {
        bench.id("k").await;
        bench.id("other").await;
        assert_eq!((bench.id("late").await, bench.id_by_code("code of late").await), (None, None));
        bench.backing.asked();
        bench.backing.apps.insert(late.clone()).unwrap();
        bench.backing.apps.replace(app("new", "k")).unwrap();
        assert_eq!((bench.id("late").await, bench.id("k").await.unwrap()), (None, "a".into()));

        invalidate(&bench);
        assert_eq!(bench.id("k").await.unwrap(), "new");
        assert_eq!(bench.id_by_code("code of late").await.unwrap(), "late");
        assert_eq!(bench.id("late").await.unwrap(), "late");

        bench.backing.apps.remove("late");
        bench.backing.apps.replace(app("a", "k")).unwrap();
        bench.cached.invalidate_all();
    }
    bench.backing.asked();
    bench.id("k").await;
    bench.id("other").await;
    bench.cached.invalidate_key("k");
    bench.id("other").await;
    assert_eq!(bench.backing.asked(), 2, "another app stays");
}

#[tokio::test]
async fn a_failure_is_not_remembered_and_nothing_stale_is_served_unless_allowed() {
    let bench = Bench::new(|b| b);
    bench.id("k").await;
    bench.backing.turns(Mood::Down);
    bench.pass(60);
    for _ in 0..3 {
        let error = bench.cached.app_by_key("k").await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        bench.cached.app_by_key("cold").await.unwrap_err();
    }
    assert_eq!(bench.backing.asked(), 1 + 6);
    bench.backing.turns(Mood::Well);
    assert_eq!(bench.id("k").await.unwrap(), "a");
    assert_eq!(bench.id("cold").await, None);
}

#[tokio::test]
async fn where_allowed_a_stale_app_is_served_for_a_while_and_asked_for_once_a_second() {
    let bench = Bench::new(|b| b.with_stale_if_error(Duration::from_secs(30)));
    bench.id("k").await;
    bench.backing.asked();
    bench.backing.turns(Mood::Down);
    bench.pass(60);
    for _ in 0..30 {
        for _ in 0..10 {
            assert_eq!(bench.id("k").await.unwrap(), "a");
            assert_eq!(bench.id_by_code("code of k").await.unwrap(), "a");
        }
        assert_eq!(bench.backing.asked(), 1);
        bench.pass(1);
    }
    bench.cached.app_by_key("k").await.unwrap_err();
    bench.cached.app_by_code(&code("code of k")).await.unwrap_err();

    // What the store says counts as soon as it says something.
    bench.backing.turns(Mood::Well);
    bench.cached.invalidate_all();
    bench.id("k").await;
    bench.backing.turns(Mood::Down);
    bench.pass(61);
    assert_eq!(bench.id("k").await.unwrap(), "a");
    bench.backing.turns(Mood::Well);
    bench.backing.apps.remove("k");
    bench.pass(1);
    assert_eq!(bench.id("k").await, None);
    bench.backing.turns(Mood::Down);
    bench.pass(6);
    bench.cached.app_by_key("k").await.unwrap_err();
}

#[tokio::test]
async fn nothing_stale_outlives_the_apps_own_expiry() {
    let bench = Bench::new(|b| b.with_stale_if_error(Duration::from_secs(3600)));
    let end = NOW.saturating_add(Duration::from_secs(100));
    bench.backing.apps.replace(app("a", "k").with_expiry(end)).unwrap();
    bench.id("k").await;
    bench.backing.turns(Mood::Down);
    bench.clock.advance(Duration::from_secs(100) - MILLI);
    assert_eq!(bench.id("k").await.unwrap(), "a");
    bench.clock.advance(MILLI);
    bench.cached.app_by_key("k").await.unwrap_err();
}

#[tokio::test]
async fn what_a_store_finds_too_generously_is_not_remembered_under_another_name() {
    struct Lax(Arc<App>);
    impl CredentialStore for Lax {
        async fn app_by_key(&self, _: &str) -> Result<Option<Arc<App>>, StoreError> {
            Ok(Some(Arc::clone(&self.0)))
        }
        async fn app_by_code(&self, _: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
            Ok(Some(Arc::clone(&self.0)))
        }
    }
    let cached = CachedCredentials::new(Lax(Arc::new(app("a", "k"))));
    assert_eq!(id(cached.app_by_key("K").await), None);
    assert_eq!(id(cached.app_by_code(&code("guess")).await), None);
    assert_eq!(id(cached.app_by_key("k").await).unwrap(), "a");
    assert_eq!(id(cached.app_by_code(&code("code of k")).await).unwrap(), "a");
}

#[tokio::test]
async fn extreme_settings_panic_nowhere() {
    for span in [Duration::ZERO, Duration::MAX] {
        for number in [0, usize::MAX] {
            let bench = Bench::new(|b| {
                b.with_ttl(span)
                    .with_negative_ttl(span)
                    .with_stale_if_error(span)
                    .with_capacity(number as u64)
                    .with_negative_capacity(number as u64)
                    .with_max_loads(number)
                    .with_max_unknown_per_second(number as u32)
            });
            for _ in 0..3 {
                let _ = bench.cached.app_by_key("k").await;
                let _ = bench.cached.app_by_code(&code("nobody's")).await;
                bench.pass(1);
            }
        }
    }
}

#[test]
fn without_a_runtime_a_look_up_fails_and_does_not_panic() {
    let cached = CachedCredentials::new(MemoryCredentials::new([app("a", "k")]).unwrap());
    let look_up = || cached.app_by_key("k").now_or_never().expect("nothing is waited for");
    assert!(matches!(look_up(), Err(StoreError::Unavailable(_))));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    assert!(runtime.block_on(cached.app_by_key("k")).unwrap().is_some());
    drop(runtime);
    assert!(look_up().unwrap().is_some(), "what is in memory needs none");
}

#[tokio::test]
async fn debug_shows_no_credential() {
    let bench = Bench::new(|b| b);
    bench.id("k").await;
    bench.id("nobody").await;
    let builder = CachedCredentials::builder(MemoryCredentials::default());
    let shown = format!("{:?} {builder:?}", bench.cached);
    assert!(!shown.contains("nobody") && !shown.contains("\"k\""), "{shown}");
}
