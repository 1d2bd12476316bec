//! The task that fetches: when it begins and when it ends.

use std::sync::{Arc, Weak};
use std::time::Duration;

use countersign::error::ErrorCode;
use countersign::jwt::remote::{DynFetchKeySet, FetchError, FetchKeySet, RemoteKeys};

use crate::issuer::{Answer, Issuer, Key, ask, code, jwks, token_of, verifier};

const READY: Duration = Duration::from_secs(1);

/// An issuer whose transport tells when it is dropped.
struct Watched {
    issuer: Issuer,
    _alive: Arc<()>,
}

impl FetchKeySet for Watched {
    async fn fetch(&self) -> Result<Vec<u8>, FetchError> {
        self.issuer.fetch().await
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_32_the_task_ends_with_the_last_handle_even_in_a_fetch_that_hangs() {
    for answer in [Answer::Document("garbage".to_owned()), Answer::Hang] {
        let issuer = Issuer::new(answer);
        let alive = Arc::new(());
        let gone: Weak<()> = Arc::downgrade(&alive);
        let keys =
            RemoteKeys::builder(Watched { issuer: issuer.clone(), _alive: alive }).start().unwrap();
        let (clone, verifier) = (keys.clone(), verifier(&keys));
        issuer.asked(1).await;
        drop((keys, clone));
        tokio::time::sleep(Duration::from_secs(60)).await; // of the paused clock
        assert!(issuer.fetches() > 1 && gone.strong_count() == 1);
        drop(verifier);
        let fetches = issuer.fetches();
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(gone.strong_count(), 0);
        assert_eq!(issuer.fetches(), fetches);
        assert!(!issuer.is_being_asked());
    }
}

#[test]
fn lesson_32_when_the_tasks_runtime_is_gone_nobody_waits_for_it() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let key = Key::new("a");
    let start = |answer| {
        let first = runtime();
        first.block_on(async {
            let keys = Issuer::new(answer).keys().start().unwrap();
            let _ = keys.ready(Duration::from_millis(50)).await;
            keys
        })
    };
    let with_keys = start(Answer::Document(jwks([&key])));
    let without = start(Answer::Hang);
    runtime().block_on(async {
        assert_eq!(code(&verifier(&with_keys), &key.token()).await, None);
        let unknown = code(&verifier(&with_keys), &token_of("b")).await;
        assert_eq!(unknown, Some(ErrorCode::A403JK));
        let refused = ask(&verifier(&without), &key.token()).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::X503BZ);
        for keys in [with_keys, without] {
            assert!(matches!(keys.status().last_error, Some(FetchError::Ended)));
        }
    });
}

#[test]
fn outside_of_a_runtime_nothing_can_be_started() {
    let refused = Issuer::new(Answer::Hang).keys().start().unwrap_err();
    assert_eq!(refused.to_string(), "there is no tokio runtime to fetch keys on");
}

#[tokio::test(start_paused = true)]
async fn the_transport_can_be_chosen_at_run_time() {
    let chosen: Arc<dyn DynFetchKeySet> = Arc::new(Issuer::publishing([&Key::new("a")]));
    RemoteKeys::builder(chosen).start().unwrap().ready(READY).await.unwrap();
}
