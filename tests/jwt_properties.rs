//! What holds for every token: signed, it verifies with the claims that were signed; changed by one
//! bit, it is refused; and nothing that arrives makes the verifier panic.

#![cfg(feature = "jwt")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use countersign::error::{Dialect, ErrorCode, Rejection, RenderRejection};
use countersign::jwt::{
    AppAuthRule, JtiRule, JwtPolicy, KeySet, Plugin, TokenCarrier, VerifiedToken, VerifyingKey,
};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};
use support::{
    ALGORITHMS, NOW_SECS, TokenKey, TokenServer, assert_token_accepted, claims, decode, encode,
    jwks, plain_get,
};

/// Every rejection is one of a token's, and can be shown.
fn assert_is_a_refusal(rejection: &Rejection) {
    use ErrorCode::{A403JE, A403JK, A403JT, A403SV, I400JD, I400JR, S403JI};
    let codes = [I400JR, I400JD, A403JK, A403JT, A403JE, S403JI, A403SV];
    assert!(codes.contains(&rejection.code()), "{rejection}");
    assert!(!rejection.to_string().contains("${"), "an argument is missing");
    assert!(rejection.message().len() < 4096);
    let response = Dialect::Vpc.render(rejection);
    assert_eq!(response.status(), rejection.status());
    assert!(response.headers().contains_key("x-ca-error-message"));
}

/// Any JSON, not too deep.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e18..1e18_f64).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z ]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Claims that decide nothing.
fn private_claims() -> impl Strategy<Value = Map<String, Value>> {
    let registered = ["exp", "nbf", "iat", "iss", "sub", "aud", "jti"];
    let name = any::<String>()
        .prop_filter("a private claim", move |name| !registered.contains(&name.as_str()));
    btree_map(name, json(), 0..5).prop_map(|claims| claims.into_iter().collect())
}

fn with_private(private: Map<String, Value>) -> Value {
    let mut claims = claims(json!({}));
    claims.as_object_mut().unwrap().extend(private);
    claims
}

