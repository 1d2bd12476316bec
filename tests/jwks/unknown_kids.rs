//! A `kid` is chosen by the caller: what it can cause, and what it waits for.

use std::time::Duration;

use countersign::error::ErrorCode;
use countersign::jwt::remote::{FetchError, RemoteKeysBuilder};
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use serde_json::json;
use tokio::time::advance;

use crate::issuer::{Answer, Issuer, Key, Verifier, ask, code, token_of, verifier};

const PAUSE: Duration = Duration::from_secs(30);
const UNKNOWN: Option<ErrorCode> = Some(ErrorCode::A403JK);
const READY: Duration = Duration::from_secs(1);

async fn ready(issuer: &Issuer) -> Verifier {
    started(issuer.keys()).await
}

/// A verifier that remembers for five minutes which `kid`s were not found.
async fn ready_with_memory(issuer: &Issuer) -> Verifier {
    started(issuer.keys().with_absent_kid_memory(10 * PAUSE)).await
}

async fn started(keys: RemoteKeysBuilder<Issuer>) -> Verifier {
    let keys = keys.start().unwrap();
    keys.ready(READY).await.unwrap();
    verifier(&keys)
}

/// The answer that is given without waiting for anything.
fn at_once(verifier: &Verifier, token: &str) -> Option<ErrorCode> {
    code(verifier, token).now_or_never().expect("it is answered at once")
}

/// Lets the pause be over.
async fn pause() {
    advance(PAUSE).await;
    tokio::task::yield_now().await;
}

#[tokio::test(start_paused = true)]
async fn lesson_32_a_hundred_requests_with_unknown_kids_are_one_fetch() {
    let key = Key::new("a");
    let issuer = Issuer::publishing([&key]);
    let verifier = ready(&issuer).await;
    pause().await;
    issuer.answer(Answer::Hang);
    let tokens: Vec<_> = (0..100).map(|n| token_of(&n.to_string())).collect();
    let asking = join_all(tokens.iter().map(|token| code(&verifier, token)));
    let telling = async {
        issuer.asked(2).await;
        issuer.publish([&key]);
    };
    let (codes, ()) = tokio::join!(asking, telling);
    assert_eq!(codes, [UNKNOWN; 100]);
    assert_eq!(issuer.fetches(), 2, "the first, and one for all of them");
}

#[tokio::test(start_paused = true)]
async fn lesson_32_a_request_with_a_known_kid_never_waits_even_while_a_fetch_hangs() {
    let key = Key::new("a");
    let issuer = Issuer::publishing([&key]);
    let verifier = ready(&issuer).await;
    pause().await;
    issuer.answer(Answer::Hang);
    let stranger = tokio::spawn({
        let verifier = verifier.clone();
        async move { code(&verifier, &token_of("b")).await }
    });
    issuer.asked(2).await;
    for _ in 0..100 {
        assert_eq!(at_once(&verifier, &key.token()), None);
    }
    assert!(issuer.is_being_asked() && !stranger.is_finished());
    assert_eq!(stranger.await.unwrap(), UNKNOWN, "after the timeout");
    assert_eq!(at_once(&verifier, &key.token()), None);
}

#[tokio::test(start_paused = true)]
async fn lesson_32_a_rotated_key_is_accepted_by_the_fetch_that_its_kid_causes() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let issuer = Issuer::publishing([&old]);
    let verifier = ready(&issuer).await;
    pause().await;
    issuer.publish([&new]);
    assert_eq!(at_once(&verifier, &old.token()), None, "nobody knows yet");
    assert_eq!(ask(&verifier, &new.token()).await.unwrap().kid(), Some("new"));
    assert_eq!(at_once(&verifier, &old.token()), UNKNOWN);
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn lesson_32_within_the_pause_an_unknown_kid_is_refused_at_once() {
    let issuer = Issuer::publishing([&Key::new("a")]);
    let verifier = ready(&issuer).await;
    for n in 0..100 {
        assert_eq!(at_once(&verifier, &token_of(&n.to_string())), UNKNOWN);
    }
    advance(PAUSE - Duration::from_millis(1)).await;
    tokio::task::yield_now().await;
    assert_eq!(at_once(&verifier, &token_of("b")), UNKNOWN);
    assert_eq!(issuer.fetches(), 1);
    advance(Duration::from_millis(1)).await;
    tokio::task::yield_now().await;
    assert_eq!(code(&verifier, &token_of("b")).await, UNKNOWN);
    assert_eq!(issuer.fetches(), 2);
    assert_eq!(at_once(&verifier, &token_of("c")), UNKNOWN);
}

