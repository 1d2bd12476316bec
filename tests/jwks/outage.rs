//! An issuer that cannot be asked: before the first keys and after.

use std::time::Duration;

use countersign::error::{ErrorCode, StoreError};
use countersign::jwt::remote::FetchError;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use http::StatusCode;
use tokio::time::advance;

use crate::issuer::{Answer, Issuer, Key, ask, code, jwks, token_of, verifier};

const READY: Duration = Duration::from_secs(1);
const BUSY: Option<ErrorCode> = Some(ErrorCode::X503BZ);

fn failures() -> Vec<Answer> {
    let documents = ["", "garbage", "<html></html>", "{}", "[]", r#"{"keys":[]}"#]
        .into_iter()
        .chain([r#"{"keys":[{"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}]}"#])
        .map(|document| Answer::Document(document.to_owned()));
    let errors = [
        FetchError::Status(StatusCode::INTERNAL_SERVER_ERROR),
        FetchError::Redirect(std::sync::Arc::from(Box::from("elsewhere"))),
        FetchError::TooLong(1),
        FetchError::transport("down"),
    ];
    documents.chain(errors.map(Answer::Error)).chain([Answer::Panic, Answer::Hang]).collect()
}

#[tokio::test(start_paused = true)]
async fn lesson_32_whatever_fails_the_keys_that_are_there_stay() {
    let key = Key::new("a");
    for failure in failures() {
        let issuer = Issuer::publishing([&key]);
        let keys = issuer.keys().start().unwrap();
        keys.ready(READY).await.unwrap();
        let verifier = verifier(&keys);
        issuer.answer(failure.clone());
        for times in 2..5 {
            issuer.asked(times).await;
            assert_eq!(code(&verifier, &key.token()).await, None, "{failure:?}");
        }
        assert!(keys.is_ready());
        assert!(keys.status().failures >= 2, "{failure:?}");
        assert!(keys.status().last_error.is_some());
        issuer.publish([&key]);
        issuer.asked(6).await;
        assert_eq!(keys.status().failures, 0, "{failure:?}");
        assert!(keys.status().last_error.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_32_before_the_first_keys_a_request_waits_for_them() {
    let key = Key::new("a");
    let issuer = Issuer::new(Answer::Hang);
    let keys = issuer.keys().start().unwrap();
    let verifier = verifier(&keys);
    let tokens = [key.token(), token_of("b")];
    let asking = join_all(tokens.iter().map(|token| code(&verifier, token)));
    let telling = async {
        issuer.asked(1).await;
        issuer.publish([&key]);
    };
    let (codes, ()) = tokio::join!(asking, telling);
    assert_eq!(codes, [None, Some(ErrorCode::A403JK)]);
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn lesson_32_without_any_keys_every_token_is_x503bz_and_never_a403jk() {
    let key = Key::new("a");
    for failure in failures() {
        let issuer = Issuer::new(failure.clone());
        let keys = issuer.keys().start().unwrap();
        let verifier = verifier(&keys);
        // The first waits for the fetch; the others come while none may begin.
        for token in [key.token(), token_of("b"), key.token()] {
            let refused = ask(&verifier, &token).await.unwrap_err();
            assert_eq!(refused.code(), ErrorCode::X503BZ, "{failure:?}");
            assert_eq!(refused.retry_after(), Some(Duration::from_secs(1)));
            let Some(StoreError::Unavailable(source)) = refused.store_error() else {
                panic!("{refused:?}");
            };
            assert!(source.is::<FetchError>());
        }
        assert_eq!(issuer.fetches(), 1);
        issuer.publish([&key]);
        keys.ready(Duration::from_secs(60)).await.unwrap();
        assert_eq!(code(&verifier, &key.token()).await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_32_staleness_has_a_limit_if_one_is_set() {
    let key = Key::new("a");
    let issuer = Issuer::publishing([&key]);
    let limit = Duration::from_secs(3600);
    let keys = issuer.keys().with_max_staleness(limit).start().unwrap();
    keys.ready(READY).await.unwrap();
    let verifier = verifier(&keys);
    issuer.answer(Answer::Error(FetchError::transport("down")));
    advance(limit).await;
    assert_eq!(code(&verifier, &key.token()).now_or_never(), Some(None));
    advance(Duration::from_millis(1)).await;
    assert_eq!(code(&verifier, &key.token()).await, BUSY);
    assert!(!keys.is_ready());
    issuer.publish([&key]);
    keys.ready(Duration::from_secs(60)).await.unwrap();
    assert_eq!(code(&verifier, &key.token()).await, None);

    let refused = issuer.keys().with_max_staleness(Duration::from_secs(599)).start().unwrap_err();
    assert_eq!(refused.path(), "max_staleness");
}

#[tokio::test(start_paused = true)]
async fn lesson_32_readiness_tells_the_last_error_after_the_deadline() {
    let issuer = Issuer::new(Answer::Hang);
    let keys = issuer.keys().start().unwrap();
    assert!(!keys.is_ready());
    let error = keys.ready(READY).await.unwrap_err();
    assert!(matches!(error, FetchError::Timeout(READY)), "{error:?}: no fetch has ended");
    issuer.answer(Answer::Error(FetchError::Status(StatusCode::BAD_GATEWAY)));
    let error = keys.ready(READY).await.unwrap_err();
    assert_eq!(error.to_string(), "the endpoint answers 502 Bad Gateway");
    let status = keys.status();
    assert_eq!((status.keys, status.generation, status.age), (0, 0, None));
    issuer.answer(Answer::Document(jwks([&Key::new("a"), &Key::new("b")])));
    keys.ready(Duration::from_secs(60)).await.unwrap();
    advance(Duration::from_secs(7)).await;
    let status = keys.status();
    assert_eq!((status.keys, status.generation, status.failures), (2, 1, 0));
    assert!(status.age >= Some(Duration::from_secs(7)) && status.last_error.is_none());
}
