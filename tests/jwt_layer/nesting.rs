//! Layers inside layers, and routers that rewrite the target.

use axum::Router;
use countersign::jwt::{JwtVerifier, TokenCarrier};
use countersign::middleware::{AppAuthLayer, JwtAuthLayer};

use crate::backend::{send, whole};
use crate::service::{Both, Service, bearing, get, in_header, in_query, plain, single_use};
use crate::support::Call;
use crate::token::Token;

#[tokio::test]
async fn lesson_27a_nested_layers_of_one_verifier_claim_a_jti_once() {
    let service = Service::single_use();
    let app = service.app().layer(service.layer()).layer(service.layer());
    let request = get("/", &Token::new().sign());
    assert_eq!(send(&app, whole(&request)).await.code(), "200");
    assert_eq!(service.replay.claims(), 1);
    assert_eq!(send(&app, whole(&request)).await.code(), "A403SV");
    assert_eq!(service.seen.count(), 1);
}

#[tokio::test]
async fn lesson_27a_an_outer_and_a_nested_router_claim_a_jti_once() {
    let service = Service::single_use();
    let app = Router::new()
        .nest("/api", Router::new().nest("/v1", service.app()))
        .fallback_service(service.routes())
        .layer(service.layer());
    for path in ["/api/v1/items?x=1", "/other"] {
        let request = get(path, &Token::new().sign());
        assert_eq!(send(&app, whole(&request)).await.code(), "200", "{path}");
        assert_eq!(send(&app, whole(&request)).await.code(), "A403SV", "{path}");
    }
    assert_eq!(service.replay.written(), 2);
}

#[tokio::test]
async fn lesson_27a_clones_of_a_layer_share_one_store() {
    let service = Service::single_use();
    let layer = service.layer();
    let (one, other) = (service.routes().layer(layer.clone()), service.routes().layer(layer));
    let request = get("/", &Token::new().sign());
    assert_eq!(send(&one, whole(&request)).await.code(), "200");
    assert_eq!(send(&other, whole(&request)).await.code(), "A403SV");
    let again = JwtAuthLayer::new(service.verifier.clone());
    assert_eq!(send(&service.routes().layer(again), whole(&request)).await.code(), "A403SV");
}

#[tokio::test]
async fn layers_of_other_verifiers_each_claim_for_themselves() {
    let (outer, inner) = (Service::single_use(), Service::single_use());
    let app = inner.app().layer(outer.layer());
    let request = get("/", &Token::new().sign());
    assert_eq!(send(&app, whole(&request)).await.code(), "200");
    assert_eq!((outer.replay.written(), inner.replay.written()), (1, 1));
    assert_eq!(send(&inner.app(), whole(&request)).await.code(), "A403SV");
    assert_eq!(send(&outer.app(), whole(&request)).await.code(), "A403SV");
}

#[tokio::test]
async fn verifiers_with_names_of_their_own_claim_in_one_store_without_meeting() {
    let service = Service::single_use();
    let named = |name: &str| service.verifier.clone().with_name(name);
    let app = service.routes().layer(JwtAuthLayer::new(named("inner")));
    let app = app.layer(JwtAuthLayer::new(named("outer")));
    let request = get("/", &Token::new().sign());
    assert_eq!(send(&app, whole(&request)).await.code(), "200");
    assert_eq!(service.replay.written(), 2);
}

#[tokio::test]
async fn a_claim_that_another_verifier_made_under_the_same_name_is_a_replay() {
    let service = Service::single_use();
    let keys = countersign::jwt::KeySet::from(crate::token::verifying_key(None));
    let other = JwtVerifier::new(single_use(), keys, std::sync::Arc::clone(&service.replay));
    let other = other.unwrap().with_clock(std::sync::Arc::clone(&service.clock));
    let app = service.app().layer(JwtAuthLayer::new(other));
    let request = get("/", &Token::new().sign());
    assert_eq!(send(&app, whole(&request)).await.code(), "A403SV");
}

#[tokio::test]
async fn another_token_than_the_outer_layers_is_claimed_by_the_inner_one() {
    // One verifier, and something between its layers that exchanges the token.
    let service = Service::single_use();
    let (first, second) = (Token::new().sign(), Token::new().sign());
    let exchange = format!("Bearer {second}");
    let app = service.app().layer(axum::middleware::map_request(
        move |mut request: axum::extract::Request| {
            request.headers_mut().insert("authorization", exchange.parse().unwrap());
            std::future::ready(request)
        },
    ));
    let app = app.layer(service.layer());
    assert_eq!(send(&app, whole(&get("/", &first))).await.code(), "200");
    assert_eq!(service.replay.written(), 2);
    assert_eq!(send(&service.app(), whole(&get("/", &second))).await.code(), "A403SV");
}