#[tokio::test(start_paused = true)]
async fn lesson_32_within_the_pause_after_a_failure_too() {
    let issuer = Issuer::publishing([&Key::new("a")]);
    let verifier = ready(&issuer).await;
    pause().await;
    issuer.answer(Answer::Error(FetchError::transport("down")));
    assert_eq!(code(&verifier, &token_of("b")).await, UNKNOWN);
    assert_eq!(issuer.fetches(), 2);
    for n in 0..100 {
        assert_eq!(at_once(&verifier, &token_of(&n.to_string())), UNKNOWN);
    }
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn lesson_32_a_kid_that_was_not_found_is_not_looked_for_again_while_it_is_remembered() {
    let key = Key::new("a");
    let issuer = Issuer::publishing([&key]);
    let verifier = ready_with_memory(&issuer).await;
    pause().await;
    assert_eq!(code(&verifier, &token_of("b")).await, UNKNOWN);
    assert_eq!(issuer.fetches(), 2);
    for _ in 0..9 {
        pause().await;
        assert_eq!(at_once(&verifier, &token_of("b")), UNKNOWN);
    }
    assert_eq!(issuer.fetches(), 2);
    pause().await;
    assert_eq!(code(&verifier, &token_of("b")).await, UNKNOWN);
    assert_eq!(issuer.fetches(), 3, "then it is looked for again");
}

#[tokio::test(start_paused = true)]
async fn lesson_32_a_new_key_set_forgets_which_kids_were_not_found() {
    let (a, c) = (Key::new("a"), Key::new("c"));
    let issuer = Issuer::publishing([&a]);
    let verifier = ready_with_memory(&issuer).await;
    pause().await;
    assert_eq!(code(&verifier, &token_of("b")).await, UNKNOWN);
    pause().await;
    issuer.publish([&a, &c]);
    assert_eq!(code(&verifier, &c.token()).await, None);
    assert_eq!(issuer.fetches(), 3);
    pause().await;
    assert_eq!(code(&verifier, &token_of("b")).await, UNKNOWN);
    assert_eq!(issuer.fetches(), 4);
}

#[tokio::test(start_paused = true)]
async fn lesson_32_whoever_guesses_a_kid_keeps_it_out_for_no_longer_than_the_pause() {
    let (old, new) = (Key::new("2026-11"), Key::new("2026-12"));
    for pause in [PAUSE, PAUSE / 10, PAUSE * 10] {
        let issuer = Issuer::publishing([&old]);
        let verifier = started(issuer.keys().with_refetch_pause(pause)).await;
        advance(pause).await;
        tokio::task::yield_now().await;
        assert_eq!(code(&verifier, &token_of("2026-12")).await, UNKNOWN);
        issuer.publish([&old, &new]);
        assert_eq!(at_once(&verifier, &new.token()), UNKNOWN, "no fetch may begin");
        advance(pause).await;
        tokio::task::yield_now().await;
        assert_eq!(code(&verifier, &new.token()).await, None, "{pause:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_32_a_fetch_that_began_before_a_request_says_nothing_of_its_kid() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let issuer = Issuer::publishing([&old]);
    let verifier = ready_with_memory(&issuer).await;
    pause().await;
    issuer.answer(Answer::Hang);
    let ask = |token: String| {
        let verifier = verifier.clone();
        tokio::spawn(async move { code(&verifier, &token).await })
    };
    let stranger = ask(token_of("b"));
    issuer.asked(2).await;
    // The issuer rotates now, and what it has answered before is still on its way.
    let honest = ask(new.token());
    tokio::task::yield_now().await;
    issuer.publish([&old]);
    assert_eq!((stranger.await.unwrap(), honest.await.unwrap()), (UNKNOWN, UNKNOWN));
    issuer.publish([&old, &new]);
    pause().await;
    assert_eq!(at_once(&verifier, &token_of("b")), UNKNOWN, "it was looked for");
    assert_eq!(code(&verifier, &new.token()).await, None);
    assert_eq!(issuer.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn lesson_32_a_key_without_kid_hides_no_new_kid() {
    let (nameless, new) = (Key::new(""), Key::new("new"));
    let mut jwk = nameless.jwk();
    jwk.as_object_mut().unwrap().remove("kid");
    let issuer = Issuer::new(Answer::Document(json!({ "keys": [jwk] }).to_string()));
    let verifier = ready(&issuer).await;
    let named = nameless.sign(json!({ "alg": "EdDSA", "kid": "any" }), json!({}));
    assert_eq!(at_once(&verifier, &named), None, "within the pause it is the key");
    pause().await;
    assert_eq!(code(&verifier, &named).await, None, "after a look whether another has the name");
    assert_eq!(issuer.fetches(), 2);
    pause().await;
    issuer.publish([&new]);
    assert_eq!(code(&verifier, &new.token()).await, None);
    assert_eq!(issuer.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn lesson_32_after_a_failed_fetch_nothing_is_known_of_a_kid() {
    let key = Key::new("a");
    let issuer = Issuer::publishing([&key]);
    let verifier = ready(&issuer).await;
    pause().await;
    issuer.answer(Answer::Error(FetchError::transport("down")));
    assert_eq!(code(&verifier, &token_of("b")).await, UNKNOWN);
    issuer.publish([&key]);
    issuer.asked(3).await; // It is tried again by itself.
    tokio::task::yield_now().await;
    pause().await;
    assert_eq!(code(&verifier, &token_of("b")).await, UNKNOWN);
    assert_eq!(issuer.fetches(), 4, "it is looked for");
}

#[tokio::test(start_paused = true)]
async fn lesson_32_a_token_without_kid_never_causes_a_fetch() {
    let (a, b) = (Key::new("a"), Key::new("b"));
    let issuer = Issuer::publishing([&a, &b]);
    let verifier = ready(&issuer).await;
    pause().await;
    let token = a.sign(json!({ "alg": "EdDSA" }), json!({}));
    assert_eq!(at_once(&verifier, &token), UNKNOWN, "no key can be chosen");
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn lesson_32_neither_does_a_kid_that_is_too_long_nor_a_wrong_signature() {
    let key = Key::new("a");
    let issuer = Issuer::publishing([&key]);
    let verifier = ready(&issuer).await;
    pause().await;
    assert_eq!(at_once(&verifier, &token_of(&"k".repeat(257))), UNKNOWN);
    assert_eq!(at_once(&verifier, &token_of("a")), Some(ErrorCode::A403JT));
    assert_eq!(issuer.fetches(), 1);
}