fn server(algorithm: &str) -> TokenServer {
    TokenServer::with_key_of(algorithm, JwtPolicy::new())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_signed_verifies_with_the_claims_that_were_signed(
        algorithm in select(&ALGORITHMS[..]),
        private in private_claims(),
        kid in proptest::option::of(any::<String>()),
        seconds in NOW_SECS..NOW_SECS + 300,
    ) {
        let claims = with_private(private);
        let key = TokenKey::of(algorithm);
        let token = match &kid {
            Some(kid) => key.token_by(algorithm, kid, &claims),
            None => key.token(algorithm, &claims),
        };
        let jwk = key.jwk(json!({"kid": kid, "alg": algorithm}));
        let set = KeySet::from_jwks(&jwks([jwk])).unwrap();
        let answer = TokenServer::new(JwtPolicy::new(), set).at(seconds).bearer(&token);
        let verified = assert_token_accepted(answer);
        prop_assert_eq!(Value::from(verified.claims().clone()), claims);
        prop_assert_eq!(verified.kid(), kid.as_deref());
        prop_assert_eq!(verified.algorithm().as_str(), algorithm);
    }

    #[test]
    fn a_token_changed_by_one_bit_of_what_it_says_is_refused(
        algorithm in select(&ALGORITHMS[..]),
        part in 0..3_usize,
        bit in any::<Index>(),
    ) {
        let token = TokenKey::of(algorithm).token(algorithm, &claims(json!({})));
        let mut parts: Vec<_> = token.split('.').map(decode).collect();
        let bit = bit.index(parts[part].len() * 8);
        parts[part][bit / 8] ^= 1 << (bit % 8);
        let changed: Vec<_> = parts.iter().map(encode).collect();
        let rejection = server(algorithm).bearer(&changed.join(".")).unwrap_err();
        assert_is_a_refusal(&rejection);
    }

    #[test]
    fn a_token_changed_in_one_character_is_refused(
        algorithm in select(&ALGORITHMS[..]),
        place in any::<Index>(),
        byte in 0x21..0x7f_u8,
        kind in 0..3_usize,
    ) {
        let token = TokenKey::of(algorithm).token(algorithm, &claims(json!({})));
        let mut changed = token.clone().into_bytes();
        let at = place.index(changed.len());
        match kind {
            0 => changed[at] = byte,
            1 => changed.insert(at, byte),
            _ => drop(changed.remove(at)),
        }
        prop_assume!(changed != token.as_bytes());
        let value = [b"Bearer ", &changed[..]].concat();
        let answer = server(algorithm).verify(&plain_get("/").with("authorization", value));
        assert_is_a_refusal(&answer.unwrap_err());
    }

    #[test]
    fn no_header_and_no_claims_make_the_verifier_panic(
        algorithm in select(&ALGORITHMS[..]),
        header in btree_map(select(&["alg", "kid", "crit", "typ", "b64", "jwk", "x"][..]), json(), 0..4),
        claims in btree_map(
            select(&["exp", "nbf", "iat", "iss", "sub", "aud", "jti", "x", ""][..]),
            prop_oneof![json(), Just(json!(NOW_SECS + 1)), Just(json!(NOW_SECS - 1))],
            0..5,
        ),
        keeps_alg in any::<bool>(),
        policy in any::<[bool; 4]>(),
    ) {
        let mut header: Map<String, Value> =
            header.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        if keeps_alg {
            header.insert("alg".to_owned(), json!(algorithm));
        }
        let (header, claims) = (Value::from(header), json!(claims));
        let token = TokenKey::of(algorithm).seal(algorithm, header.to_string(), claims.to_string());
        let [single, issuers, audiences, exp] = policy;
        let mut policy = JwtPolicy::new();
        if single { policy = policy.with_jti_rule(JtiRule::SingleUse); }
        if issuers { policy = policy.with_issuers(["a"]); }
        if audiences { policy = policy.with_audiences(["a"]); }
        if exp { policy = policy.with_required_exp(); }
        match TokenServer::with_key_of(algorithm, policy).bearer(&token) {
            Err(rejection) => assert_is_a_refusal(&rejection),
            Ok(verified) => assert_is_in_order(&verified, &header, &claims),
        }
    }

    #[test]
    fn no_bytes_make_the_verifier_panic(
        carrier in 0..4_usize,
        values in vec(vec(any::<u8>(), 0..200), 0..3),
        target in "(/[ -~]{0,60}|/\\?token=[ -~]{0,60})",
    ) {
        let headers = values.iter().filter_map(|value| HeaderValue::from_bytes(value).ok());
        assert_no_panic(carrier, headers, &target);
    }

    #[test]
    fn no_mutated_token_makes_the_verifier_panic(
        carrier in 0..4_usize,
        algorithm in select(&ALGORITHMS[..]),
        changes in vec((any::<Index>(), any::<u8>(), 0..4_usize), 0..8),
        prefix in "(|Bearer |bearer\t|token=|a=b; token=\"|token=%65|APPCODE |\\?token=)",
    ) {
        let mut token = TokenKey::of(algorithm).token(algorithm, &claims(json!({}))).into_bytes();
        for (place, byte, kind) in changes {
            let at = place.index(token.len().max(1)).min(token.len().saturating_sub(1));
            match kind {
                0 => token[at] = byte,
                1 => token.insert(at, byte),
                2 if token.len() > 1 => drop(token.remove(at)),
                _ => token.truncate(at.max(1)),
            }
        }
        let value = [prefix.as_bytes(), &token].concat();
        let target = format!("/?token={}", String::from_utf8_lossy(&token));
        assert_no_panic(carrier, HeaderValue::from_bytes(&value).ok(), &target);
    }

    #[test]
    fn no_document_makes_the_parser_panic(
        text in prop_oneof![
            any::<String>(),
            "[ -~\n\t]{0,200}",
            "(parameter|jwk|jwks|kty|k|keys|: |\n|  |- |\\[|\\]|\\{|\\}|,|&a |\\*a|oct|\"|'|!!str |#|<<: ){0,40}",
        ],
        value in json(),
    ) {
        let key = json!({"kty": "oct", "k": encode([7; 64])});
        let document = |name: &str| {
            let mut document = json!({"parameter": "X-Token", "jwk": key});
            document[name] = value.clone();
            document.to_string()
        };
        let names = [
            "parameter", "parameterLocation", "jwk", "jwks", "claimParameters", "preventJtiReplay", "x",
        ];
        let mut texts = vec![text.clone(), format!("parameter: X\n{text}"), value.to_string()];
        texts.extend(names.map(document));
        for text in texts {
            if let Err(error) = Plugin::parse(&text) {
                prop_assert_eq!(error.code(), ErrorCode::I400JP);
                prop_assert!(!error.problem().is_empty());
            }
            let _ = KeySet::from_jwks(&text);
            let _ = KeySet::from_published_jwks(text.as_bytes());
            let _ = VerifyingKey::from_jwk(&text);
        }
    }

    #[test]
    fn no_member_of_a_key_makes_the_parser_panic(
        algorithm in select(&ALGORITHMS[..]),
        name in select(&["kty", "crv", "alg", "use", "key_ops", "n", "e", "x", "y", "k", "kid"][..]),
        value in prop_oneof![
            json(),
            vec(any::<u8>(), 0..300).prop_map(|bytes| json!(encode(bytes))),
        ],
        signature in vec(any::<u8>(), 0..300),
    ) {
        let jwk = TokenKey::of(algorithm).jwk(json!({ name: value }));
        let Ok(key) = VerifyingKey::from_jwk(&jwk.to_string()) else { return Ok(()) };
        for algorithm in countersign::jwt::Algorithm::ALL {
            prop_assert!(!key.verifies(algorithm, b"text", &signature));
        }
    }
}