#[tokio::test]
async fn lesson_34_behind_nest_the_claims_are_in_the_target_that_the_router_sees() {
    let claims = [in_query("sub", "user"), in_header("sub", "x-user")];
    let service = Service::forwarding(claims);
    let app = Router::new().nest("/api/v1", service.app());
    let request = get("/api/v1/items?b=2&user=root&a=1", &Token::new().sign());
    assert_eq!(send(&app, whole(&request)).await.code(), "200");
    let seen = service.seen.last();
    assert_eq!(seen.target, "/items?b=2&a=1&user=alice");
    assert_eq!(seen.header("x-user"), [b"alice"]);

    // With the layer around the router, too.
    let app = Router::new().nest("/api/v1", service.app()).layer(service.layer());
    let request = get("/api/v1/items?b=2&user=root&a=1", &Token::new().sign());
    assert_eq!(send(&app, whole(&request)).await.code(), "200");
    assert_eq!(service.seen.last().target, "/items?b=2&a=1&user=alice");
}

#[tokio::test]
async fn lesson_34_behind_nest_an_app_layer_inside_verifies_the_target_that_was_signed() {
    let service = Service::forwarding([in_query("sub", "user")]);
    let apps = AppAuthLayer::new(crate::support::Server::strict().verifier);
    let nested = service.routes().layer(apps).layer(service.layer());
    let app = Router::new().nest("/api", nested);
    let sent = async |call: crate::support::Wire| {
        send(&app, whole(&bearing(call, &Token::new().sign()))).await.code()
    };
    assert_eq!(sent(Call::get("/api/a?user=root").sign()).await, "200");
    assert_eq!(service.seen.last().target, "/a?user=alice");
    for signed in ["/a?user=root", "/a?user=alice", "/api/a?user=alice"] {
        assert_eq!(
            sent(Call::get(signed).sign().to("/api/a?user=root")).await,
            "A403IS",
            "{signed}"
        );
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_found_by_every_layer_though_the_target_has_changed() {
    let policy = single_use().with_carrier(TokenCarrier::Query("token".to_owned()));
    let policy = policy.with_claim_parameters([in_query("sub", "user")]).unwrap();
    let service = Service::new(policy);
    let app = service.app().layer(service.layer());
    let token = Token::new().sign();
    let request = plain("GET", &format!("/a?user=root&token={token}"));
    assert_eq!(send(&app, whole(&request)).await.code(), "200");
    assert_eq!(service.seen.last().target, *format!("/a?token={token}&user=alice"));
    assert_eq!(service.replay.claims(), 1);
}

#[tokio::test]
async fn each_of_two_verifiers_forwards_its_own_claims() {
    let outer = Service::forwarding([in_header("sub", "x-user"), in_query("sub", "user")]);
    let policy = single_use().with_carrier(TokenCarrier::header("x-token").unwrap());
    let claims = [in_header("sub", "x-device"), in_query("sub", "device")];
    let inner = Service::new(policy.with_claim_parameters(claims).unwrap());
    let app = inner.app().layer(outer.layer());
    let device = Token::new().claim("sub", "phone").sign();
    let request = get("/a?device=root&user=root&x=1", &Token::new().sign());
    let request = request.with("x-token", device).with("x-device", "root").with("x-user", "root");
    assert_eq!(send(&app, whole(&request)).await.code(), "200");
    let seen = inner.seen.last();
    assert_eq!(seen.target, "/a?x=1&user=alice&device=phone");
    assert_eq!(
        (seen.header("x-user"), seen.header("x-device")),
        (vec![&b"alice"[..]], vec![&b"phone"[..]])
    );
    assert_eq!(seen.subject.as_deref(), Some("phone"), "the innermost layer says who calls");
}

#[tokio::test]
async fn the_combined_layer_and_layers_of_its_verifiers_make_each_claim_once() {
    let both = Both::new(single_use(), Default::default());
    let apps = || AppAuthLayer::new(both.apps.verifier.clone());
    let inside = both.routes().layer(both.layer()).layer(both.layer());
    let inside = inside.layer(both.tokens.layer()).layer(apps());
    let outside = both.routes().layer(both.tokens.layer()).layer(apps()).layer(both.layer());
    for app in [inside, outside] {
        let before = both.spent();
        let request = bearing(Call::get("/").sign(), &Token::new().sign());
        assert_eq!(send(&app, whole(&request)).await.code(), "200");
        assert_eq!(both.spent(), (before.0 + 1, before.1 + 1));
        assert_eq!(send(&app, whole(&request)).await.code(), "S403NU");
    }
    assert_eq!((both.apps.replay.claims(), both.tokens.replay.claims()), (4, 2));
}
