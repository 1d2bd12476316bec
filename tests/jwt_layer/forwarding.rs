//! Claims that the service gets in headers and in the query.

use countersign::jwt::JwtPolicy;
use countersign::middleware::AppAuthLayer;
use http::Uri;
use serde_json::json;
use tower::{Layer, ServiceExt};

use crate::backend::{send, whole};
use crate::service::{Service, bearing, bypassing, get, in_header, in_query, plain};
use crate::support::{Call, Server, Wire};
use crate::token::{NOW_SECONDS, Token};

/// What the service gets as `x-claim` and as the query of `/a?x=1`, of a token with this claim.
async fn forwarded(value: impl Into<serde_json::Value>) -> (Vec<u8>, String) {
    let service = Service::forwarding([in_header("c", "x-claim"), in_query("c", "claim")]);
    let request = get("/a?x=1", &Token::new().claim("c", value).sign());
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "200");
    let seen = service.seen.last();
    let header = seen.header("x-claim");
    assert_eq!(header.len(), 1);
    (header[0].to_vec(), seen.target.query().unwrap().to_owned())
}

#[tokio::test]
async fn a_claim_is_forwarded_as_text_and_what_is_no_text_as_json() {
    for (value, header, query) in [
        (json!("alice"), "alice", "alice"),
        (json!(""), "", ""),
        (json!("a b&c=d+e/f?g#h%41"), "a b&c=d+e/f?g#h%41", "a%20b%26c%3Dd%2Be%2Ff%3Fg%23h%2541"),
        (json!("-._~"), "-._~", "-._~"),
        (json!("张三 é"), "张三 é", "%E5%BC%A0%E4%B8%89%20%C3%A9"),
        (json!("null"), "null", "null"),
        (json!(null), "null", "null"),
        (json!(true), "true", "true"),
        (json!(42), "42", "42"),
        (json!(-1.5), "-1.5", "-1.5"),
        (json!(18_446_744_073_709_551_615_u64), "18446744073709551615", "18446744073709551615"),
        (json!(["a", 1]), r#"["a",1]"#, "%5B%22a%22%2C1%5D"),
        (json!({"n": "张"}), r#"{"n":"张"}"#, "%7B%22n%22%3A%22%E5%BC%A0%22%7D"),
    ] {
        let expected = (header.as_bytes().to_vec(), format!("x=1&claim={query}"));
        assert_eq!(forwarded(value).await, expected);
    }
}

#[tokio::test]
async fn a_number_that_may_have_lost_digits_is_refused_and_not_handed_on_as_anothers() {
    let service = Service::forwarding([in_header("c", "x-claim")]);
    for (number, code) in [
        ("18446744073709551615", "200"),
        ("18446744073709551616", "A403JT"),
        ("20231234567890123456789", "A403JT"),
        ("-9223372036854775809", "A403JT"),
        ("9007199254740993.0", "A403JT"),
        ("9007199254740991.0", "200"),
        ("1e300", "A403JT"),
    ] {
        for text in [number.to_owned(), format!("[{number}]"), format!("{{\"n\":{number}}}")] {
            let claim: serde_json::Value = serde_json::from_str(&text).unwrap();
            let request = get("/", &Token::new().claim("c", claim).sign());
            assert_eq!(send(&service.app(), whole(&request)).await.code(), code, "{text}");
        }
    }
}

#[tokio::test]
async fn a_claim_that_the_token_lacks_is_not_forwarded_and_what_the_caller_sent_there_is_gone() {
    let claims = [in_header("tenant", "x-tenant"), in_query("tenant", "tenant")];
    let service = Service::forwarding(claims);
    let request = get("/a?tenant=root&x=1", &Token::new().sign()).with("x-tenant", "root");
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "200");
    let seen = service.seen.last();
    assert_eq!(seen.target, "/a?x=1");
    assert!(!seen.headers.contains_key("x-tenant"));
}

#[tokio::test]
async fn claims_are_forwarded_in_the_order_of_the_policy_behind_the_callers_query() {
    let claims = ["sub", "iat", "tenant"].map(|claim| in_query(claim, claim));
    let service = Service::forwarding(claims);
    let token = Token::new().claim("tenant", "t1");
    for (query, kept) in [
        ("", ""),
        ("?", ""),
        ("?z=1&a=2&z=3", "z=1&a=2&z=3&"),
        ("?a", "a&"),
        ("?=b&&c=%20+", "=b&&c=%20+&"),
        ("?sub=x&z=1&iat=2&a=3", "z=1&a=3&"),
        ("?sub=x", ""),
    ] {
        let token = token.clone().claim("jti", query).sign();
        // An empty `jti` is none.
        let token =
            if query.is_empty() { Token::new().claim("tenant", "t1").sign() } else { token };
        let request = get(&format!("/a{query}"), &token);
        assert_eq!(send(&service.app(), whole(&request)).await.code(), "200", "{query}");
        let expected = format!("/a?{kept}sub=alice&iat={NOW_SECONDS}&tenant=t1");
        assert_eq!(service.seen.last().target, *expected, "{query}");
    }
}

#[tokio::test]
async fn a_parameters_name_is_encoded_as_its_value_is() {
    let service = Service::forwarding([in_query("sub", "my user&x=")]);
    let request = get("/a?my+user%26x%3d=root&my+user=1", &Token::new().sign());
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "200");
    assert_eq!(service.seen.last().target, "/a?my+user=1&my%20user%26x%3D=alice");
}

