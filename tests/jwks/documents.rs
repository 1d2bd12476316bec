//! What an issuer publishes: of a set with bad keys the good ones are used.

use std::time::Duration;

use countersign::error::ErrorCode;
use serde_json::json;

use crate::issuer::{Answer, Issuer, Key, code, verifier};

#[tokio::test(start_paused = true)]
async fn lesson_32_one_bad_key_does_not_spoil_the_set() {
    let (good, other) = (Key::new("good"), Key::new("other"));
    let secret = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";
    let document = json!({ "keys": [
        { "kty": "RSA", "kid": "weak", "n": "AQAB", "e": "AQAB" },
        { "kty": "post-quantum", "kid": "unknown" },
        "no key at all",
        good.jwk(),
        { "kty": "oct", "kid": "symmetric", "alg": "HS256", "k": secret },
        other.jwk(),
    ]});
    let issuer = Issuer::new(Answer::Document(document.to_string()));
    let keys = issuer.keys().start().unwrap();
    keys.ready(Duration::from_secs(1)).await.unwrap();
    let verifier = verifier(&keys);
    assert_eq!(code(&verifier, &good.token()).await, None);
    assert_eq!(code(&verifier, &other.token()).await, None);
    // {"alg":"HS256","kid":"symmetric"}, signed with the published secret or not
    let header = json!({ "alg": "HS256", "kid": "symmetric" });
    let forged = good.sign(header, json!({}));
    assert_eq!(code(&verifier, &forged).await, Some(ErrorCode::A403JK));
    let left_out: Vec<_> = keys.status().left_out.iter().map(|key| key.index).collect();
    assert_eq!(left_out, [0, 1, 2, 4]);
}
