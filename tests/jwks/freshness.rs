//! When keys are fetched, and when they count as changed.

use std::time::Duration;

use countersign::error::ErrorCode;
use countersign::jwt::remote::FetchError;
use serde_json::{Value, json};
use tokio::time::{Instant, advance};

use crate::issuer::{Answer, Issuer, Key, code, jwks, verifier};

const INTERVAL: Duration = Duration::from_secs(600);
const READY: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn lesson_32_keys_are_fetched_at_the_interval_without_any_request() {
    let issuer = Issuer::publishing([&Key::new("a")]);
    let keys = issuer.keys().start().unwrap();
    let start = Instant::now();
    for times in 1..5 {
        issuer.asked(times).await;
        // The paused clock moves only when everybody waits, and then to the next timer.
        assert_eq!(start.elapsed().as_secs() / 600, times as u64 - 1);
    }
    drop(keys);
}

#[tokio::test(start_paused = true)]
async fn lesson_32_a_withdrawn_key_is_refused_after_the_next_refresh() {
    let (a, b) = (Key::new("a"), Key::new("b"));
    let issuer = Issuer::publishing([&a, &b]);
    let keys = issuer.keys().start().unwrap();
    keys.ready(READY).await.unwrap();
    let verifier = verifier(&keys);
    issuer.publish([&b]);
    assert_eq!(code(&verifier, &a.token()).await, None);
    advance(INTERVAL).await;
    issuer.asked(2).await;
    tokio::task::yield_now().await;
    assert_eq!(code(&verifier, &a.token()).await, Some(ErrorCode::A403JK));
    assert_eq!(code(&verifier, &b.token()).await, None);
}

#[tokio::test(start_paused = true)]
async fn lesson_33_the_generation_changes_with_the_content_only() {
    let (a, b, namesake) = (Key::new("a"), Key::new("b"), Key::new("a"));
    let issuer = Issuer::publishing([&a]);
    let keys = issuer.keys().start().unwrap();
    assert_eq!(keys.status().generation, 0);
    keys.ready(READY).await.unwrap();
    let mut narrower = a.jwk();
    narrower["kid"] = "another".into();
    let document = |keys: &[Value]| json!({ "keys": keys }).to_string();
    for (answer, generation) in [
        (Answer::Document(jwks([&a])), 1),
        (Answer::Document(format!(" {}\n", jwks([&a]))), 1),
        (Answer::Document(document(&[json!({ "kty": "?" }), a.jwk()])), 1),
        (Answer::Error(FetchError::transport("down")), 1),
        (Answer::Document("garbage".to_owned()), 1),
        (Answer::Document(jwks([&a])), 1),
        (Answer::Document(jwks([&a, &b])), 2),
        (Answer::Document(jwks([&b, &a])), 2),
        (Answer::Document(document(&[narrower])), 3),
        (Answer::Document(jwks([&a])), 4),
        // Of keys of one name the first is taken, so their order counts.
        (Answer::Document(jwks([&a, &namesake])), 5),
        (Answer::Document(jwks([&namesake, &a])), 6),
    ] {
        let asked = issuer.fetches();
        issuer.answer(answer.clone());
        issuer.asked(asked + 1).await;
        tokio::time::sleep(Duration::from_millis(1)).await; // of the paused clock
        assert_eq!(keys.status().generation, generation, "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_32_failures_are_tried_again_after_1_2_4_seconds_up_to_the_pause() {
    let issuer = Issuer::new(Answer::Error(FetchError::transport("down")));
    let keys = issuer.keys().start().unwrap();
    let mut waits = Vec::new();
    issuer.asked(1).await;
    for times in 2..10 {
        let before = Instant::now();
        issuer.asked(times).await;
        waits.push(before.elapsed().as_secs());
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
    assert!(keys.status().failures >= 8);
}
