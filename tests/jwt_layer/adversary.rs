//! Hostile requests: each gets a documented code, and none makes a layer panic.

use axum::Router;
use countersign::error::ErrorCode;
use countersign::jwt::{AppAuthRule, EmptyToken, JwtPolicy, TokenCarrier};
use countersign::middleware::Enforcement;
use http::{HeaderName, HeaderValue};
use serde_json::json;

use crate::backend::{send, whole};
use crate::service::{Both, Service, bearing, get, in_header, in_query, plain, single_use};
use crate::support::{Call, Wire};
use crate::token::Token;

fn carriers() -> [TokenCarrier; 4] {
    [
        TokenCarrier::authorization(),
        TokenCarrier::header("x-token").unwrap(),
        TokenCarrier::Query("token".to_owned()),
        TokenCarrier::Cookie("token".to_owned()),
    ]
}

fn policies() -> Vec<JwtPolicy> {
    let claims = [in_header("sub", "x-user"), in_query("sub", "user")];
    let mut policies = Vec::new();
    for carrier in carriers() {
        for empty in [EmptyToken::Refuse, EmptyToken::Bypass] {
            for rule in [AppAuthRule::Besides, AppAuthRule::Instead] {
                let policy = single_use().with_carrier(carrier.clone()).with_empty_token(empty);
                let policy = policy.with_app_auth_rule(rule);
                policies.push(policy.with_claim_parameters(claims.clone()).unwrap());
            }
        }
    }
    policies
}

/// Puts `text` wherever a token may stand.
fn everywhere(text: &[u8]) -> Vec<Wire> {
    let mut wires = Vec::new();
    if HeaderValue::from_bytes(text).is_ok() {
        let behind = |prefix: &str| [prefix.as_bytes(), text].concat();
        wires.push(plain("GET", "/a").with("authorization", text));
        wires.push(plain("GET", "/a").with("authorization", behind("Bearer ")));
        wires.push(plain("GET", "/a").with("x-token", text));
        wires.push(plain("GET", "/a").with("cookie", behind("a=1; token=")));
    }
    let escaped = percent_encoding::percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
    let target = format!("/a?token={escaped}");
    if target.parse::<http::Uri>().is_ok() {
        wires.push(plain("GET", &target));
    }
    wires
}

