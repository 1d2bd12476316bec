//! Once is once, whatever happens at the same time or in between.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use countersign::clock::{ManualClock, UnixMillis};
use countersign::jwt::{AppAuthRule, JwtPolicy, JwtVerifier, KeySet};
use countersign::middleware::{JwtAppAuthLayer, JwtAuthLayer};
use countersign::store::{
    Claim, Claimed, MemoryCredentials, MemoryReplayStore, ReplayStore, StoreError,
};
use countersign::verify::Verifier;
use tokio::sync::Barrier;

use crate::backend::{send, whole};
use crate::client::{Client, Version, serve};
use crate::service::{Service, bearing, get, single_use};
use crate::support::{Call, NOW, demo_apps};
use crate::token::{Token, verifying_key};

/// The codes of 64 requests that are sent at the same time, the most frequent last.
async fn race(app: &Router, request: impl Fn() -> crate::support::Wire) -> Vec<(String, usize)> {
    let start = Arc::new(Barrier::new(64));
    let sends = (0..64).map(|_| {
        let (app, request, start) = (app.clone(), whole(&request()), Arc::clone(&start));
        tokio::spawn(async move {
            start.wait().await;
            send(&app, request).await.code()
        })
    });
    let mut counts = std::collections::BTreeMap::new();
    for sent in sends.collect::<Vec<_>>() {
        *counts.entry(sent.await.unwrap()).or_insert(0) += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| *count);
    counts
}

/// Verifiers of tokens and of apps that share the store which services use.
fn verifiers(
    rule: AppAuthRule,
) -> (JwtVerifier<Arc<MemoryReplayStore>>, Verifier<MemoryCredentials, Arc<MemoryReplayStore>>) {
    let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
    let store = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
    let store = Arc::new(store);
    let keys = KeySet::from(verifying_key(None));
    let policy = single_use().with_app_auth_rule(rule);
    let tokens = JwtVerifier::new(policy, keys, Arc::clone(&store)).unwrap();
    let apps = Verifier::new(MemoryCredentials::new(demo_apps()).unwrap(), store);
    (tokens.with_clock(Arc::clone(&clock)), apps.with_clock(clock))
}

