//! What a handler asks for, and what its caller gets where there is none.

use std::collections::BTreeMap;

use axum::Router;
use axum::routing::get as route;
use countersign::jwt::{Algorithm, VerifiedToken};
use countersign::middleware::Enforcement;
use countersign::middleware::jwt_auth::Claims;
use countersign::verify::Verified;
use serde::Deserialize;

use crate::backend::{Answer, send, whole};
use crate::service::{Both, Service, bearing, bypassing, get, plain, single_use};
use crate::support::{Call, Wire};
use crate::token::{Token, verifying_key};

#[derive(Deserialize)]
struct Who {
    sub: String,
    roles: Vec<String>,
}

/// A handler for each thing that can be asked for.
fn routes() -> Router {
    Router::new()
        .route("/claims", route(async |Claims(who): Claims<Who>| said(&who)))
        .route(
            "/perhaps-claims",
            route(async |who: Option<Claims<Who>>| {
                who.map_or("a stranger".to_owned(), |Claims(who)| said(&who))
            }),
        )
        .route("/token", route(async |token: VerifiedToken| told(&token)))
        .route(
            "/perhaps-token",
            route(async |token: Option<VerifiedToken>| {
                token.as_ref().map_or("a stranger".to_owned(), told)
            }),
        )
}

fn said(who: &Who) -> String {
    format!("{} with {}", who.sub, who.roles.join("+"))
}

fn told(token: &VerifiedToken) -> String {
    token.subject().unwrap_or("nobody").to_owned()
}

async fn ask(app: &Router, wire: &Wire) -> Answer {
    send(app, whole(wire)).await
}

fn token() -> Token {
    Token::new().claim("roles", ["read", "write"].map(String::from).to_vec())
}

#[tokio::test]
async fn a_handler_gets_the_claims_as_its_own_type_and_the_token() {
    let service = Service::single_use();
    let app = routes().layer(service.layer());
    for (path, body) in [
        ("/claims", "alice with read+write"),
        ("/perhaps-claims", "alice with read+write"),
        ("/token", "alice"),
        ("/perhaps-token", "alice"),
    ] {
        let answer = ask(&app, &get(path, &token().sign())).await;
        assert_eq!((answer.code().as_str(), &*answer.body), ("200", body.as_bytes()), "{path}");
    }
}

#[tokio::test]
async fn claims_of_another_shape_are_an_invalid_token_and_are_not_shown() {
    let service = Service::single_use();
    let app = routes().layer(service.layer());
    for odd in [
        Token::new(),
        token().claim("roles", "secret-role"),
        token().claim("roles", vec![serde_json::json!({"secret-role": 1})]),
        token().without("sub"),
    ] {
        for path in ["/claims", "/perhaps-claims"] {
            let odd = odd.clone().claim("jti", path).claim("iss", odd.sign()).sign();
            let answer = ask(&app, &get(path, &odd)).await;
            assert_eq!(answer.code(), "A403JT", "{path}");
            let message = "Invalid JWT: its claims lack something";
            assert_eq!(answer.header("x-ca-error-message"), message);
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn a_handler_that_needs_a_token_is_not_run_without_one() {
    let service = Service::new(bypassing());
    let app = routes().layer(service.layer());
    for (path, code, body) in [
        ("/claims", "I400JR", ""),
        ("/perhaps-claims", "200", "a stranger"),
        ("/token", "I400JR", ""),
        ("/perhaps-token", "200", "a stranger"),
    ] {
        let answer = ask(&app, &plain("GET", path)).await;
        assert_eq!((answer.code().as_str(), &*answer.body), (code, body.as_bytes()), "{path}");
    }
}

#[tokio::test]
async fn a_route_that_no_layer_covers_is_the_services_mistake() {
    for (path, code) in [
        ("/claims", "X500ER"),
        ("/perhaps-claims", "200"),
        ("/token", "X500ER"),
        ("/perhaps-token", "200"),
    ] {
        let answer = ask(&routes(), &get(path, &token().sign())).await;
        assert_eq!(answer.code(), code, "{path}");
    }
}

#[tokio::test]
async fn a_refused_token_that_is_only_observed_is_no_token_for_a_handler() {
    let service = Service::single_use();
    let app = routes().layer(service.layer().with_enforcement(Enforcement::Observe));
    for refused in [token().expired().sign(), "nonsense".to_owned()] {
        for (path, code) in [("/claims", "I400JR"), ("/token", "I400JR"), ("/perhaps-token", "200")]
        {
            let answer = ask(&app, &get(path, &refused)).await;
            assert_eq!(answer.code(), code, "{path}");
        }
    }
    let answer = ask(&app, &get("/claims", &token().sign())).await;
    assert_eq!(&*answer.body, b"alice with read+write");
}

#[tokio::test]
async fn a_verified_token_tells_who_issued_what_with_which_key() {
    let keys = verifying_key(Some("k1"));
    let service = Service::with_keys(single_use(), keys);
    let handler = async |token: VerifiedToken| {
        assert_eq!(token.algorithm(), Algorithm::Hs256);
        let claims: BTreeMap<String, serde_json::Value> = token.claims_as().unwrap();
        assert_eq!(claims.len(), token.claims().len());
        format!("{:?} {:?} {:?} {:?}", token.issuer(), token.subject(), token.jti(), token.kid())
    };
    let app = Router::new().route("/", route(handler)).layer(service.layer());
    let token = Token::new().header("kid", "k1").claim("iss", "me").claim("jti", "j").sign();
    let answer = ask(&app, &get("/", &token)).await;
    assert_eq!(&*answer.body, br#"Some("me") Some("alice") Some("j") Some("k1")"#);
}

#[tokio::test]
async fn behind_the_combined_layer_a_handler_gets_both_identities() {
    let both = Both::new(single_use(), Default::default());
    let handler = async |token: VerifiedToken, app: Verified| {
        format!("{} by {}", token.subject().unwrap(), app.app_id())
    };
    let app = Router::new().route("/", route(handler)).layer(both.layer());
    let answer = ask(&app, &bearing(Call::get("/").sign(), &Token::new().sign())).await;
    assert_eq!(&*answer.body, b"alice by demo");
}
