//! What is told of a Redis that is not there.

use std::time::Duration;

use countersign::clock::UnixMillis;
use countersign::store::{Claim, DangerouslyFailOpen, RedisReplayStore, ReplayStore};

use crate::counts::counted;
use crate::log::logged;

/// Nobody listens at port 1.
fn nobody() -> RedisReplayStore {
    let builder = RedisReplayStore::builder("redis://user:secret-password@127.0.0.1:1");
    builder.with_breaker(2, Duration::from_secs(3_600)).build().unwrap()
}

const CLAIM: Claim<'_> = Claim::new("orders", "203710001", b"secret-nonce", UnixMillis::MAX);

#[test]
fn claims_errors_and_unclaimed_requests_are_counted() {
    let counts = counted(async {
        let store = DangerouslyFailOpen::new(nobody());
        for _ in 0..5 {
            assert!(store.claim(CLAIM).await.is_ok());
        }
    });
    for count in [
        "countersign_redis_claims_total{outcome=error} 5",
        "countersign_redis_errors_total{kind=breaker_open} 3",
        "countersign_redis_errors_total{kind=connection} 2",
        "countersign_unclaimed_total{} 5",
    ] {
        assert!(counts.iter().any(|counted| counted == count), "{count}: {counts:?}");
    }
}

#[test]
fn an_outage_is_warned_of_once_and_without_secrets() {
    let text = logged(async {
        let store = nobody();
        for _ in 0..5 {
            assert!(store.claim(CLAIM).await.is_err());
        }
    });
    assert_eq!(text.matches("WARN").count(), 1, "{text}");
    assert!(text.contains("it is not asked for a while") && text.contains("refused"), "{text}");
    assert!(!text.contains("secret-"), "{text}");
}
