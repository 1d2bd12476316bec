//! What is refused before the first claim, and what is shown of a configuration.

use std::time::Duration;

use countersign::store::{RedisConfigError, RedisReplayStore, ReplayStore};
use futures_util::FutureExt;

use crate::server::{signed_now, told};

const URL: &str = "redis://user:hush@127.0.0.1:6379";

#[test]
fn a_configuration_that_could_not_work_is_refused() {
    let builder = || RedisReplayStore::builder(URL);
    let second = Duration::from_secs(1);
    for (builder, error) in [
        (builder().with_prefix(""), RedisConfigError::Prefix),
        (builder().with_prefix("a{b"), RedisConfigError::Prefix),
        (builder().with_deadline(Duration::ZERO), RedisConfigError::Deadline),
        (builder().with_deadline(3 * second), RedisConfigError::ClockTolerance),
        (builder().with_clock_tolerance(second / 10), RedisConfigError::ClockTolerance),
        (builder().with_clock_tolerance(61 * second), RedisConfigError::ClockTolerance),
    ] {
        assert_eq!(builder.build().unwrap_err(), error);
    }
    assert!(builder().with_clock_tolerance(60 * second).build().is_ok());
    for url in ["http://user:hush@h", "redis://user:hush@", "nonsense", "rediss://h/#insecure"] {
        let error = RedisReplayStore::new(url).unwrap_err();
        assert!(matches!(error, RedisConfigError::Url(_)), "{url}: {error}");
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    }
}

#[test]
fn no_password_is_shown() {
    let builder = RedisReplayStore::builder(URL);
    assert!(!format!("{builder:?}").contains("hush"));
    let shown = format!("{:?}", builder.build().unwrap());
    assert!(shown.contains("127.0.0.1:6379") && shown.contains("250ms"), "{shown}");
    assert!(!shown.contains("hush"), "{shown}");
}

#[test]
fn without_a_runtime_a_claim_is_an_error() {
    let store = RedisReplayStore::new(URL).unwrap();
    let answer = store.claim(signed_now(b"n")).now_or_never().expect("it waits for nothing");
    assert!(told(&answer.unwrap_err()).contains("no tokio runtime"));
    assert!(store.ready().now_or_never().expect("it waits for nothing").is_err());
}
