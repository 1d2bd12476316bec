//! Every refusal of a token: its code, its status, its message; where a token is looked for; and of
//! two faults, that the earlier step answers.

#![cfg(feature = "jwt")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::time::Duration;

use countersign::clock::UnixMillis;
use countersign::error::{Dialect, ErrorCode, Rejection, RenderRejection, StoreError};
use countersign::jwt::{
    Algorithm, AppAuthRule, EmptyToken, Expiration, JtiRule, JwtPolicy, KeySet, TokenCarrier,
    VerifiedToken,
};
use serde_json::{Value, json};
use support::{
    NOW_SECS, TokenKey, TokenServer, Wire, answered, assert_token_accepted, assert_token_code,
    assert_token_refused, bearer, claims, decode, encode, jwks, plain_get,
};

fn es256() -> &'static TokenKey {
    TokenKey::of("ES256")
}

/// A good token for the key of [`server`].
fn good() -> String {
    es256().token_by("ES256", "a", &claims(json!({})))
}

fn token_with(changes: Value) -> String {
    es256().token_by("ES256", "a", &claims(changes))
}

/// A server with the keys `a` (ES256) and `b` (EdDSA).
fn server(policy: JwtPolicy) -> TokenServer {
    let keys = [es256().jwk(json!({"kid": "a"})), TokenKey::of("EdDSA").jwk(json!({"kid": "b"}))];
    TokenServer::new(policy, KeySet::from_jwks(&jwks(keys)).unwrap())
}

fn single_use() -> JwtPolicy {
    JwtPolicy::new().with_jti_rule(JtiRule::SingleUse)
}

fn with_carrier(carrier: TokenCarrier) -> TokenServer {
    server(JwtPolicy::new().with_carrier(carrier))
}

/// Whether the request presents the token that is good.
#[track_caller]
fn assert_presents(server: &TokenServer, wire: &Wire) {
    let verified =
        server.verify(wire).unwrap_or_else(|rejection| panic!("{}", rejection.message()));
    assert_eq!(verified.expect("a token is there").subject(), Some("user"));
}

#[track_caller]
fn assert_presents_nothing(server: &TokenServer, wire: &Wire) {
    assert_token_refused(server.verify(wire), ErrorCode::I400JR, "JWT required");
}

// -- I400JR

#[test]
fn a_request_without_a_token_is_told_that_one_is_required() {
    let query = TokenCarrier::Query("token".to_owned());
    let cookie = TokenCarrier::Cookie("token".to_owned());
    let own = TokenCarrier::header("X-Token").unwrap();
    for (carrier, wire) in [
        (TokenCarrier::authorization(), plain_get("/")),
        (TokenCarrier::authorization(), plain_get("/").with("authorization", "")),
        (TokenCarrier::authorization(), plain_get("/").with("authorization", "  ")),
        (TokenCarrier::authorization(), plain_get("/").with("authorization", "Bearer")),
        (TokenCarrier::authorization(), plain_get("/").with("authorization", "bearer  ")),
        (TokenCarrier::authorization(), plain_get("/").with("x-token", good())),
        (TokenCarrier::authorization(), plain_get(&format!("/?authorization={}", good()))),
        (own.clone(), plain_get("/")),
        (own.clone(), plain_get("/").with("x-token", "")),
        (own, bearer(&good())),
        (query.clone(), plain_get("/")),
        (query.clone(), plain_get("/?token")),
        (query.clone(), plain_get("/?token=&token=")),
        (query.clone(), plain_get(&format!("/?Token={}", good()))),
        (query.clone(), plain_get(&format!("/token={}", good()))),
        (query, bearer(&good())),
        (cookie.clone(), plain_get("/")),
        (cookie.clone(), plain_get("/").with("cookie", "token=")),
        (cookie.clone(), plain_get("/").with("cookie", "token=\"\"")),
        (cookie.clone(), plain_get("/").with("cookie", "token")),
        (cookie.clone(), plain_get("/").with("cookie", format!("Token={}", good()))),
        (cookie.clone(), plain_get("/").with("cookie", format!("xtoken={}", good()))),
        (cookie, plain_get("/").with("set-cookie", format!("token={}", good()))),
    ] {
        let server = with_carrier(carrier.clone());
        let rejection =
            assert_token_refused(server.verify(&wire), ErrorCode::I400JR, "JWT required");
        assert_eq!(rejection.status(), 400, "{carrier:?}");
    }
}

#[test]
fn an_absent_token_may_pass_and_a_wrong_one_never_does() {
    let server = server(single_use().with_empty_token(EmptyToken::Bypass));
    assert!(server.verify(&plain_get("/")).unwrap().is_none());
    assert!(server.verify(&plain_get("/").with("authorization", "Bearer ")).unwrap().is_none());
    assert!(server.verify(&bearer(&good())).unwrap().is_some());
    for (token, code) in [
        ("x".to_owned(), ErrorCode::I400JD),
        (es256().token_by("ES256", "c", &claims(json!({}))), ErrorCode::A403JK),
        (format!("{}=", good()), ErrorCode::I400JD),
        (token_with(json!({"exp": 1})), ErrorCode::A403JE),
        (good(), ErrorCode::A403SV),
    ] {
        assert_token_code(server.bearer(&token), code);
    }
    let basic = plain_get("/").with("authorization", "Basic dXNlcjpwYXNzd29yZA==");
    assert_token_code(server.verify(&basic), ErrorCode::I400JD);
}

// -- carriers

