//! Bodies: a token says nothing about them, an app's signature does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use countersign::jwt::{AppAuthRule, TokenCarrier};
use countersign::verify::{Limits, Policy};
use futures_util::StreamExt;
use http::HeaderMap;
use http_body::Frame;
use http_body_util::StreamBody;

use crate::backend::{frames, pieces, send, whole, with_body};
use crate::service::{Both, Service, bearing, bypassing, get, plain, single_use};
use crate::support::{APP_CODE, Call, Wire};
use crate::token::Token;

const LIMIT: usize = 100;

fn limited(rule: AppAuthRule) -> Both {
    let limits = Limits::default().with_max_body(LIMIT as u64).with_max_form(50);
    Both::new(single_use().with_app_auth_rule(rule), Policy::strict().with_limits(limits))
}

/// A body that counts the bytes that are taken from it, and tells no length.
fn counted(size: usize) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let pieces = futures_util::stream::iter(0..size).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::convert::Infallible>(Frame::data(Bytes::from_static(b"x")))
    });
    (Body::new(StreamBody::new(pieces)), taken)
}

#[tokio::test]
async fn a_body_arrives_as_it_was_sent_with_its_trailers() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", "1".parse().unwrap());
    let service = Service::single_use();
    let both = limited(AppAuthRule::Besides);
    let token = || Token::new().sign();
    for (app, seen, wire) in [
        (service.app(), &service.seen, get("/", &token()).with_body("hello")),
        (both.app(), &both.tokens.seen, bearing(Call::post("/").json("{}").sign(), &token())),
        (both.app(), &both.tokens.seen, bearing(Call::post("/").form("a=1").sign(), &token())),
    ] {
        let data = wire.body.chunks(2).map(|piece| Frame::data(Bytes::copy_from_slice(piece)));
        let sent: Vec<_> = data.chain([Frame::trailers(trailers.clone())]).collect();
        assert_eq!(send(&app, with_body(&wire, frames(sent))).await.code(), "200");
        assert_eq!((&seen.last().body[..], &seen.last().trailers), (&wire.body[..], &trailers));
    }
}

