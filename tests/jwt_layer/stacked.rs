//! A layer for tokens and one for apps, separately: both are required, and the outer one has made
//! its claim when the inner one decides. The combined layer beside them, for comparison.

use axum::Router;
use countersign::middleware::AppAuthLayer;

use crate::backend::{send, whole};
use crate::service::{Both, bearing, in_header, in_query, single_use};
use crate::support::{Call, KEY};
use crate::token::Token;

fn service() -> Both {
    let claims = [in_header("sub", "x-user"), in_query("sub", "user")];
    Both::new(single_use().with_claim_parameters(claims).unwrap(), Default::default())
}

fn app_outside(both: &Both) -> Router {
    both.tokens.app().layer(AppAuthLayer::new(both.apps.verifier.clone()))
}

fn token_outside(both: &Both) -> Router {
    both.routes().layer(AppAuthLayer::new(both.apps.verifier.clone())).layer(both.tokens.layer())
}

#[tokio::test]
async fn both_orders_accept_both_and_make_both_claims() {
    for stack in [app_outside, token_outside, Both::app] {
        let both = service();
        let app = stack(&both);
        let token = Token::new().sign();
        let request = bearing(Call::get("/a?x=1").sign(), &token);
        assert_eq!(send(&app, whole(&request)).await.code(), "200");
        assert_eq!(both.spent(), (1, 1));
        let seen = both.tokens.seen.last();
        assert_eq!((seen.subject.as_deref(), seen.app.as_deref()), (Some("alice"), Some("demo")));
        assert_eq!(seen.target, "/a?x=1&user=alice");
    }
}

#[tokio::test]
async fn with_the_app_outside_a_refused_token_has_spent_the_nonce() {
    let both = service();
    let app = app_outside(&both);
    let call = Call::get("/a").sign();
    let refused = bearing(call.clone(), &Token::new().expired().sign());
    assert_eq!(send(&app, whole(&refused)).await.code(), "A403JE");
    assert_eq!(both.spent(), (1, 0));
    let mended = bearing(call, &Token::new().sign());
    assert_eq!(send(&app, whole(&mended)).await.code(), "S403NU");
    assert_eq!(both.spent(), (1, 0), "and a refused app leaves the jti alone");
}

#[tokio::test]
async fn with_the_token_outside_a_refused_app_has_spent_the_jti() {
    let both = service();
    let app = token_outside(&both);
    let token = Token::new().sign();
    let refused = bearing(Call::get("/a").key(KEY, "wrong").sign(), &token);
    assert_eq!(send(&app, whole(&refused)).await.code(), "A403IS");
    assert_eq!(both.spent(), (0, 1));
    let mended = bearing(Call::get("/a").sign(), &token);
    assert_eq!(send(&app, whole(&mended)).await.code(), "A403SV");
    assert_eq!(both.spent(), (0, 1), "and a refused token leaves the nonce alone");
}

#[tokio::test]
async fn the_combined_layer_spends_nothing_in_either_case() {
    let both = service();
    let (call, token) = (Call::get("/a").sign(), Token::new().sign());
    let expired = bearing(call.clone(), &Token::new().expired().sign());
    assert_eq!(send(&both.app(), whole(&expired)).await.code(), "A403JE");
    let forged = bearing(Call::get("/a").key(KEY, "wrong").sign(), &token);
    assert_eq!(send(&both.app(), whole(&forged)).await.code(), "A403IS");
    assert_eq!(both.spent(), (0, 0));
    assert_eq!(send(&both.app(), whole(&bearing(call, &token))).await.code(), "200");
}

#[tokio::test]
async fn an_app_that_signs_a_header_of_a_claim_verifies_only_where_the_app_is_asked_first() {
    for (stack, code) in [
        (app_outside as fn(&Both) -> Router, "200"),
        (Both::app, "200"),
        // The claim has taken the place of what was signed.
        (token_outside, "A403IS"),
    ] {
        let both = service();
        let call = Call::get("/a").signed_header("x-user", "root").sign();
        let request = bearing(call, &Token::new().sign());
        assert_eq!(send(&stack(&both), whole(&request)).await.code(), code);
        if code == "200" {
            assert_eq!(both.tokens.seen.last().header("x-user"), [b"alice"]);
        }
        // One who signs the very claim verifies in every order.
        let call = Call::get("/a").signed_header("x-user", "alice").sign();
        let request = bearing(call, &Token::new().sign());
        assert_eq!(send(&stack(&both), whole(&request)).await.code(), "200");
    }
}

#[tokio::test]
async fn an_app_that_signs_a_parameter_of_a_claim_verifies_in_every_order() {
    for stack in [app_outside as fn(&Both) -> Router, Both::app, token_outside] {
        let both = service();
        let request = bearing(Call::get("/a?user=root&x=1").sign(), &Token::new().sign());
        assert_eq!(send(&stack(&both), whole(&request)).await.code(), "200");
        assert_eq!(both.tokens.seen.last().target, "/a?x=1&user=alice");
    }
}

#[tokio::test]
async fn where_both_layers_want_authorization_an_app_code_and_a_token_do_not_fit() {
    let both = service();
    let code = || Call::get("/a").with_app_code(crate::support::APP_CODE);
    for stack in [app_outside as fn(&Both) -> Router, Both::app, token_outside] {
        assert_eq!(send(&stack(&both), whole(&code())).await.code(), "I400JD");
        let two = code().and("authorization", format!("Bearer {}", Token::new().sign()));
        assert_ne!(send(&stack(&both), whole(&two)).await.code(), "200");
    }
    assert_eq!(both.spent(), (0, 0));
}