/// What nobody signed.
fn unsigned_tokens() -> Vec<Vec<u8>> {
    let signed = Token::new().sign();
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(2_000), close.repeat(2_000));
    let part = |text: &str| base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, text);
    let texts = [
        ".".to_owned(),
        "..".to_owned(),
        "...".repeat(5_000),
        "a".repeat(16 * 1024),
        "a".repeat(16 * 1024 + 1),
        "a".repeat(60_000),
        ".".repeat(60_000),
        "Bearer ".repeat(2_000),
        "APPCODE ".to_owned(),
        "APPCODE".to_owned(),
        "\"".to_owned(),
        "\"\"".to_owned(),
        "=;=;=".to_owned(),
        format!("{signed}.{signed}"),
        format!("{signed},{signed}"),
        format!("{signed} {signed}"),
        signed.replace('.', ".."),
        signed.replace('.', "%2e%2E"),
        format!("{signed}="),
        format!("{}.{}.", part(r#"{"alg":"none"}"#), part("{}")),
        format!("{}.{}.AAAA", part(r#"{"alg":"HS256"}"#), part(&deep("[", "]"))),
        format!("{}.{}.AAAA", part(&deep(r#"{"a":"#, "}")), part("{}")),
        format!("{}.{}.AAAA", part(r#"{"alg":"HS256","kid":"\u0000\r\n`${x}"}"#), part("{}")),
        format!("{}.{}.AAAA", part(r#"{"alg":"HS256","kid":"张"}"#), part(r#"{"sub":"root"}"#)),
    ];
    let mut tokens: Vec<_> = texts.into_iter().map(String::into_bytes).collect();
    tokens.extend([b"\xff\xfe.\x80.\xc0".to_vec(), (0x80..=0xff).collect(), b"\t\t".to_vec()]);
    tokens
}

/// What an issuer should not have signed.
fn odd_tokens() -> Vec<Vec<u8>> {
    let tokens = [
        Token::new().header("crit", json!(["exp"])),
        Token::new().header("kid", "x".repeat(10_000)),
        Token::new().header("kid", "张".repeat(1_000)),
        Token::new().header("jku", "https://evil.example/jwks"),
        Token::new().claim("jti", "x".repeat(257)),
        Token::new().claim("jti", "\0".repeat(256)),
        Token::new().claim("jti", json!({"a": 1})),
        Token::new().claim("exp", f64::MAX),
        Token::new().claim("exp", u64::MAX).claim("iat", 0),
        Token::new().claim("exp", i64::MIN),
        Token::new().claim("nbf", u64::MAX),
        Token::new().claim("sub", "a\r\nx-admin: 1"),
        Token::new().claim("sub", "\0"),
        Token::new().claim("sub", "é".repeat(5_000)),
        Token::new().claim("iss", "x".repeat(8_000)),
    ];
    tokens.iter().map(|token| token.sign().into_bytes()).collect()
}

fn hostile_tokens() -> Vec<Vec<u8>> {
    [unsigned_tokens(), odd_tokens()].concat()
}

fn hostile_requests() -> Vec<Wire> {
    let signed = Token::new().sign();
    let long = "x".repeat(60_000);
    let mut requests = vec![
        plain("GET", "*"),
        plain("CONNECT", "example.com:443"),
        plain("BREW", "http://user:password@example.com/a?token=b#fragment"),
        plain("GET", &format!("/a?{long}")),
        plain("GET", &format!("/{long}?user=1")),
        plain("GET", &format!("/a?{}", "&".repeat(60_000))),
        plain("GET", &format!("/a?{}", "=&".repeat(30_000))),
        plain("GET", &format!("/a?{}", "%".repeat(60_000))),
        plain("GET", &format!("/a?{}", "token&".repeat(10_000))),
        plain("GET", &format!("/a?{}", "user=%75ser&".repeat(5_000))),
        plain("GET", &format!("/a?token={signed}&%74oken={signed}&TOKEN=x")),
        plain("GET", "/a").with("x-user", "x".repeat(1_000_000)),
        plain("GET", "/a").with("connection", "x-user,".repeat(10_000)),
        plain("GET", "/a").with("connection", b"\xff, x-user, \xfe"),
        plain("GET", "/a").with("cookie", "token=;".repeat(10_000)),
        plain("GET", "/a").with("cookie", "=".repeat(100_000)),
        plain("GET", "/a").with("content-length", "18446744073709551616"),
        plain("GET", "/a").with("transfer-encoding", "chunked"),
        Call::get("/a").sign().with("authorization", "Bearer"),
        Call::get("/a").sign().with("authorization", "Basic x"),
        Call::get("/a").with_app_code("").with("authorization", "APPCODE"),
        Call::post("/a").form("user=root&token=x").sign(),
        Call::get("/a").sign().with("x-ca-signature", "A".repeat(100_000)),
    ];
    let thousand = |name: &str, value: &str| {
        let first = plain("GET", "/a").with(name, value);
        (1..2_000).fold(first, |wire, _| wire.and(name, value))
    };
    requests.push(thousand("authorization", &format!("Bearer {signed}")));
    requests.push(thousand("authorization", "Bearer"));
    requests.push(thousand("x-token", &signed));
    requests.push(thousand("cookie", &format!("a=1; token={signed}")));
    requests.push(thousand("x-user", "root"));
    requests.push(thousand("connection", "X-User"));
    let cookies = (0..10_000).fold(plain("GET", "/a"), |w, n| w.and("cookie", format!("c{n}={n}")));
    requests.push(cookies.clone());
    requests.push(cookies.and("cookie", format!("token={}", Token::new().sign())));
    requests.push((0..10_000).fold(plain("GET", "/a"), |w, n| w.with(&format!("x-h-{n}"), "1")));
    requests
}

/// The layers under attack, with how many requests their handler has seen.
fn apps(policy: &JwtPolicy) -> Vec<(Router, Both)> {
    let both = || Both::new(policy.clone(), Default::default());
    let (alone, combined, observing) = (both(), both(), both());
    let observed = observing.layer().with_enforcement(Enforcement::Observe);
    vec![
        (alone.tokens.app(), alone),
        (combined.app(), combined),
        (observing.routes().layer(observed), observing),
    ]
}

#[tokio::test]
async fn every_hostile_request_gets_a_documented_code() {
    let tokens = hostile_tokens();
    let requests = tokens.iter().flat_map(|token| everywhere(token)).chain(hostile_requests());
    let requests: Vec<_> = requests.collect();
    for policy in policies() {
        for (app, both) in apps(&policy) {
            for request in &requests {
                let before = both.tokens.seen.count();
                let answer = send(&app, whole(request)).await;
                let code = answer.code();
                let handled = both.tokens.seen.count() - before;
                let case = || {
                    let head = format!("{request:?}");
                    let end = head.char_indices().nth(400).map_or(head.len(), |(end, _)| end);
                    format!("{code} {:?} {}", policy.carrier(), &head[..end])
                };
                match code.parse::<ErrorCode>() {
                    Ok(ErrorCode::X500ER) => panic!("{}", case()),
                    Ok(_) => assert_eq!(handled, 0, "{}", case()),
                    Err(_) => assert_eq!((code.as_str(), handled), ("200", 1), "{}", case()),
                }
                if handled == 1 {
                    let seen = both.tokens.seen.last();
                    let user = seen.header("x-user");
                    let subject = seen.subject.is_some();
                    assert!(user.len() == usize::from(subject), "{}", case());
                }
                assert!(
                    answer.head.headers.values().all(|value| value.len() <= 4096),
                    "{}",
                    case()
                );
            }
        }
    }
}

#[tokio::test]
async fn what_nobody_signed_is_accepted_nowhere() {
    for carrier in carriers() {
        for rule in [AppAuthRule::Besides, AppAuthRule::Instead] {
            let policy = JwtPolicy::new().with_carrier(carrier.clone()).with_app_auth_rule(rule);
            let both = Both::new(policy, Default::default());
            for request in unsigned_tokens().iter().flat_map(|token| everywhere(token)) {
                assert_ne!(send(&both.tokens.app(), whole(&request)).await.code(), "200");
                assert_ne!(send(&both.app(), whole(&request)).await.code(), "200");
            }
            assert_eq!(both.tokens.seen.count(), 0);
        }
    }
}

#[tokio::test]
async fn thousands_of_lines_with_one_token_carry_that_token() {
    let service = Service::single_use();
    let token = Token::new().sign();
    let request = (1..2_000).fold(get("/", &token), |wire, n| {
        wire.and("authorization", format!("{:width$}{token}", "bearer", width = 7 + n % 3))
    });
    assert_eq!(send(&service.app(), whole(&request)).await.code(), "200");
    let other = request.and("authorization", format!("Bearer {}", Token::new().sign()));
    assert_eq!(send(&service.app(), whole(&other)).await.code(), "I400JD");
}

#[tokio::test]
async fn a_message_shows_of_a_hostile_token_what_no_one_can_use_and_no_line_breaks() {
    let service = Service::single_use();
    for token in hostile_tokens() {
        for request in everywhere(&token) {
            let answer = send(&service.app(), whole(&request)).await;
            let message = answer.head.headers.get("x-ca-error-message");
            let message = message.map_or(&b""[..], HeaderValue::as_bytes);
            assert!(message.len() < 600, "{message:?}");
            assert!(!message.iter().any(|byte| *byte < 32), "{message:?}");
        }
    }
}

#[tokio::test]
async fn a_header_map_that_is_full_takes_no_identity_and_panics_nowhere() {
    let policy = single_use().with_claim_parameters([in_header("sub", "x-user")]).unwrap();
    let both = Both::new(policy, Default::default());
    let layer = both.layer().with_identity_headers(Default::default()).unwrap();
    let app = both.routes().layer(layer);
    let signed = Call::get("/a").header("x-user", "root").header("x-authenticated-app-id", "root");
    let mut request = bearing(signed.sign(), &Token::new().sign());
    let mut names = (0..).map(|n| format!("x-h-{n}").parse::<HeaderName>().unwrap());
    let one = || HeaderValue::from_static("1");
    while request.headers.try_insert(names.next().unwrap(), one()).is_ok() {}
    assert_eq!(send(&app, whole(&request)).await.code(), "200");
    let seen = both.tokens.seen.last();
    assert_eq!((seen.subject.as_deref(), seen.app.as_deref()), (Some("alice"), Some("demo")));
    // Two names left the map, so two of four found a place. None of them is the caller's.
    let told = ["x-user", "x-authenticated-app-id", "x-authenticated-app-key"];
    let told: Vec<_> = told.iter().flat_map(|name| seen.header(name)).collect();
    assert_eq!(told, [&b"alice"[..], b"demo"]);
}