#[tokio::test]
async fn a_claim_that_no_header_can_carry_is_refused_and_its_jti_unspent() {
    for hostile in ["a\r\nx-admin: true", "a\nb", "a\0b", "\u{7f}", "\u{1}"] {
        let service = Service::forwarding([in_header("sub", "x-user")]);
        let token = Token::new().claim("sub", hostile);
        let answer = send(&service.app(), whole(&get("/", &token.sign()))).await;
        assert_eq!(answer.code(), "A403JT", "{hostile:?}");
        let message = "Invalid JWT: claim `sub` cannot be forwarded";
        assert_eq!(answer.header("x-ca-error-message"), message);
        assert_eq!((service.seen.count(), service.replay.claims()), (0, 0));
        let mended = token.claim("sub", "alice").sign();
        assert_eq!(send(&service.app(), whole(&get("/", &mended))).await.code(), "200");

        // A query can carry it.
        let service = Service::forwarding([in_query("sub", "user")]);
        let token = Token::new().claim("sub", hostile).sign();
        assert_eq!(send(&service.app(), whole(&get("/", &token))).await.code(), "200");
        let query = service.seen.last().target.query().unwrap().to_owned();
        assert!(
            query.starts_with("user=") && query.contains('%') && !query.contains('&'),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_claim_with_white_space_around_it_does_not_fit_a_header_where_the_next_hop_drops_that() {
    for padded in [" alice", "alice ", "\talice", "alice\t", " "] {
        let service = Service::forwarding([in_header("sub", "x-user")]);
        let token = Token::new().claim("sub", padded).sign();
        assert_eq!(send(&service.app(), whole(&get("/", &token))).await.code(), "A403JT");
        assert_eq!(service.replay.claims(), 0);

        let service = Service::forwarding([in_query("sub", "user")]);
        assert_eq!(send(&service.app(), whole(&get("/", &token))).await.code(), "200");
    }
    let service = Service::forwarding([in_header("sub", "x-user")]);
    let token = Token::new().claim("sub", "a \t b").sign();
    assert_eq!(send(&service.app(), whole(&get("/", &token))).await.code(), "200");
    assert_eq!(service.seen.last().header("x-user"), [b"a \t b"]);
}

#[tokio::test]
async fn a_long_claim_is_forwarded_whole_until_a_target_takes_no_more_and_then_refused() {
    // As long as a token lets it be.
    let long = "é".repeat(5_500);
    let service = Service::forwarding([in_header("c", "x-claim"), in_query("c", "claim")]);
    let token = Token::new().claim("c", long.as_str());
    assert_eq!(send(&service.app(), whole(&get("/a", &token.sign()))).await.code(), "200");
    let seen = service.seen.last();
    assert_eq!(seen.header("x-claim"), [long.as_bytes()]);
    assert_eq!(seen.target.query().unwrap(), format!("claim={}", "%C3%A9".repeat(5_500)));

    // The same claim in several places, beside a long query.
    let places = ["c1", "c2"].map(|name| in_query("c", name));
    let service = Service::forwarding(places);
    let token = Token::new().claim("c", long.as_str());
    let answer = send(&service.app(), whole(&get("/a", &token.sign()))).await;
    assert_eq!(answer.code(), "A403JT");
    let message = "Invalid JWT: its claims cannot be forwarded in the query";
    assert_eq!(answer.header("x-ca-error-message"), message);
    let target = format!("/a?{}", "x".repeat(60_000));
    let token = token.claim("c", "y".repeat(3_000));
    let answer = send(&service.app(), whole(&get(&target, &token.sign()))).await;
    assert_eq!(answer.code(), "A403JT");
    assert_eq!((service.seen.count(), service.replay.claims()), (0, 0));
    assert_eq!(send(&service.app(), whole(&get("/a", &token.sign()))).await.code(), "200");
}

#[tokio::test]
async fn every_form_of_a_target_keeps_its_form() {
    let service = Service::forwarding([in_query("sub", "user")]);
    for (target, forwarded) in [
        ("/", "/?user=alice"),
        ("/a/b%2Fc?user=root", "/a/b%2Fc?user=alice"),
        ("http://gateway.example:8080/a?x=1", "http://gateway.example:8080/a?x=1&user=alice"),
        ("http://gateway.example", "http://gateway.example/?user=alice"),
        ("http://gateway.example?user=root", "http://gateway.example/?user=alice"),
    ] {
        let request = get(target, &Token::new().sign());
        assert_eq!(send(&service.app(), whole(&request)).await.code(), "200", "{target}");
        let expected: Uri = forwarded.parse().unwrap();
        assert_eq!(service.seen.last().target, expected, "{target}");
    }
}

#[tokio::test]
async fn a_target_that_has_no_query_takes_no_claim() {
    let service = Service::forwarding([in_query("sub", "user")]);
    for (method, target) in [("OPTIONS", "*"), ("CONNECT", "example.com:443")] {
        let with = |token: Token| bearing(plain(method, target), &token.sign());
        let lacking = with(Token::new().without("sub"));
        assert_eq!(tower_code(&service, &lacking).await, "200", "{target}");
        assert_eq!(service.seen.last().target, target);
        let token = Token::new();
        assert_eq!(tower_code(&service, &with(token.clone())).await, "A403JT", "{target}");
        assert_eq!(service.replay.written(), service.seen.count(), "the refused one is unspent");
        assert_eq!(tower_code(&service, &get("/", &token.sign())).await, "200");
    }
}

async fn tower_code(service: &Service, request: &Wire) -> String {
    // Not through a router alone: those have routes for paths only.
    code(&service.layer().layer(service.routes()).oneshot(whole(request)).await.unwrap())
}

fn code<B>(response: &http::Response<B>) -> String {
    match response.headers().get("x-ca-error-code") {
        Some(code) => code.to_str().unwrap().to_owned(),
        None => response.status().as_u16().to_string(),
    }
}

#[tokio::test]
async fn without_parameters_a_request_is_handed_on_as_it_came() {
    let service = Service::new(JwtPolicy::new());
    let request = get("/a?user=1&&USER=2", &Token::new().sign()).with("x-user", "me");
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "200");
    let seen = service.seen.last();
    assert_eq!(seen.target, "/a?user=1&&USER=2");
    assert_eq!(seen.headers, request.headers);
}

#[tokio::test]
async fn the_token_itself_is_handed_on_as_it_came() {
    let service = Service::forwarding([in_header("sub", "x-user")]);
    let token = Token::new().sign();
    assert_eq!(send(&service.app(), whole(&get("/", &token))).await.code(), "200");
    let authorization = format!("Bearer {token}");
    assert_eq!(service.seen.last().header("authorization"), [authorization.as_bytes()]);
}

/// An app layer inside, by what is between it and the layer: a router, or nothing. Nobody sees the
/// target before the layer.
async fn codes_with_an_app_layer_inside(
    service: &Service,
    request: impl Fn() -> Wire,
) -> [(String, Uri); 2] {
    let apps = AppAuthLayer::new(Server::strict().verifier);
    let routed = service.layer().layer(service.routes().layer(apps.clone()));
    let routed = code(&routed.oneshot(whole(&request())).await.unwrap());
    let routed_target = service.seen.last().target;
    let bare = service.layer().layer(apps.layer(service.routes()));
    let bare = code(&bare.oneshot(whole(&request())).await.unwrap());
    [(routed, routed_target), (bare, service.seen.last().target)]
}

#[tokio::test]
async fn an_app_layer_further_in_verifies_the_target_that_was_signed() {
    let policy = bypassing().with_claim_parameters([in_query("sub", "user")]).unwrap();
    let service = Service::new(policy);
    let call = || Call::get("/a?x=1&user=root").sign();
    let of_alice = || bearing(call(), &Token::new().sign());
    for (code, target) in codes_with_an_app_layer_inside(&service, of_alice).await {
        assert_eq!((code.as_str(), target.to_string().as_str()), ("200", "/a?x=1&user=alice"));
        assert_eq!(service.seen.last().app.as_deref(), Some("demo"));
    }
    // Where a stranger's parameter is only removed, too.
    for (code, target) in codes_with_an_app_layer_inside(&service, call).await {
        assert_eq!((code.as_str(), target.to_string().as_str()), ("200", "/a?x=1"));
    }
    for signed in ["/a?x=1", "/a?x=1&user=alice", "/b?x=1&user=root"] {
        let forged =
            || bearing(Call::get(signed).sign().to("/a?x=1&user=root"), &Token::new().sign());
        for (code, _) in codes_with_an_app_layer_inside(&service, forged).await {
            assert_eq!(code, "A403IS", "{signed}");
        }
    }
}