#[test]
fn in_authorization_a_token_stands_behind_bearer_in_any_case_or_bare() {
    let server = server(JwtPolicy::new());
    let good = good();
    for value in [
        format!("Bearer {good}"),
        format!("bearer {good}"),
        format!("BEARER {good}"),
        format!("bEaReR   {good}"),
        format!("Bearer\t{good}"),
        format!("  Bearer {good}  "),
        good.clone(),
        format!(" {good} "),
    ] {
        assert_presents(&server, &plain_get("/").with("authorization", value));
    }
    for value in [
        format!("Bearer{good}"),
        format!("Bearer:{good}"),
        format!("Bearer {good} x"),
        format!("Bearer Bearer {good}"),
        format!("JWT {good}"),
        format!("Token {good}"),
        format!("{good} {good}"),
        format!("Bearer \"{good}\""),
        format!("Bearer {good},"),
    ] {
        let wire = plain_get("/").with("authorization", value);
        assert_token_code(server.verify(&wire), ErrorCode::I400JD);
    }
}

#[test]
fn in_another_header_a_token_stands_as_it_is() {
    let server = with_carrier(TokenCarrier::header("x-TOKEN").unwrap());
    assert_presents(&server, &plain_get("/").with("X-Token", good()));
    assert_presents(&server, &plain_get("/").with("X-Token", format!(" {}\t", good())));
    let scheme = plain_get("/").with("X-Token", format!("Bearer {}", good()));
    assert_token_code(server.verify(&scheme), ErrorCode::I400JD);
    // What stands in `Authorization` is somebody else's business.
    let basic = plain_get("/").with("X-Token", good()).with("authorization", "Basic eDp5");
    assert_presents(&server, &basic);
}

#[test]
fn in_the_query_names_and_values_are_compared_decoded() {
    let server = with_carrier(TokenCarrier::Query("access token".to_owned()));
    let good = good();
    let escaped: String = good.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for query in [
        format!("access+token={good}"),
        format!("access%20token={good}"),
        format!("%61ccess%20token={good}"),
        format!("a=1&access+token={good}&b=2"),
        format!("access+token={escaped}"),
        format!("access+token=&access+token={good}"),
        format!("access+token={good}&access%20token={escaped}"),
    ] {
        assert_presents(&server, &plain_get(&format!("/orders?{query}")));
    }
    assert_presents_nothing(&server, &plain_get(&format!("/?access%2Btoken={good}")));
    let spaced = plain_get(&format!("/?access+token=+{good}"));
    assert_token_code(server.verify(&spaced), ErrorCode::I400JD);
}

#[test]
fn in_cookies_all_lines_count_as_one() {
    let server = with_carrier(TokenCarrier::Cookie("token".to_owned()));
    let good = good();
    for lines in [
        vec![format!("token={good}")],
        vec![format!("a=b; token={good}; c=d")],
        vec![format!("a=b;token={good};c=d")],
        vec![format!("  token = {good}  ;")],
        vec![format!("token=\"{good}\"")],
        vec!["a=b".to_owned(), format!("token={good}")],
        vec![format!("token={good}"), "token=".to_owned()],
        vec![format!("token={good}; token=\"{good}\""), format!("token={good}")],
        vec![format!(";;=;a;;token={good}")],
    ] {
        let wire = lines.iter().fold(plain_get("/"), |wire, line| wire.and("cookie", line));
        assert_presents(&server, &wire);
    }
    // A name is that of the cookie from its first byte to its last.
    for line in [format!("xtoken={good}"), format!("a=token={good}"), format!("token2={good}")] {
        assert_presents_nothing(&server, &plain_get("/").with("cookie", line));
    }
    // What follows the first `=` is the value.
    let wire = plain_get("/").with("cookie", format!("token=a={good}"));
    assert_token_code(server.verify(&wire), ErrorCode::I400JD);
}

#[test]
fn two_different_tokens_are_refused_and_one_said_twice_is_one() {
    let (one, other) = (good(), token_with(json!({"sub": "other"})));
    let twice = |a: &str, b: &str| {
        let cookie = TokenCarrier::Cookie("t".to_owned());
        let query = TokenCarrier::Query("t".to_owned());
        [
            (TokenCarrier::authorization(), bearer(a).and("authorization", format!("Bearer {b}"))),
            (TokenCarrier::authorization(), bearer(a).and("authorization", b)),
            (
                TokenCarrier::header("x-token").unwrap(),
                plain_get("/").and("x-token", a).and("x-token", b),
            ),
            (query.clone(), plain_get(&format!("/?t={a}&t={b}"))),
            (query, plain_get(&format!("/?%74={a}&u=1&t={b}"))),
            (cookie.clone(), plain_get("/").with("cookie", format!("t={a}; t={b}"))),
            (
                cookie,
                plain_get("/").and("cookie", format!("t={a}")).and("cookie", format!("t={b}")),
            ),
        ]
    };
    for (carrier, wire) in twice(&one, &one) {
        assert_presents(&with_carrier(carrier), &wire);
    }
    // Not even where the second is no token.
    for second in [other.as_str(), "x"] {
        for (carrier, wire) in twice(&one, second) {
            let shown = format!("JWT Deserialize Failed: `{}…`", &one[..12]);
            let rejection = assert_token_refused(
                with_carrier(carrier).verify(&wire),
                ErrorCode::I400JD,
                &shown,
            );
            assert_eq!(rejection.detail(), Some("it is presented twice, differently"));
        }
    }
}

// -- I400JD

fn part(json: &str) -> String {
    encode(json)
}

