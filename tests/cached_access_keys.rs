//! A cache in front of a slow credential store, asked for AccessKeys.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what fails here fails a test"
)]

mod backing;

use std::sync::Arc;

use backing::{Bench, Mood, app, id, settle};
use countersign::credential::{AccessKey, AccessKeySecret, App, AppCode};
use countersign::store::{CachedCredentials, CredentialStore, StoreError};

fn key(id: &str) -> AccessKey {
    AccessKey::new(id, AccessKeySecret::new("hush").unwrap()).unwrap()
}

#[tokio::test]
async fn every_credential_finds_one_entry_and_is_forgotten_with_it() {
    let bench = Bench::new(|b| b);
    let both = app("a", "k").with_access_key(key("A1")).with_access_key(key("A2"));
    bench.backing.apps.replace(both).unwrap();
    for _ in 0..100 {
        assert_eq!(bench.id_by_access_key("A1").await.unwrap(), "a");
        assert_eq!(bench.id_by_access_key("A2").await.unwrap(), "a");
        assert_eq!(bench.id("k").await.unwrap(), "a");
    }
    assert_eq!(bench.backing.asked(), 1);
    for invalidate in [
        (|bench: &Bench| bench.cached.invalidate_key("k")) as fn(&Bench),
        |bench: &Bench| {
            bench.cached.invalidate_access_key("A1");
        },
        |bench| bench.cached.invalidate_all(),
    ] {
        bench.id_by_access_key("A1").await;
        let removed = bench.backing.apps.remove("k").unwrap();
        assert_eq!(bench.id_by_access_key("A1").await.unwrap(), "a", "it is remembered");
        invalidate(&bench);
        assert_eq!(bench.id_by_access_key("A1").await, None);
        assert_eq!(bench.id_by_access_key("A2").await, None);
        assert_eq!(bench.id("k").await, None);
        bench.backing.apps.insert((*removed).clone()).unwrap();
        assert_eq!(bench.id_by_access_key("A2").await, None, "what is unknown is remembered");
        invalidate(&bench);
        assert_eq!(bench.id_by_access_key("A2").await.unwrap(), "a");
    }
}

#[tokio::test]
async fn an_app_key_is_no_access_key_id() {
    let bench = Bench::new(|b| b);
    bench.backing.apps.replace(app("a", "k").with_access_key(key("A1"))).unwrap();
    assert_eq!(bench.id("A1").await, None);
    assert_eq!(bench.id_by_access_key("k").await, None);
    assert_eq!(bench.id_by_access_key("A1").await.unwrap(), "a");
    assert_eq!(bench.id("A1").await, None);
    assert_eq!(bench.id_by_access_key("k").await, None);
}

#[tokio::test]
async fn an_access_key_that_was_taken_away_is_not_found_through_its_app() {
    let bench = Bench::new(|b| b);
    bench.backing.apps.replace(app("a", "k").with_access_key(key("A1"))).unwrap();
    assert_eq!(bench.id_by_access_key("A1").await.unwrap(), "a");
    bench.backing.apps.replace(app("a", "k")).unwrap();
    bench.backing.apps.insert(App::of_access_key("b", key("A1"))).unwrap();
    bench.pass(61);
    assert_eq!(bench.id("k").await.unwrap(), "a");
    assert_eq!(bench.id_by_access_key("A1").await.unwrap(), "b");
}

/// A database that finds an app by AccessKeyId alone.
struct ByAccessKey(Arc<backing::Backing>);

impl CredentialStore for ByAccessKey {
    async fn app_by_key(&self, _: &str) -> Result<Option<Arc<App>>, StoreError> {
        Ok(None)
    }
    async fn app_by_code(&self, _: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        Ok(None)
    }
    async fn app_by_access_key(&self, id: &str) -> Result<Option<Arc<App>>, StoreError> {
        self.0.app_by_access_key(id).await
    }
}

#[tokio::test]
async fn an_app_without_an_app_key_is_refreshed_under_the_name_that_the_store_knows() {
    let bench = Bench::new(|b| b);
    let store = ByAccessKey(Arc::clone(&bench.backing));
    let cached = CachedCredentials::builder(store).with_clock(Arc::clone(&bench.clock)).build();
    bench.backing.apps.insert(App::of_access_key("old", key("A1"))).unwrap();
    assert_eq!(id(cached.app_by_access_key("A1").await).unwrap(), "old");
    bench.backing.apps.replace(App::of_access_key("new", key("A1"))).unwrap();
    bench.pass(55);
    assert_eq!(id(cached.app_by_access_key("A1").await).unwrap(), "old", "it is not waited for");
    settle().await;
    assert_eq!(bench.backing.asked(), 2, "one load, one refresh");
    assert_eq!(id(cached.app_by_access_key("A1").await).unwrap(), "new");
}

#[tokio::test]
async fn a_failure_is_no_unknown_access_key() {
    let bench = Bench::new(|b| b);
    bench.backing.apps.replace(app("a", "k").with_access_key(key("A1"))).unwrap();
    bench.backing.turns(Mood::Down);
    bench.cached.app_by_access_key("A1").await.unwrap_err();
    bench.backing.turns(Mood::Well);
    assert_eq!(bench.id_by_access_key("A1").await.unwrap(), "a");
}

#[tokio::test]
async fn what_a_store_finds_too_generously_is_not_remembered_under_another_name() {
    struct Lax(Arc<App>);
    impl CredentialStore for Lax {
        async fn app_by_key(&self, _: &str) -> Result<Option<Arc<App>>, StoreError> {
            Ok(None)
        }
        async fn app_by_code(&self, _: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
            Ok(None)
        }
        async fn app_by_access_key(&self, _: &str) -> Result<Option<Arc<App>>, StoreError> {
            Ok(Some(Arc::clone(&self.0)))
        }
    }
    let cached = CachedCredentials::new(Lax(Arc::new(App::of_access_key("a", key("A1")))));
    assert_eq!(id(cached.app_by_access_key("a1").await), None);
    assert_eq!(id(cached.app_by_access_key("A1").await).unwrap(), "a");
}
