//! A cache of verified tokens spares the signature and nothing else (CVE-2026-35039: a cache answered
//! with the claims of another token).

use std::sync::Arc;
use std::time::Duration;

use countersign::clock::{ManualClock, UnixMillis};
use countersign::error::ErrorCode;
use countersign::jwt::{JtiRule, JwtPolicy, JwtVerifier, KeySet, TokenCache};
use countersign::store::MemoryReplayStore;
use serde_json::json;

use crate::issuer::{Answer, Issuer, Key, Verifier, ask, carried, code, jwks, verifier_with};

const NOW: u64 = 1_700_000_000;

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(UnixMillis::new(NOW * 1000)))
}

/// A verifier with a cache, its clock, and a key that it takes.
fn cached(policy: JwtPolicy) -> (Verifier, Arc<ManualClock>, Key) {
    let (clock, key) = (clock(), Key::new("a"));
    let keys = KeySet::from_jwks(&jwks([&key])).unwrap();
    let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
    let verifier = JwtVerifier::new(carried(policy), keys, replay).unwrap();
    (verifier.with_clock(Arc::clone(&clock)).with_cache(TokenCache::new()), clock, key)
}

#[tokio::test]
async fn a_known_token_is_not_verified_again() {
    let (verifier, _, key) = cached(JwtPolicy::new());
    let (token, other) = (key.token(), key.sign(json!({ "alg": "EdDSA" }), json!({})));
    let first = ask(&verifier, &token).await.unwrap();
    let again = ask(&verifier, &token).await.unwrap();
    assert!(std::ptr::eq(first.claims(), again.claims()), "they are the cache's");
    let other = ask(&verifier, &other).await.unwrap();
    assert!(!std::ptr::eq(first.claims(), other.claims()));
    let without = verifier.clone().with_cache(TokenCache::new().with_max_bytes(0));
    let anew = ask(&without, &token).await.unwrap();
    assert!(!std::ptr::eq(first.claims(), anew.claims()));
}

#[tokio::test]
async fn lesson_33_a_known_token_with_one_changed_character_is_refused() {
    let (verifier, _, key) = cached(JwtPolicy::new());
    let token = key.token();
    assert_eq!(code(&verifier, &token).await, None);
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        // The signature's last character has bits that must be zero: then it is no base64url.
        assert!(code(&verifier, &changed).await.is_some(), "{changed}");
    }
    assert_eq!(code(&verifier, &token).await, None);
}

#[tokio::test]
async fn lesson_33_a_known_token_expires() {
    let (verifier, clock, key) = cached(JwtPolicy::new());
    let token = key.sign(json!({ "alg": "EdDSA", "kid": "a" }), json!({ "exp": NOW + 60 }));
    for _ in 0..3 {
        assert_eq!(code(&verifier, &token).await, None);
    }
    clock.advance(Duration::from_secs(60));
    assert_eq!(code(&verifier, &token).await, Some(ErrorCode::A403JE));
}

#[tokio::test]
async fn lesson_33_every_claim_is_checked_on_a_known_token() {
    let policy = JwtPolicy::new().with_issuers(["us"]).with_audiences(["orders"]);
    let (verifier, clock, key) = cached(policy);
    let sign = |claims| key.sign(json!({ "alg": "EdDSA", "kid": "a" }), claims);
    let good = sign(json!({ "iss": "us", "aud": "orders", "nbf": NOW, "iat": NOW }));
    let bad = [
        sign(json!({ "iss": "them", "aud": "orders" })),
        sign(json!({ "iss": "us", "aud": "other" })),
        sign(json!({ "iss": "us", "aud": "orders", "nbf": NOW + 1 })),
        sign(json!({ "iss": "us", "aud": "orders", "iat": NOW + 1 })),
        sign(json!({ "iss": "us", "aud": "orders", "exp": "never" })),
    ];
    for _ in 0..3 {
        assert_eq!(code(&verifier, &good).await, None);
        for token in &bad {
            assert_eq!(code(&verifier, token).await, Some(ErrorCode::A403JT));
        }
    }
    clock.step_wall_to(UnixMillis::new((NOW - 1) * 1000));
    assert_eq!(code(&verifier, &good).await, Some(ErrorCode::A403JT), "not yet valid again");
}

#[tokio::test]
async fn lesson_33_a_known_token_of_single_use_is_used_once() {
    let (verifier, _, key) = cached(JwtPolicy::new().with_jti_rule(JtiRule::SingleUse));
    let claims = json!({ "jti": "1", "exp": NOW + 60 });
    let token = key.sign(json!({ "alg": "EdDSA", "kid": "a" }), claims);
    assert_eq!(code(&verifier, &token).await, None);
    for _ in 0..3 {
        assert_eq!(code(&verifier, &token).await, Some(ErrorCode::A403SV));
    }
}

#[tokio::test]
async fn lesson_33_a_refused_token_is_refused_again_and_what_one_verifier_knows_no_other_does() {
    let (verifier, _, key) = cached(JwtPolicy::new());
    let (other, _, _) = cached(JwtPolicy::new());
    let forged = Key::new("a").token();
    for _ in 0..3 {
        assert_eq!(code(&verifier, &key.token()).await, None);
        assert_eq!(code(&verifier, &forged).await, Some(ErrorCode::A403JT));
        assert_eq!(code(&other, &key.token()).await, Some(ErrorCode::A403JT));
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_33_a_known_token_falls_with_its_key() {
    let (old, new, namesake) = (Key::new("old"), Key::new("new"), Key::new("old"));
    let issuer = Issuer::publishing([&old, &new]);
    let keys = issuer.keys().start().unwrap();
    keys.ready(Duration::from_secs(1)).await.unwrap();
    let verifier = verifier_with(JwtPolicy::new(), &keys).with_cache(TokenCache::new());
    for (published, expected) in [
        (vec![&old, &new], None),
        (vec![&namesake, &new], Some(ErrorCode::A403JT)),
        (vec![&old, &new], None),
        (vec![&new], Some(ErrorCode::A403JK)),
    ] {
        let fetches = issuer.fetches();
        issuer.publish(published);
        issuer.asked(fetches + 1).await;
        tokio::task::yield_now().await;
        for _ in 0..3 {
            assert_eq!(code(&verifier, &old.token()).await, expected);
            assert_eq!(code(&verifier, &new.token()).await, None);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_33_a_known_token_falls_with_keys_that_are_too_stale() {
    let key = Key::new("a");
    let issuer = Issuer::publishing([&key]);
    let limit = Duration::from_secs(600);
    let keys = issuer.keys().with_max_staleness(limit).start().unwrap();
    keys.ready(Duration::from_secs(1)).await.unwrap();
    let verifier = verifier_with(JwtPolicy::new(), &keys).with_cache(TokenCache::new());
    assert_eq!(code(&verifier, &key.token()).await, None);
    issuer.answer(Answer::Hang);
    tokio::time::advance(limit + Duration::from_millis(1)).await;
    assert_eq!(code(&verifier, &key.token()).await, Some(ErrorCode::X503BZ));
}
