//! Many callers, one look-up; callers that go away; invalidation in between.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod backing;

use std::sync::Arc;
use std::time::Duration;

use backing::{Backing, Bench, Mood, app, id, settle};
use countersign::store::{CachedCredentials, CredentialStore, StoreError};
use tokio::task::JoinHandle;

const SECOND: Duration = Duration::from_secs(1);

type Found = Result<Option<String>, StoreError>;

fn ask(bench: &Bench, key: &str) -> JoinHandle<Found> {
    let (cached, key) = (bench.cached.clone(), key.to_owned());
    tokio::spawn(async move {
        let found = cached.app_by_key(&key).await?;
        Ok(found.map(|app| app.id().to_owned()))
    })
}

#[tokio::test(start_paused = true)]
async fn of_a_hundred_callers_one_asks_the_store() {
    let bench = Bench::new(|b| b);
    bench.backing.turns(Mood::Slow(SECOND));
    for (key, expected) in [("k", Some("a".to_owned())), ("nobody", None)] {
        let callers: Vec<_> = (0..100).map(|_| ask(&bench, key)).collect();
        for caller in callers {
            assert_eq!(caller.await.unwrap().unwrap(), expected);
        }
        assert_eq!(bench.backing.asked(), 1);
    }
    // They share an error, too.
    bench.backing.turns(Mood::Slow(SECOND * 3600));
    let callers: Vec<_> = (0..100).map(|_| ask(&bench, "cold")).collect();
    for caller in callers {
        caller.await.unwrap().unwrap_err();
    }
    assert_eq!(bench.backing.asked(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_callers_on_several_threads_one_asks_the_store() {
    let backing = Arc::new(Backing::default());
    let cached = CachedCredentials::new(Arc::clone(&backing));
    for round in 0..100 {
        let key = format!("key {round}");
        backing.apps.insert(app(&key, &key)).unwrap();
        let callers: Vec<_> = (0..100)
            .map(|_| {
                let (cached, key) = (cached.clone(), key.clone());
                tokio::spawn(async move { id(cached.app_by_key(&key).await) })
            })
            .collect();
        for caller in callers {
            assert_eq!(caller.await.unwrap().unwrap(), key);
        }
        assert_eq!(backing.asked(), 1, "in round {round}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_takes_no_answer_from_the_others() {
    let bench = Bench::new(|b| b);
    bench.backing.turns(Mood::Slow(SECOND));
    let first = ask(&bench, "k");
    settle().await;
    let second = ask(&bench, "k");
    settle().await;
    first.abort();
    assert_eq!(second.await.unwrap().unwrap().unwrap(), "a");

    // Not even the last one's look-up is in vain.
    bench.backing.apps.insert(app("b", "other")).unwrap();
    let only = ask(&bench, "other");
    settle().await;
    only.abort();
    tokio::time::sleep(SECOND * 2).await;
    assert_eq!(bench.id("other").await.unwrap(), "b");
    assert_eq!(bench.backing.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_look_up_that_takes_too_long_fails_for_all_that_wait() {
    let bench = Bench::new(|b| b.with_load_timeout(SECOND));
    bench.backing.turns(Mood::Slow(SECOND * 2));
    let callers = [ask(&bench, "k"), ask(&bench, "k")];
    for caller in callers {
        assert!(matches!(caller.await.unwrap(), Err(StoreError::Unavailable(_))));
    }
    bench.backing.turns(Mood::Well);
    assert_eq!(bench.id("k").await.unwrap(), "a", "and the next begins anew");
}

#[tokio::test]
async fn a_store_that_panics_is_an_error_and_may_be_asked_again() {
    let bench = Bench::new(|b| b.with_max_loads(1));
    bench.backing.turns(Mood::Panicking);
    for _ in 0..3 {
        let found = bench.cached.app_by_key("k").await;
        assert!(matches!(found, Err(StoreError::Unavailable(_))), "{found:?}");
    }
    bench.backing.turns(Mood::Well);
    assert_eq!(bench.id("k").await.unwrap(), "a");
}

#[tokio::test(start_paused = true)]
async fn what_was_being_loaded_while_it_was_invalidated_does_not_come_back() {
    for key in [Some("k"), None] {
        let bench = Bench::new(|b| b);
        let invalidate = || match key {
            Some(key) => bench.cached.invalidate_key(key),
            None => bench.cached.invalidate_all(),
        };
        // The old app was read, and is on its way.
        bench.backing.turns(Mood::Slow(SECOND * 2));
        let (old, old_by_code) = (ask(&bench, "k"), bench.id_by_code("code of k"));
        let mut old_by_code = Box::pin(old_by_code);
        assert!(futures_util::poll!(&mut old_by_code).is_pending());
        settle().await;

        bench.backing.apps.replace(app("new", "k")).unwrap();
        invalidate();
        // Who asks from now on does not wait for the old one, whichever lands first.
        bench.backing.turns(Mood::Slow(SECOND));
        assert_eq!(bench.id("k").await.unwrap(), "new");
        assert_eq!(bench.id_by_code("code of k").await.unwrap(), "new");
        assert_eq!(
            (old.await.unwrap().unwrap().unwrap(), old_by_code.await.unwrap()),
            ("a".into(), "a".into())
        );
        settle().await;
        assert_eq!(bench.id("k").await.unwrap(), "new");
        assert_eq!(bench.id_by_code("code of k").await.unwrap(), "new");

        // The other order: the old one lands while the new one is on its way.
        bench.cached.invalidate_all();
        bench.backing.turns(Mood::Slow(SECOND));
        let old = ask(&bench, "k");
        settle().await;
        bench.backing.apps.remove("k");
        invalidate();
        bench.backing.turns(Mood::Slow(SECOND * 2));
        let new = ask(&bench, "k");
        assert_eq!(old.await.unwrap().unwrap().unwrap(), "new");
        let joined = ask(&bench, "k");
        assert_eq!((new.await.unwrap().unwrap(), joined.await.unwrap().unwrap()), (None, None));
        assert_eq!(bench.id("k").await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_was_overtaken_by_an_invalidation_brings_nothing_back() {
    let bench = Bench::new(|b| b);
    bench.id("k").await;
    bench.pass(55);
    bench.backing.turns(Mood::Slow(SECOND));
    assert_eq!(bench.id("k").await.unwrap(), "a", "which starts a refresh");
    settle().await;
    bench.backing.apps.remove("k");
    bench.cached.invalidate_key("k");
    tokio::time::sleep(SECOND * 2).await;
    bench.backing.turns(Mood::Well);
    assert_eq!(bench.id("k").await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_an_invalidation_nobody_sees_what_was_before() {
    let backing = Arc::new(Backing::default());
    backing.apps.insert(app("0", "k")).unwrap();
    let cached = CachedCredentials::new(Arc::clone(&backing));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let cached = cached.clone();
            tokio::spawn(async move {
                let mut last = 0;
                while last < 1_000 {
                    let seen: u32 = id(cached.app_by_key("k").await).unwrap().parse().unwrap();
                    assert!(seen >= last, "{seen} after {last}");
                    last = seen;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for generation in 1..=1_000_u32 {
        backing.apps.replace(app(&generation.to_string(), "k")).unwrap();
        cached.invalidate_key("k");
        let seen: u32 = id(cached.app_by_key("k").await).unwrap().parse().unwrap();
        assert_eq!(seen, generation);
    }
    for reader in readers {
        reader.await.unwrap();
    }
}