fn one_and_63(code: &str) -> Vec<(String, usize)> {
    vec![("200".to_owned(), 1), (code.to_owned(), 63)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lesson_18_of_64_concurrent_requests_with_one_token_one_passes() {
    for _ in 0..8 {
        let service = Service::single_use();
        let (tokens, _) = verifiers(AppAuthRule::Besides);
        let app = service.routes().layer(JwtAuthLayer::new(tokens));
        let request = get("/", &Token::new().sign());
        assert_eq!(race(&app, || request.clone()).await, one_and_63("A403SV"));
        assert_eq!(service.seen.count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lesson_18_of_64_concurrent_requests_with_one_token_and_64_signatures_one_passes() {
    for rule in [AppAuthRule::Besides, AppAuthRule::Instead] {
        let service = Service::single_use();
        let (tokens, apps) = verifiers(rule);
        let app = service.routes().layer(JwtAppAuthLayer::new(tokens, apps));
        let token = Token::new().sign();
        let signed = || bearing(Call::get("/").sign(), &token);
        assert_eq!(race(&app, signed).await, one_and_63("A403SV"), "{rule:?}");
        assert_eq!(service.seen.count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lesson_18_of_64_concurrent_requests_with_one_signature_and_64_tokens_one_passes() {
    let service = Service::single_use();
    let (tokens, apps) = verifiers(AppAuthRule::Besides);
    let app = service.routes().layer(JwtAppAuthLayer::new(tokens, apps));
    let call = Call::get("/").sign();
    let with_tokens = || bearing(call.clone(), &Token::new().sign());
    assert_eq!(race(&app, with_tokens).await, one_and_63("S403NU"));
    assert_eq!(service.seen.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lesson_18_of_64_concurrent_connections_with_one_token_one_passes() {
    let service = Service::single_use();
    let (tokens, _) = verifiers(AppAuthRule::Besides);
    let address = serve(service.routes().layer(JwtAuthLayer::new(tokens))).await;
    let request = get("/", &Token::new().sign());
    let start = Arc::new(Barrier::new(64));
    let sends = (0..64).map(|n| {
        let (request, start) = (whole(&request), Arc::clone(&start));
        tokio::spawn(async move {
            let version = if n % 2 == 0 { Version::Http1 } else { Version::Http2 };
            let mut client = Client::connect(address, version).await;
            start.wait().await;
            client.send(request).await.code()
        })
    });
    let mut passed = 0;
    for sent in sends.collect::<Vec<_>>() {
        match sent.await.unwrap().as_str() {
            "200" => passed += 1,
            code => assert_eq!(code, "A403SV"),
        }
    }
    assert_eq!((passed, service.seen.count()), (1, 1));
}

#[tokio::test]
async fn lesson_20_a_used_token_stays_refused_to_its_last_instant_and_beyond() {
    let service = Service::single_use();
    let request = get("/", &Token::new().sign());
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "200");
    service.clock.advance(Duration::from_millis(299_999));
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "A403SV");
    service.clock.advance(Duration::from_millis(1));
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "A403JE");
    service.clock.advance(Duration::from_secs(1_000_000));
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "A403JE");
    assert_eq!(service.seen.count(), 1);
}

/// A store of nonces that takes five minutes.
struct Slow(Arc<ManualClock>);

impl ReplayStore for Slow {
    async fn claim(&self, _: Claim<'_>) -> Result<Claimed, StoreError> {
        self.0.advance(Duration::from_secs(300));
        Ok(Claimed::Fresh)
    }
}

#[tokio::test]
async fn lesson_20a_a_token_that_ends_while_the_nonce_is_claimed_is_expired() {
    for policy in [JwtPolicy::new(), single_use()] {
        let service = Service::new(policy);
        let nonces = Slow(Arc::clone(&service.clock));
        let apps = Verifier::new(MemoryCredentials::new(demo_apps()).unwrap(), nonces);
        let apps = apps.with_clock(Arc::clone(&service.clock));
        let app = service.routes().layer(JwtAppAuthLayer::new(service.verifier.clone(), apps));
        let request = bearing(Call::get("/").sign(), &Token::new().sign());
        let answer = send(&app, whole(&request)).await;
        let message = answer.header("x-ca-error-message");
        assert_eq!(
            (answer.code().as_str(), message),
            ("A403JE", "JWT is expired at `2023-11-14T22:18:20Z`")
        );
        assert_eq!((service.seen.count(), service.replay.claims()), (0, 0));
    }
}

#[tokio::test]
async fn lesson_27_a_handler_that_fails_has_spent_the_token() {
    let service = Service::single_use();
    let failing = async || http::StatusCode::INTERNAL_SERVER_ERROR;
    let app = Router::new().fallback(failing).layer(service.layer());
    let request = get("/", &Token::new().sign());
    assert_eq!(send(&app, whole(&request)).await.code(), "500");
    assert_eq!(send(&app, whole(&request)).await.code(), "A403SV");
}

#[tokio::test]
async fn lesson_25_a_token_from_before_a_restart_is_expired() {
    let service = Service::single_use();
    let request = get("/", &Token::new().sign());
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "200");
    service.clock.advance(Duration::from_secs(1));
    service.replay.restart(UnixMillis::new(NOW + 1000));
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "A403JE");
}

#[tokio::test]
async fn lesson_31_the_same_jti_of_two_issuers_is_two() {
    let service = Service::single_use();
    let of = |issuer: &str| Token::new().claim("jti", "1").claim("iss", issuer).sign();
    for issuer in ["a", "b", ""] {
        assert_eq!(send(&service.app(), whole(&get("/", &of(issuer)))).await.code(), "200");
        assert_eq!(send(&service.app(), whole(&get("/", &of(issuer)))).await.code(), "A403SV");
    }
}