/// An accepted token was one: its header says no more than is understood, and its claims are typed.
fn assert_is_in_order(verified: &VerifiedToken, header: &Value, claims: &Value) {
    assert_eq!(header["alg"], verified.algorithm().as_str());
    assert!(header.get("crit").is_none());
    assert!(header.get("kid").is_none_or(Value::is_string));
    assert_eq!(&Value::from(verified.claims().clone()), claims);
    for date in ["exp", "nbf", "iat"] {
        assert!(claims.get(date).is_none_or(Value::is_number));
    }
    assert!(claims.get("exp").is_none_or(|exp| exp.as_f64().unwrap() > NOW_SECS as f64));
    for date in ["nbf", "iat"] {
        let date = claims.get(date).map(|date| date.as_f64().unwrap());
        assert!(date.is_none_or(|date| date <= NOW_SECS as f64 + 0.001));
    }
    for text in ["iss", "sub"] {
        assert!(claims.get(text).is_none_or(Value::is_string));
    }
}

/// A request with these values in every place that is looked at.
fn assert_no_panic(carrier: usize, values: impl IntoIterator<Item = HeaderValue>, target: &str) {
    let carriers = [
        TokenCarrier::authorization(),
        TokenCarrier::header("x-token").unwrap(),
        TokenCarrier::Query("token".to_owned()),
        TokenCarrier::Cookie("token".to_owned()),
    ];
    let mut headers = HeaderMap::new();
    for value in values {
        for name in ["authorization", "x-token", "cookie"] {
            headers.append(HeaderName::from_static(name), value.clone());
        }
    }
    let Ok(target) = target.parse::<Uri>() else { return };
    let mut wire = plain_get("/");
    (wire.headers, wire.target) = (headers, target);
    for rule in [AppAuthRule::Besides, AppAuthRule::Instead] {
        let policy =
            JwtPolicy::new().with_carrier(carriers[carrier].clone()).with_app_auth_rule(rule);
        if let Err(rejection) = TokenServer::with_key_of("EdDSA", policy).verify(&wire) {
            assert_is_a_refusal(&rejection);
        }
    }
}

/// Every bit, for one token of every kind: the property above takes some of them.
#[test]
fn every_bit_of_a_token_counts() {
    for algorithm in ["RS256", "PS256", "ES256", "ES512", "EdDSA", "HS256"] {
        let server = server(algorithm);
        let token = TokenKey::of(algorithm).token(algorithm, &json!({"sub": "user"}));
        assert_token_accepted(server.bearer(&token));
        let parts: Vec<_> = token.split('.').map(decode).collect();
        for part in 0..3 {
            for bit in 0..parts[part].len() * 8 {
                let mut changed = parts.clone();
                changed[part][bit / 8] ^= 1 << (bit % 8);
                let changed: Vec<_> = changed.iter().map(encode).collect();
                assert!(server.bearer(&changed.join(".")).is_err(), "{algorithm} {part} {bit}");
            }
        }
        // And every letter, in every other letter's place, of the last part: bits are never left over.
        let (input, signature) = token.rsplit_once('.').unwrap();
        let last = signature.len() - 1;
        for letter in ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_', '=', '+', '/'])
        {
            let changed = format!("{}{letter}", &signature[..last]);
            if changed != signature {
                assert!(server.bearer(&format!("{input}.{changed}")).is_err(), "{algorithm}");
            }
        }
    }
}
