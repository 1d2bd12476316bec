//! `Enforcement::Observe`: everything passes, and what is refused passes as a stranger.

use countersign::error::{ErrorCode, Rejection};
use countersign::middleware::Enforcement;

use crate::backend::{send, whole};
use crate::service::{Both, Service, bearing, get, in_header, in_query, single_use};
use crate::support::{Call, KEY};
use crate::token::Token;

#[tokio::test]
async fn a_refused_request_passes_without_a_token_and_without_what_only_claims_may_say() {
    let claims = [in_header("sub", "x-user"), in_query("sub", "user")];
    let service = Service::forwarding(claims);
    let app = service.routes().layer(service.layer().with_enforcement(Enforcement::Observe));
    let used = Token::new().sign();
    let accepted = get("/a?user=root&b=2", &used).with("x-user", "root");
    let answer = send(&app, whole(&accepted)).await;
    assert_eq!((answer.code().as_str(), answer.header("cache-control")), ("200", "private"));
    let seen = service.seen.last();
    assert_eq!((seen.subject.as_deref(), seen.rejection), (Some("alice"), None));
    assert_eq!(
        (seen.target.to_string(), seen.header("x-user")),
        ("/a?b=2&user=alice".into(), vec![&b"alice"[..]])
    );

    for (token, code) in [
        (used, ErrorCode::A403SV),
        (Token::new().expired().sign(), ErrorCode::A403JE),
        (Token::new().sign_with("another secret of thirty-two bytes or more"), ErrorCode::A403JT),
        ("nonsense".to_owned(), ErrorCode::I400JD),
        (String::new(), ErrorCode::I400JR),
    ] {
        let spoofing =
            get("/a?user=root&b=2", &token).with("x-user", "root").with("x_user", "root");
        let answer = send(&app, whole(&spoofing.with_body("hello"))).await;
        assert_eq!(answer.code(), "200");
        assert_eq!(answer.header("cache-control"), "", "nobody was authenticated");
        assert!(!answer.header("x-ca-request-id").is_empty());
        let seen = service.seen.last();
        assert_eq!((seen.subject.as_deref(), seen.rejection), (None, Some(code)));
        assert_eq!((seen.target.to_string(), &*seen.body), ("/a?b=2".into(), &b"hello"[..]));
        assert!(seen.header("x-user").is_empty() && seen.header("x_user").is_empty());
        assert!(!seen.headers.contains_key("x-ca-error-code"));
    }
}

#[tokio::test]
async fn the_combined_layer_lets_a_half_proven_request_pass_as_nobodys() {
    let both = Both::new(single_use(), Default::default());
    let app = both.routes().layer(both.layer().with_enforcement(Enforcement::Observe));
    for (request, code) in [
        (Call::get("/").sign(), ErrorCode::I400JR),
        (get("/", &Token::new().sign()), ErrorCode::A400MA),
        (bearing(Call::get("/").key(KEY, "wrong").sign(), &Token::new().sign()), ErrorCode::A403IS),
    ] {
        assert_eq!(send(&app, whole(&request)).await.code(), "200");
        let seen = both.tokens.seen.last();
        assert_eq!((seen.subject, seen.app, seen.rejection), (None, None, Some(code)));
    }
    assert_eq!(both.spent(), (0, 0));
}

#[tokio::test]
async fn observing_bounds_no_body() {
    let service = Service::single_use();
    let layer = service.layer().with_max_body(3).with_enforcement(Enforcement::Observe);
    let app = service.routes().layer(layer);
    let long = || get("/", &Token::new().sign()).with_body("hello");
    for request in [whole(&long()), crate::backend::pieces(&long(), 1)] {
        assert_eq!(send(&app, request).await.code(), "200");
        assert_eq!(service.seen.last().body, "hello");
    }
}

#[tokio::test]
async fn what_an_observing_layer_refused_an_inner_layer_may_accept() {
    let (outer, inner) = (Service::single_use(), Service::single_use());
    let observing = outer.layer().with_enforcement(Enforcement::Observe);
    let app = inner.app().layer(observing);
    let token = Token::new().sign();
    assert_eq!(send(&outer.app(), whole(&get("/", &token))).await.code(), "200");
    let response = tower::ServiceExt::oneshot(app, whole(&get("/", &token))).await.unwrap();
    assert_eq!(response.status(), 200, "the outer layer has seen the token before");
    assert!(response.extensions().get::<Rejection>().is_none());
    let seen = inner.seen.last();
    assert_eq!((seen.subject.as_deref(), seen.rejection), (Some("alice"), None));
}