#[tokio::test]
async fn without_a_limit_a_token_carries_a_body_of_any_length_and_nothing_of_it_is_read() {
    let service = Service::single_use();
    let long = get("/", &Token::new().sign()).with_body(vec![b'x'; 20 * 1024 * 1024]);
    assert_eq!(send(&service.app(), whole(&long)).await.code(), "200");
    assert_eq!(service.seen.last().body.len(), long.body.len());

    let ignoring = axum::Router::new().fallback(async || "").layer(service.layer());
    let (body, taken) = counted(10);
    let request = with_body(&get("/", &Token::new().sign()), body);
    assert_eq!(send(&ignoring, request).await.code(), "200");
    assert_eq!(taken.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn lesson_12_a_known_length_over_the_limit_is_refused_before_a_byte_is_read_or_a_jti_spent() {
    let service = Service::single_use();
    let app = service.routes().layer(service.layer().with_max_body(LIMIT as u64));
    let fitting = get("/", &Token::new().sign()).with_body(vec![b'x'; LIMIT]);
    assert_eq!(send(&app, whole(&fitting)).await.code(), "200");
    let token = Token::new().sign();
    let long = get("/", &token).with_body(vec![b'x'; LIMIT + 1]);
    assert_eq!(send(&app, whole(&long)).await.code(), "I413RL");
    assert_eq!(send(&app, whole(&long.with_body("x"))).await.code(), "200", "the jti is unspent");
    assert_eq!(service.seen.count(), 2);
}

#[tokio::test]
async fn lesson_12_an_unknown_length_stops_at_the_limit_whatever_the_handler_says() {
    let service = Service::single_use();
    let app = service.routes().layer(service.layer().with_max_body(LIMIT as u64));
    for (length, code, most) in [(LIMIT, "200", LIMIT), (1000, "I413RL", LIMIT + 1)] {
        let (body, taken) = counted(length);
        let answer = send(&app, with_body(&get("/", &Token::new().sign()), body)).await;
        assert_eq!((answer.code().as_str(), taken.load(Ordering::SeqCst)), (code, most));
    }
    assert_eq!(service.seen.count(), 1);
    assert_eq!(service.replay.written(), 2, "the limit was met behind the claim");
}

#[tokio::test]
async fn a_strangers_body_has_no_limit() {
    let service = Service::new(bypassing());
    let app = service.routes().layer(service.layer().with_max_body(LIMIT as u64));
    let long = plain("POST", "/").with_body(vec![b'x'; LIMIT + 1]);
    assert_eq!(send(&app, whole(&long)).await.code(), "200");
    assert_eq!(send(&app, pieces(&long, 7)).await.code(), "200");
}

#[tokio::test]
async fn a_body_that_breaks_off_behind_a_token_is_the_handlers_to_see() {
    let service = Service::single_use();
    let sent = [Ok(Frame::data(Bytes::from("{"))), Err(std::io::Error::other("reset"))];
    let broken = Body::new(StreamBody::new(futures_util::stream::iter(sent)));
    let answer = send(&service.app(), with_body(&get("/", &Token::new().sign()), broken)).await;
    assert_eq!(answer.code(), "418");
}

#[tokio::test]
async fn lesson_09_a_swapped_body_is_refused_beside_a_token_and_spends_nothing() {
    let both = limited(AppAuthRule::Besides);
    for call in [Call::post("/").json(r#"{"a":1}"#), Call::post("/").form("a=1")] {
        let before = both.spent();
        let request = bearing(call.sign(), &Token::new().sign());
        let code = match request.headers.contains_key("content-md5") {
            true => "I400I5",
            false => "A403IS",
        };
        let swapped = request.clone().with_body(r#"{"a":2}"#);
        for swapped in [whole(&swapped), pieces(&swapped, 3)] {
            assert_eq!(send(&both.app(), swapped).await.code(), code);
        }
        assert_eq!(both.spent(), before);
        assert_eq!(send(&both.app(), whole(&request)).await.code(), "200");
    }
}

#[tokio::test]
async fn a_body_is_not_read_beside_a_wrong_signature_whatever_the_token_is() {
    let both = limited(AppAuthRule::Besides);
    let forged = Call::post("/").json("{}").key("203710001", "wrong").sign();
    for token in [Token::new().sign(), "nonsense".to_owned()] {
        let (body, taken) = counted(10);
        let answer = send(&both.app(), with_body(&bearing(forged.clone(), &token), body)).await;
        assert_eq!((answer.code().as_str(), taken.load(Ordering::SeqCst)), ("A403IS", 0));
    }
}

#[tokio::test]
async fn lesson_12_both_rules_bound_every_body_and_spend_nothing_on_one_that_is_too_long() {
    let digested = |len: usize| Call::post("/").digested("x".repeat(len)).sign();
    let form = |len: usize| Call::post("/").form("x".repeat(len)).sign();
    let token = || Token::new().sign();
    let long = LIMIT + 1;
    let over: [(AppAuthRule, Wire); 5] = [
        (AppAuthRule::Besides, bearing(digested(long), &token())),
        (AppAuthRule::Besides, bearing(form(51), &token())),
        (AppAuthRule::Instead, digested(long)),
        (AppAuthRule::Instead, form(51)),
        (AppAuthRule::Instead, bearing(plain("POST", "/").with_body("x".repeat(long)), &token())),
    ];
    for (rule, wire) in over {
        let both = limited(rule);
        assert_eq!(send(&both.app(), whole(&wire)).await.code(), "I413RL", "{rule:?}");
        assert_eq!((both.spent(), both.tokens.seen.count()), ((0, 0), 0), "{rule:?}");

        // Of unknown length: read for its digest or its form, it stops at the limit.
        let (body, taken) = counted(1000);
        assert_eq!(send(&both.app(), with_body(&wire, body)).await.code(), "I413RL", "{rule:?}");
        let limit = if wire.body.len() == 51 { 51 } else { long };
        assert_eq!(taken.load(Ordering::SeqCst), limit, "{rule:?}");
        assert_eq!(both.tokens.seen.count(), 0);
    }
}

#[tokio::test]
async fn a_token_alone_bounds_a_body_of_unknown_length_by_the_apps_limit() {
    let both = limited(AppAuthRule::Instead);
    let request = || get("/", &Token::new().sign());
    for (length, code) in [(LIMIT, "200"), (LIMIT + 1, "I413RL"), (1000, "I413RL")] {
        let (body, taken) = counted(length);
        assert_eq!(send(&both.app(), with_body(&request(), body)).await.code(), code);
        assert_eq!(taken.load(Ordering::SeqCst), length.min(LIMIT + 1));
    }
    assert_eq!(both.tokens.seen.count(), 1);
}

#[tokio::test]
async fn an_app_code_beside_a_token_bounds_a_body_of_unknown_length() {
    let limits = Limits::default().with_max_body(LIMIT as u64);
    let tokens = single_use().with_carrier(TokenCarrier::header("x-token").unwrap());
    let both = Both::new(tokens, Policy::strict().with_limits(limits));
    for (length, code) in [(LIMIT, "200"), (1000, "I413RL")] {
        let request = Call::post("/").with_app_code(APP_CODE).with("x-token", Token::new().sign());
        let (body, taken) = counted(length);
        assert_eq!(send(&both.app(), with_body(&request, body)).await.code(), code);
        assert_eq!(taken.load(Ordering::SeqCst), length.min(LIMIT + 1));
    }
}

#[tokio::test]
async fn lesson_20a_a_token_that_expires_while_a_body_drips_is_refused_and_spends_nothing() {
    let both = limited(AppAuthRule::Besides);
    let clock = Arc::clone(&both.tokens.clock);
    let request = bearing(Call::post("/").json("{}").sign(), &Token::new().sign());
    let body = futures_util::stream::iter(["{", "}"]).map(move |piece| {
        clock.advance(Duration::from_secs(150));
        Ok::<_, std::convert::Infallible>(Frame::data(Bytes::from(piece)))
    });
    let body = Body::new(StreamBody::new(body));
    assert_eq!(send(&both.app(), with_body(&request, body)).await.code(), "A403JE");
    assert_eq!(both.spent(), (0, 0));
}