#[test]
fn what_is_no_token_cannot_be_parsed() {
    let server = server(JwtPolicy::new());
    let good = good();
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    let object = part("{}");
    for (token, shown) in [
        (".".to_owned(), "…"),
        ("..".to_owned(), "…"),
        ("hello".to_owned(), "hel…"),
        (header.to_owned(), "eyJhbGciOiJF…"),
        (format!("{header}.{payload}"), "eyJhbGciOiJF…"),
        (format!("{good}."), "eyJhbGciOiJF…"),
        (format!(".{good}"), "…"),
        (format!("{good}.{signature}"), "eyJhbGciOiJF…"),
        (format!("{header}..{signature}"), "eyJhbGciOiJF…"),
        (format!(".{payload}.{signature}"), "…"),
        // Five parts are an encrypted token.
        (format!("{header}.{object}.{object}.{object}.{signature}"), "eyJhbGciOiJF…"),
        (format!("{good}="), "eyJhbGciOiJF…"),
        (format!("{header}.{payload}.{signature}AAA"), "eyJhbGciOiJF…"),
        (format!("{header}.{payload}.+/"), "eyJhbGciOiJF…"),
        (format!("{header}=.{payload}.{signature}"), "eyJhbGciOiJF…"),
        (format!("{header}.{payload}.A"), "eyJhbGciOiJF…"),
        (format!("{header}.{payload}.AB"), "eyJhbGciOiJF…"),
        (format!("%65yJ.{payload}.{signature}"), "%65…"),
        (format!("{}.{payload}.{signature}", part("text")), "dGV…"),
        (format!("{}.{payload}.{signature}", part("[]")), "W10…"),
        (format!("{}.{payload}.{signature}", part("{}")), "e30…"),
        (format!("{}.{payload}.{signature}", part("null")), "bnV…"),
        (format!("{}.{payload}.{signature}", part(r#"{"alg":null}"#)), "eyJhbGciOm51…"),
        (format!("{}.{payload}.{signature}", part(r#"{"alg":1}"#)), "eyJhbGciOjF9…"),
        (format!("{}.{payload}.{signature}", part(r#"{"alg":"ES256","kid":1}"#)), "eyJhbGciOiJF…"),
        (
            format!("{}.{payload}.{signature}", part(r#"{"alg":"ES256","alg":"ES256"}"#)),
            "eyJhbGciOiJF…",
        ),
        (format!("{}.{payload}.{signature}", part("{\"alg\":\"ES256\"")), "eyJhbGciOiJF…"),
        (format!("{}.{payload}.{signature}", part("{\"alg\":\"ES256\"}x")), "eyJhbGciOiJF…"),
        (format!("{header}.{}.{signature}", part("text")), "eyJhbGciOiJF…"),
        (format!("{header}.{}.{signature}", part("[]")), "eyJhbGciOiJF…"),
        (format!("{header}.{}.{signature}", part("1")), "eyJhbGciOiJF…"),
        (format!("{header}.{}.{signature}", part(r#"{"exp":1,"exp":2}"#)), "eyJhbGciOiJF…"),
        (format!("{header}.{}.{signature}", part(r#"{"a":{"b":1,"b":2}}"#)), "eyJhbGciOiJF…"),
        (format!("{header}.{}.{signature}", encode([0xff, 0xfe])), "eyJhbGciOiJF…"),
        (format!("{header}.{}.{signature}", part("{\"a\":\"\u{1}\"}")), "eyJhbGciOiJF…"),
        (format!("{header}.{}.{signature}", part("\u{feff}{}")), "eyJhbGciOiJF…"),
        (format!("{header}.{}.{signature}", part("{\"exp\":1e999}")), "eyJhbGciOiJF…"),
        (format!("{header}.{}.{signature}", part(&"[".repeat(5_000))), "eyJhbGciOiJF…"),
    ] {
        let rejection = assert_token_refused(
            server.bearer(&token),
            ErrorCode::I400JD,
            &format!("JWT Deserialize Failed: `{shown}`"),
        );
        assert_eq!(rejection.status(), 400);
    }
}

#[test]
fn what_is_signed_but_has_another_form_cannot_be_parsed_either() {
    let server = server(JwtPolicy::new());
    let header = r#"{"alg":"ES256","kid":"a"}"#;
    let now = claims(json!({})).to_string();
    assert_token_accepted(server.bearer(&es256().seal("ES256", header, &now)));
    for claims in [
        format!("[{now}]"),
        format!("{now}{now}"),
        format!("{now}x"),
        now.replacen('{', r#"{"sub":"admin","#, 1),
        now.replacen('{', r#"{"\u0073ub":"admin","#, 1),
        String::new(),
        "payload".to_owned(),
        format!("\u{feff}{now}"),
    ] {
        let token = es256().seal("ES256", header, &claims);
        assert_token_code(server.bearer(&token), ErrorCode::I400JD);
    }
    for header in [
        r#"{"alg":"none","alg":"ES256","kid":"a"}"#,
        r#"{"alg":"ES256","kid":"a","kid":"b"}"#,
        r#"{"alg":"ES256","kid":"a","x":1,"x":1}"#,
        r#"{"alg":"ES256","kid":null}"#,
        r#"{"alg":"ES256","kid":["a"]}"#,
        r#"["ES256","a",false]"#,
        r#"{"kid":"a"}"#,
    ] {
        let token = es256().seal("ES256", header, &now);
        assert_token_code(server.bearer(&token), ErrorCode::I400JD);
    }
}

/// A good token of so many bytes.
fn token_of(len: usize) -> String {
    let seal = |typ: usize, x: usize| {
        let header = json!({"alg": "EdDSA", "kid": "b", "typ": "J".repeat(typ)});
        let claims = claims(json!({"x": "x".repeat(x)}));
        TokenKey::of("EdDSA").seal("EdDSA", header.to_string(), claims.to_string())
    };
    // Three bytes are four letters.
    let about = (len - seal(0, 0).len()) / 4 * 3;
    let paddings = (0..3).flat_map(|typ| (about - 8..about + 8).map(move |x| (typ, x)));
    let mut tokens = paddings.map(|(typ, x)| seal(typ, x));
    tokens.find(|token| token.len() == len).unwrap()
}

#[test]
fn a_token_of_16_kib_is_looked_at_and_a_longer_one_is_not() {
    let server = server(JwtPolicy::new());
    assert_token_accepted(server.bearer(&token_of(JwtPolicy::MAX_TOKEN)));
    let long = token_of(JwtPolicy::MAX_TOKEN + 1);
    let message = format!("JWT Deserialize Failed: `{}…`", &long[..12]);
    let rejection = assert_token_refused(server.bearer(&long), ErrorCode::I400JD, &message);
    assert_eq!(rejection.detail(), Some("it is longer than 16 KiB"));
}

#[test]
fn another_scheme_is_named_and_its_credential_is_not() {
    let server = server(JwtPolicy::new());
    for (value, shown) in [
        ("Basic dXNlcjpwYXNzd29yZA==", "Basic …"),
        ("basic  dXNlcjpwYXNzd29yZA==", "basic …"),
        ("Digest username=\"dXNlcjpwYXNz\"", "Digest …"),
        ("APPCODE dXNlcjpwYXNz", "APPCODE …"),
        ("AWS4-HMAC-SHA256 Credential=dXNlcjpwYXNz", "AWS…"),
    ] {
        let wire = plain_get("/").with("authorization", value);
        let message = format!("JWT Deserialize Failed: `{shown}`");
        assert_token_refused(server.verify(&wire), ErrorCode::I400JD, &message);
    }
}

#[test]
fn no_refusal_repeats_a_signature_or_a_claim() {
    let server = server(single_use());
    let good = good();
    let [_, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let refused = [
        format!("Bearer {good}="),
        format!("Bearer {good} x"),
        format!("{good} x"),
        // As a proxy joins two lines.
        format!("{good}, {good}"),
        format!("Bearer {good}, Bearer {good}"),
        format!("Bearer {}", good.replacen("eyJ", "", 1)),
        format!("Bearer {}.{payload}.{signature}", part(r#"{"alg":"ES256","kid":"zz"}"#)),
        format!("Bearer {}.{payload}.{signature}", part(r#"{"alg":"HS256","kid":"a"}"#)),
        format!("Bearer {}", token_with(json!({"exp": 1}))),
        format!("Bearer {}", token_with(json!({"sub": ["user"]}))),
    ];
    for value in refused {
        let wire = plain_get("/").with("authorization", &value);
        let rejection = server.verify(&wire).expect_err(&value);
        let shown = format!("{}{rejection}{rejection:?}", rejection.message());
        for secret in [&signature[..8], &payload[..8], "user", "id-1"] {
            assert!(!shown.contains(secret), "{value}: {shown}");
        }
        // What came with the request is for the caller, not for logs.
        assert!(!rejection.to_string().contains("eyJ"));
    }
    for shown in [
        format!("{:?}", server.verifier),
        format!("{:?}", server.verifier.present(bearer(&good).head()).unwrap()),
        format!("{:?}", server.bearer(&good).unwrap()),
    ] {
        for secret in [&signature[..8], &payload[..8], "user", "id-1"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

// -- A403JK

#[test]
fn a_key_that_is_not_there_is_named() {
    let server = server(JwtPolicy::new());
    let now = claims(json!({})).to_string();
    let by = |header: Value| es256().seal("ES256", header.to_string(), &now);
    let long = "k".repeat(1_000);
    for (token, shown) in [
        (by(json!({"alg": "ES256", "kid": "c"})), "c".to_owned()),
        (by(json!({"alg": "ES256", "kid": ""})), String::new()),
        (by(json!({"alg": "ES256", "kid": "A"})), "A".to_owned()),
        (by(json!({"alg": "ES256", "kid": "a "})), "a ".to_owned()),
        (by(json!({"alg": "ES256", "kid": "null"})), "null".to_owned()),
        (by(json!({"alg": "none", "kid": "c"})), "c".to_owned()),
        (by(json!({"alg": "ES256", "kid": "钥匙"})), "钥匙".to_owned()),
        // Two keys, both with a name, and a token that names none.
        (by(json!({"alg": "ES256"})), "null".to_owned()),
        (by(json!({"alg": "ES256", "kid": "k".repeat(128)})), "k".repeat(128)),
        (by(json!({"alg": "ES256", "kid": long})), format!("{}…", "k".repeat(128))),
        (by(json!({"alg": "ES256", "kid": "匙".repeat(500)})), format!("{}…", "匙".repeat(128))),
    ] {
        let message = format!("No matching JWK, `{shown}` not found");
        let rejection = assert_token_refused(server.bearer(&token), ErrorCode::A403JK, &message);
        assert_eq!(rejection.status(), 403);
    }
}

#[test]
fn a_kid_cannot_write_headers_or_logs() {
    let server = server(JwtPolicy::new());
    let header = json!({"alg": "ES256", "kid": "a\r\nSet-Cookie: x\u{0}\u{1b}[31m\u{9b}"});
    let token = es256().seal("ES256", header.to_string(), claims(json!({})).to_string());
    let rejection = assert_token_code(server.bearer(&token), ErrorCode::A403JK);
    let response = Dialect::Vpc.render(&rejection);
    let message = response.headers()["x-ca-error-message"].as_bytes();
    assert_eq!(message, b"No matching JWK, `a#Set-Cookie: x??[31m?` not found");
    assert_eq!(response.headers()["x-ca-error-code"], "A403JK");
    assert_eq!(response.status(), 403);
    for logged in [rejection.to_string(), format!("{rejection:?}")] {
        assert!(!logged.contains("Cookie"), "{logged}");
    }
}

// -- A403JT

#[test]
fn a_signature_that_does_not_count_has_its_reason() {
    let server = server(JwtPolicy::new());
    let now = claims(json!({})).to_string();
    let by = |header: Value| es256().seal("ES256", header.to_string(), &now);
    let another = "its algorithm is not accepted with this key";
    let crit = "a critical header parameter is not understood";
    let wrong = "its signature does not verify";
    let good = good();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let mut changed = decode(signature);
    changed[40] ^= 1;
    for (token, reason) in [
        (by(json!({"alg": "none", "kid": "a"})), another),
        (by(json!({"alg": "None", "kid": "a"})), another),
        (by(json!({"alg": "", "kid": "a"})), another),
        (by(json!({"alg": "es256", "kid": "a"})), another),
        (by(json!({"alg": "ES384", "kid": "a"})), another),
        (by(json!({"alg": "EdDSA", "kid": "a"})), another),
        (by(json!({"alg": "HS256", "kid": "a"})), another),
        (by(json!({"alg": "ES256", "kid": "b"})), another),
        (by(json!({"alg": "ES256", "kid": "a", "crit": ["exp"]})), crit),
        (by(json!({"alg": "ES256", "kid": "a", "crit": []})), crit),
        (by(json!({"alg": "ES256", "kid": "a", "crit": null})), crit),
        (by(json!({"alg": "ES256", "kid": "a", "crit": ["b64"], "b64": false})), crit),
        (format!("{input}."), wrong),
        (format!("{input}.AAAA"), wrong),
        (format!("{input}.{}", encode(changed)), wrong),
        (format!("{input}.{}", encode([0; 64])), wrong),
        (format!("{input}.{signature}AAAA"), wrong),
        (TokenKey::of_another("ES256").token_by("ES256", "a", &claims(json!({}))), wrong),
        (format!("{}.{}.{signature}", part(r#"{"alg":"ES256","kid":"a"}"#), part("{}")), wrong),
    ] {
        let message = format!("Invalid JWT: {reason}");
        let rejection = assert_token_refused(server.bearer(&token), ErrorCode::A403JT, &message);
        assert_eq!(rejection.status(), 403);
    }
    // Which algorithms a key is used with may be narrowed, not widened.
    let narrow = self::server(JwtPolicy::new().with_algorithms([Algorithm::EdDsa]));
    let message = format!("Invalid JWT: {another}");
    assert_token_refused(narrow.bearer(&good), ErrorCode::A403JT, &message);
    let token = TokenKey::of("EdDSA").token_by("EdDSA", "b", &claims(json!({})));
    assert_token_accepted(narrow.bearer(&token));
}

#[test]
fn a_claim_that_does_not_hold_is_named() {
    let any = JwtPolicy::new;
    let strings =
        || JwtPolicy::new().with_issuers(["issuer", "second"]).with_audiences(["orders", "stock"]);
    let aud = "claim `aud` is neither a string nor a list of strings";
    for (policy, changes, reason) in [
        (any(), json!({"exp": "1"}), "claim `exp` is not a number"),
        (any(), json!({"nbf": "1"}), "claim `nbf` is not a number"),
        (any(), json!({"iat": true}), "claim `iat` is not a number"),
        (any(), json!({"iss": 1}), "claim `iss` is not a string"),
        (any(), json!({"sub": {}}), "claim `sub` is not a string"),
        (any(), json!({"aud": 1}), aud),
        (any(), json!({"aud": ["a", 1]}), aud),
        (any(), json!({"aud": {}}), aud),
        (any(), json!({"nbf": NOW_SECS + 1}), "it is not valid yet (claim `nbf`)"),
        (any(), json!({"iat": NOW_SECS + 1}), "it is issued in the future (claim `iat`)"),
        (any().with_required_exp(), json!({"exp": null}), "claim `exp` is required"),
        (
            any().with_max_age(Duration::from_secs(60)),
            json!({"iat": null}),
            "claim `iat` is required",
        ),
        (strings(), json!({"iss": "other", "aud": "orders"}), "claim `iss` is not accepted"),
        (strings(), json!({"iss": "", "aud": "orders"}), "claim `iss` is not accepted"),
        (strings(), json!({"iss": null, "aud": "orders"}), "claim `iss` is not accepted"),
        (strings(), json!({"iss": "Issuer", "aud": "orders"}), "claim `iss` is not accepted"),
        (strings(), json!({"aud": "other"}), "claim `aud` is not accepted"),
        (strings(), json!({"aud": ["other", "Orders"]}), "claim `aud` is not accepted"),
        (strings(), json!({"aud": []}), "claim `aud` is not accepted"),
        (strings(), json!({"aud": null}), "claim `aud` is not accepted"),
    ] {
        let server = server(policy);
        let message = format!("Invalid JWT: {reason}");
        let answer = server.bearer(&token_with(changes));
        let rejection = assert_token_refused(answer, ErrorCode::A403JT, &message);
        assert_eq!(rejection.status(), 403);
    }
    for changes in [
        json!({"aud": "orders"}),
        json!({"aud": ["other", "stock"]}),
        json!({"iss": "second", "aud": ["stock"]}),
    ] {
        assert_token_accepted(server(strings()).bearer(&token_with(changes)));
    }
}

// -- A403JE

#[test]
fn an_expired_token_is_told_when() {
    let hour = Duration::from_secs(3_600);
    for (policy, changes, date) in [
        (JwtPolicy::new(), json!({"exp": NOW_SECS}), "2023-11-14T22:13:20Z"),
        (JwtPolicy::new(), json!({"exp": NOW_SECS as f64 - 0.5}), "2023-11-14T22:13:19Z"),
        (JwtPolicy::new(), json!({"exp": 0}), "1970-01-01T00:00:00Z"),
        (JwtPolicy::new(), json!({"exp": -5}), "1970-01-01T00:00:00Z"),
        (JwtPolicy::new(), json!({"exp": 1_709_164_800 - 86_400 * 365}), "2023-03-01T00:00:00Z"),
        // What is said is the token's own date, without leeway.
        (
            JwtPolicy::new().with_leeway(hour),
            json!({"exp": NOW_SECS - 3_600}),
            "2023-11-14T21:13:20Z",
        ),
        (
            JwtPolicy::new().with_max_age(hour),
            json!({"iat": NOW_SECS - 3_600}),
            "2023-11-14T22:13:20Z",
        ),
        (
            single_use().with_max_jti_retention(hour),
            json!({"iat": NOW_SECS - 3_600}),
            "2023-11-14T22:13:20Z",
        ),
        (
            single_use().with_expiration(Expiration::Ignore),
            json!({"exp": NOW_SECS}),
            "2023-11-14T22:13:20Z",
        ),
    ] {
        let answer = server(policy).bearer(&token_with(changes));
        let message = format!("JWT is expired at `{date}`");
        let rejection = assert_token_refused(answer, ErrorCode::A403JE, &message);
        assert_eq!(rejection.status(), 403);
    }
    let ignoring = server(JwtPolicy::new().with_expiration(Expiration::Ignore));
    assert_token_accepted(ignoring.bearer(&token_with(json!({"exp": 1}))));
}

// -- S403JI, A403SV, X503BZ

#[test]
fn a_token_of_single_use_has_a_jti_that_can_be_remembered() {
    let message = "Claim `jti` is required when `preventJtiReplay:true`";
    for changes in [
        json!({"jti": null}),
        json!({"jti": ""}),
        json!({"jti": 1}),
        json!({"jti": ["id-1"]}),
        json!({"jti": {}}),
        json!({"jti": false}),
        json!({"jti": "j".repeat(257)}),
        json!({"jti": "标".repeat(86)}),
        json!({"exp": null, "iat": null}),
        json!({"exp": null, "iat": null, "nbf": NOW_SECS}),
    ] {
        let server = server(single_use());
        let token = token_with(changes);
        let rejection = assert_token_refused(server.bearer(&token), ErrorCode::S403JI, message);
        assert_eq!(rejection.status(), 403);
        assert_eq!(server.replay.claims(), 0);
        // Where it may be used again, the same token is good.
        assert_token_accepted(self::server(JwtPolicy::new()).bearer(&token));
    }
    let null = claims(json!({})).to_string().replace("\"id-1\"", "null");
    let token = es256().seal("ES256", r#"{"alg":"ES256","kid":"a"}"#, null);
    assert_token_refused(server(single_use()).bearer(&token), ErrorCode::S403JI, message);
    for jti in ["j".repeat(256), "标".repeat(85), " ".to_owned(), "\0".to_owned()] {
        assert_token_accepted(server(single_use()).bearer(&token_with(json!({ "jti": jti }))));
    }
}

#[test]
fn a_jti_that_is_used_is_said_to_be() {
    let server = server(single_use());
    let wire = bearer(&good());
    assert_presents(&server, &wire);
    for _ in 0..2 {
        let message = "Claim `jti` in JWT is used";
        let rejection = assert_token_refused(server.verify(&wire), ErrorCode::A403SV, message);
        assert_eq!(rejection.status(), 403);
    }
    // Another token with the same jti is the same jti.
    let other = token_with(json!({"sub": "other", "exp": NOW_SECS + 9}));
    assert_token_code(server.bearer(&other), ErrorCode::A403SV);
    assert_token_accepted(server.bearer(&token_with(json!({"jti": "id-2"}))));
}

#[test]
fn a_replay_store_that_cannot_answer_refuses_tokens_of_single_use_only() {
    let server = server(single_use());
    server.replay.fail_with(StoreError::unavailable("connection reset"));
    let rejection = assert_token_refused(server.bearer(&good()), ErrorCode::X503BZ, "Service Busy");
    assert_eq!(rejection.status(), 503);
    assert_eq!(rejection.retry_after(), Some(Duration::from_secs(1)));
    assert!(rejection.store_error().is_some(), "the operator can see why");
    let any_use = self::server(JwtPolicy::new());
    any_use.replay.fail_with(StoreError::unavailable("connection reset"));
    assert_token_accepted(any_use.bearer(&good()));
    assert_eq!(any_use.replay.claims(), 0);
}

// -- orAppAuth

#[test]
fn where_either_will_do_an_app_code_is_no_token_and_any_other_scheme_is_a_wrong_one() {
    let besides = server(JwtPolicy::new());
    let instead = server(JwtPolicy::new().with_app_auth_rule(AppAuthRule::Instead));
    for value in ["APPCODE 0123abcd", "appcode 0123abcd", "AppCode   0123abcd", "APPCODE"] {
        let wire = plain_get("/").with("authorization", value);
        assert_presents_nothing(&instead, &wire);
        assert_token_code(besides.verify(&wire), ErrorCode::I400JD);
        // Beside an AppCode, a token is a token, right or wrong.
        assert_presents(&instead, &bearer(&good()).and("authorization", value));
        assert_presents(&instead, &wire.clone().and("authorization", good()));
        let wrong = bearer(&token_with(json!({"exp": 1}))).and("authorization", value);
        assert_token_code(instead.verify(&wrong), ErrorCode::A403JE);
    }
    for value in ["Basic dXNlcjpwYXNz", "Digest x", "APPCODES x", "APPCODE,x"] {
        let wire = plain_get("/").with("authorization", value);
        for server in [&besides, &instead] {
            assert_token_code(server.verify(&wire), ErrorCode::I400JD);
        }
    }
    // Elsewhere `APPCODE` is no scheme.
    let policy = JwtPolicy::new().with_app_auth_rule(AppAuthRule::Instead);
    let header = server(policy.with_carrier(TokenCarrier::header("x-token").unwrap()));
    let wire = plain_get("/").with("x-token", "APPCODE 0123abcd");
    assert_token_code(header.verify(&wire), ErrorCode::I400JD);
}

// -- of two faults the earlier step answers

/// A request into which faults are put.
struct Scenario {
    policy: JwtPolicy,
    header: Value,
    claims: Value,
    /// Members that are written behind the claims.
    behind: &'static str,
    signer: &'static TokenKey,
    wire: Vec<fn(Wire) -> Wire>,
    token: Vec<fn(String) -> String>,
    before: Vec<fn(&TokenServer, &Wire)>,
    between: Vec<fn(&TokenServer)>,
}

struct Fault {
    /// Its place in the order; of two faults with one place either may answer.
    place: u8,
    name: &'static str,
    code: ErrorCode,
    /// The whole message; empty for `I400JD`, which shows the token's beginning.
    message: &'static str,
    /// What it changes: two faults that change the same cannot come together.
    touches: &'static [&'static str],
    happens: fn(&mut Scenario),
}

impl Scenario {
    fn new() -> Self {
        Self {
            policy: single_use(),
            header: json!({"alg": "ES256", "kid": "a"}),
            claims: claims(json!({})),
            behind: "",
            signer: es256(),
            wire: Vec::new(),
            token: Vec::new(),
            before: Vec::new(),
            between: Vec::new(),
        }
    }

    fn policy(&mut self, change: impl FnOnce(JwtPolicy) -> JwtPolicy) {
        self.policy = change(self.policy.clone());
    }

    fn without(&mut self, claim: &str) {
        self.claims.as_object_mut().unwrap().remove(claim);
    }

    fn run(self) -> (Result<VerifiedToken, Rejection>, usize) {
        let claims = self.claims.to_string();
        let claims = format!("{}{}}}", claims.strip_suffix('}').unwrap(), self.behind);
        let token = self.signer.seal("ES256", self.header.to_string(), claims);
        let token = self.token.into_iter().fold(token, |token, change| change(token));
        let wire = self.wire.into_iter().fold(bearer(&token), |wire, change| change(wire));
        let server = server(self.policy);
        for happens in self.before {
            happens(&server, &wire);
        }
        let claims = server.replay.claims();
        let answer = (|| {
            let verifier = &server.verifier;
            let Some(presented) = verifier.present(wire.head())? else {
                verifier.accept_absence()?;
                panic!("an absent token is refused here");
            };
            let valid = verifier.check(answered(verifier.authenticate(presented))?)?;
            for happens in self.between {
                happens(&server);
            }
            answered(verifier.claim(valid, None))
        })();
        (answer, server.replay.claims() - claims)
    }
}

const EXPIRED_NOW: &str = "JWT is expired at `2023-11-14T22:13:20Z`";
const EXPIRED_LATER: &str = "JWT is expired at `2023-11-14T22:18:20Z`";
const JTI_REQUIRED: &str = "Claim `jti` is required when `preventJtiReplay:true`";

#[rustfmt::skip]
const FAULTS: &[Fault] = &[
    Fault { place: 1, name: "no token", code: ErrorCode::I400JR, message: "JWT required", touches: &["carrier"],
        happens: |s| s.wire.push(|wire| wire.without("authorization")) },
    Fault { place: 1, name: "two tokens", code: ErrorCode::I400JD, message: "", touches: &["carrier"],
        happens: |s| s.wire.push(|wire| wire.and("authorization", "Bearer another")) },
    Fault { place: 1, name: "another scheme", code: ErrorCode::I400JD, message: "JWT Deserialize Failed: `Basic …`", touches: &["carrier"],
        happens: |s| s.wire.push(|wire| wire.with("authorization", "Basic dXNlcg==")) },
    Fault { place: 1, name: "a token that is too long", code: ErrorCode::I400JD, message: "", touches: &["signature text"],
        happens: |s| s.token.push(|token| token + &"A".repeat(16_384)) },
    Fault { place: 2, name: "a signature that is no base64url", code: ErrorCode::I400JD, message: "", touches: &["signature text"],
        happens: |s| s.token.push(|token| token + "=") },
    Fault { place: 2, name: "a header that is no object", code: ErrorCode::I400JD, message: "JWT Deserialize Failed: `WyJ…`", touches: &["alg", "kid", "crit", "carrier", "signature text"],
        happens: |s| s.header = json!(["ES256"]) },
    Fault { place: 2, name: "a claim twice", code: ErrorCode::I400JD, message: "", touches: &[],
        happens: |s| s.behind = r#","role":1,"role":2"# },
    Fault { place: 3, name: "an unknown kid", code: ErrorCode::A403JK, message: "No matching JWK, `c` not found", touches: &["kid"],
        happens: |s| s.header["kid"] = json!("c") },
    Fault { place: 3, name: "no kid", code: ErrorCode::A403JK, message: "No matching JWK, `null` not found", touches: &["kid"],
        happens: |s| drop(s.header.as_object_mut().unwrap().remove("kid")) },
    Fault { place: 4, name: "an algorithm that is not the key's", code: ErrorCode::A403JT, message: "Invalid JWT: its algorithm is not accepted with this key", touches: &["alg"],
        happens: |s| s.header["alg"] = json!("HS256") },
    Fault { place: 4, name: "an algorithm that is not accepted", code: ErrorCode::A403JT, message: "Invalid JWT: its algorithm is not accepted with this key", touches: &[],
        happens: |s| s.policy(|policy| policy.with_algorithms([Algorithm::EdDsa])) },
    Fault { place: 5, name: "crit", code: ErrorCode::A403JT, message: "Invalid JWT: a critical header parameter is not understood", touches: &["crit"],
        happens: |s| s.header["crit"] = json!(["exp"]) },
    Fault { place: 6, name: "another's signature", code: ErrorCode::A403JT, message: "Invalid JWT: its signature does not verify", touches: &[],
        happens: |s| s.signer = TokenKey::of_another("ES256") },
    Fault { place: 7, name: "exp that is a string", code: ErrorCode::A403JT, message: "Invalid JWT: claim `exp` is not a number", touches: &["exp"],
        happens: |s| s.claims["exp"] = json!("never") },
    Fault { place: 7, name: "sub that is a number", code: ErrorCode::A403JT, message: "Invalid JWT: claim `sub` is not a string", touches: &["exp"],
        happens: |s| s.claims["sub"] = json!(1) },
    Fault { place: 8, name: "another issuer", code: ErrorCode::A403JT, message: "Invalid JWT: claim `iss` is not accepted", touches: &[],
        happens: |s| s.policy(|policy| policy.with_issuers(["other"])) },
    Fault { place: 9, name: "another audience", code: ErrorCode::A403JT, message: "Invalid JWT: claim `aud` is not accepted", touches: &[],
        happens: |s| s.policy(|policy| policy.with_audiences(["other"])) },
    Fault { place: 10, name: "not yet valid", code: ErrorCode::A403JT, message: "Invalid JWT: it is not valid yet (claim `nbf`)", touches: &[],
        happens: |s| s.claims["nbf"] = json!(NOW_SECS + 1) },
    Fault { place: 11, name: "issued in the future", code: ErrorCode::A403JT, message: "Invalid JWT: it is issued in the future (claim `iat`)", touches: &["iat"],
        happens: |s| s.claims["iat"] = json!(NOW_SECS + 1) },
    Fault { place: 12, name: "no exp", code: ErrorCode::A403JT, message: "Invalid JWT: claim `exp` is required", touches: &["exp"],
        happens: |s| { s.without("exp"); s.policy(JwtPolicy::with_required_exp) } },
    Fault { place: 13, name: "no iat", code: ErrorCode::A403JT, message: "Invalid JWT: claim `iat` is required", touches: &["iat"],
        happens: |s| { s.without("iat"); s.policy(|policy| policy.with_max_age(Duration::from_secs(60))) } },
    Fault { place: 14, name: "expired", code: ErrorCode::A403JE, message: EXPIRED_NOW, touches: &["exp"],
        happens: |s| s.claims["exp"] = json!(NOW_SECS) },
    Fault { place: 14, name: "too old", code: ErrorCode::A403JE, message: EXPIRED_NOW, touches: &["iat"],
        happens: |s| { s.claims["iat"] = json!(NOW_SECS - 60); s.policy(|policy| policy.with_max_age(Duration::from_secs(60))) } },
    Fault { place: 14, name: "too old for its jti", code: ErrorCode::A403JE, message: EXPIRED_NOW, touches: &["iat"],
        happens: |s| { s.claims["iat"] = json!(NOW_SECS - 60); s.policy(|policy| policy.with_max_jti_retention(Duration::from_secs(60))) } },
    Fault { place: 15, name: "no jti", code: ErrorCode::S403JI, message: JTI_REQUIRED, touches: &["jti"],
        happens: |s| s.without("jti") },
    Fault { place: 15, name: "no date", code: ErrorCode::S403JI, message: JTI_REQUIRED, touches: &["exp", "iat"],
        happens: |s| { s.without("exp"); s.without("iat") } },
    Fault { place: 16, name: "expired meanwhile", code: ErrorCode::A403JE, message: EXPIRED_LATER, touches: &["exp", "iat"],
        happens: |s| s.between.push(|server| server.clock.advance(Duration::from_secs(300))) },
    Fault { place: 17, name: "a jti that is used", code: ErrorCode::A403SV, message: "Claim `jti` in JWT is used", touches: &["jti"],
        happens: |s| s.before.push(|server, wire| drop(server.verify(wire))) },
    Fault { place: 17, name: "replay store down", code: ErrorCode::X503BZ, message: "Service Busy", touches: &["jti"],
        happens: |s| s.between.push(|server| server.replay.fail_with(StoreError::unavailable("away"))) },
    Fault { place: 17, name: "issued before the store's memory", code: ErrorCode::A403JE, message: EXPIRED_NOW, touches: &["jti", "iat"],
        happens: |s| s.before.push(|server, _| server.replay.restart(UnixMillis::new(NOW_SECS * 1000 + 1))) },
];

#[track_caller]
fn assert_answers(fault: &Fault, case: &str, faults: &[&Fault]) {
    let mut scenario = Scenario::new();
    for fault in faults {
        (fault.happens)(&mut scenario);
    }
    let (answer, claims) = scenario.run();
    let rejection = answer.map(|_| ()).expect_err(case);
    assert_eq!(rejection.code(), fault.code, "{case}: {}", rejection.message());
    if !fault.message.is_empty() {
        assert_eq!(rejection.message(), fault.message, "{case}");
    }
    // Only the last step asks the replay store.
    assert_eq!(claims, usize::from(fault.place == 17), "{case}");
}

#[test]
fn a_request_without_a_fault_is_accepted() {
    let (answer, claims) = Scenario::new().run();
    assert_token_accepted(answer);
    assert_eq!(claims, 1);
}

#[test]
fn every_fault_alone_has_its_code_and_its_message() {
    for fault in FAULTS {
        assert_answers(fault, fault.name, &[fault]);
    }
}

#[test]
fn of_two_faults_the_earlier_one_answers() {
    let mut pairs = 0;
    for (at, earlier) in FAULTS.iter().enumerate() {
        for later in &FAULTS[at + 1..] {
            assert!(earlier.place <= later.place, "the table is in order");
            let together = !earlier.touches.iter().any(|part| later.touches.contains(part));
            if together && earlier.place != later.place {
                let case = format!("{} and {}", earlier.name, later.name);
                for faults in [[earlier, later], [later, earlier]] {
                    assert_answers(earlier, &case, &faults);
                }
                pairs += 1;
            }
        }
    }
    assert!(pairs > 300, "{pairs} pairs");
}

#[test]
fn every_code_of_a_token_is_in_the_table() {
    for code in [
        ErrorCode::I400JR,
        ErrorCode::I400JD,
        ErrorCode::A403JK,
        ErrorCode::A403JT,
        ErrorCode::A403JE,
        ErrorCode::S403JI,
        ErrorCode::A403SV,
        ErrorCode::X503BZ,
    ] {
        assert!(FAULTS.iter().any(|fault| fault.code == code), "{code}");
    }
}
