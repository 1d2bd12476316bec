//! Lessons of other projects about JSON Web Tokens.

#![cfg(feature = "jwt")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use countersign::clock::{ManualClock, UnixMillis};
use countersign::error::{ErrorCode, FullScope, Rejection, StoreError};
use countersign::jwt::{
    Expiration, JtiRule, JwtPolicy, JwtVerifier, KeySet, UndatedTokens, VerifiedToken,
};
use countersign::store::{AppShare, Claim, Claimed, MemoryReplayStore};
use countersign::verify::{Policy, RestartRule, Verifier};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use support::{
    ALGORITHMS, Call, NOW, NOW_SECS, TestCredentials, TokenKey, TokenServer, answered,
    assert_accepted, assert_code, assert_token_accepted, assert_token_code, assert_token_refused,
    bearer, claims, decode, demo_apps, encode, jwks,
};

const DAY: u64 = 24 * 60 * 60;

fn single_use() -> JwtPolicy {
    JwtPolicy::new().with_jti_rule(JtiRule::SingleUse)
}

fn key() -> &'static TokenKey {
    TokenKey::of("EdDSA")
}

/// A good token of the key, but for these claims.
fn token(changes: Value) -> String {
    key().token("EdDSA", &claims(changes))
}

fn server(policy: JwtPolicy) -> TokenServer {
    TokenServer::with_key_of("EdDSA", policy)
}

/// A token with these claims, as they are spelled.
fn spelled(claims: &str) -> String {
    key().seal("EdDSA", r#"{"alg":"EdDSA"}"#, claims)
}

// -- 28

/// The public key in every spelling that somebody may take for a secret.
fn spellings(name: &str) -> Vec<Vec<u8>> {
    let jwk = TokenKey::of(name).jwk(json!({}));
    let mut spellings: Vec<Vec<u8>> = vec![Vec::new(), jwk.to_string().into_bytes()];
    for member in ["n", "e", "x", "y"] {
        if let Some(text) = jwk[member].as_str() {
            spellings.push(text.as_bytes().to_vec());
            spellings.push(decode(text));
        }
    }
    if name == "RS256" {
        for der in rsa_der(&decode(jwk["n"].as_str().unwrap())) {
            let base64 = BASE64_STANDARD.encode(&der);
            let lines: Vec<_> =
                base64.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
            for label in ["PUBLIC KEY", "RSA PUBLIC KEY"] {
                let body = lines.join("\n");
                let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----");
                spellings.push(format!("{pem}\n").into_bytes());
                spellings.push(pem.into_bytes());
            }
            spellings.push(der);
        }
    }
    spellings
}

/// RSAPublicKey with the exponent 65537 (RFC 8017), bare and as SubjectPublicKeyInfo (RFC 3279).
fn rsa_der(n: &[u8]) -> [Vec<u8>; 2] {
    let tagged = |tag: u8, content: &[u8]| {
        let len = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82][..], &len, content].concat()
    };
    let integers = [tagged(2, &[&[0][..], n].concat()), vec![2, 3, 1, 0, 1]].concat();
    let bare = tagged(0x30, &integers);
    let rsa_encryption =
        [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let bits = tagged(3, &[&[0][..], &bare].concat());
    let info = tagged(0x30, &[&rsa_encryption[..], &bits].concat());
    [bare, info]
}

#[test]
fn lesson_28_a_public_key_is_no_secret() {
    for name in ["RS256", "PS512", "ES256", "ES384", "ES512", "EdDSA"] {
        for members in [json!({}), json!({"alg": name}), json!({"kid": "k"})] {
            let key = TokenKey::of(name).jwk(members);
            let set = KeySet::from_jwks(&jwks([key])).unwrap();
            let server = TokenServer::new(JwtPolicy::new(), set);
            for secret in spellings(name) {
                for hs in ["HS256", "HS384", "HS512"] {
                    let secret = TokenKey::secret(secret.clone());
                    for token in [
                        secret.token(hs, &claims(json!({}))),
                        secret.token_by(hs, "k", &claims(json!({}))),
                    ] {
                        assert_token_code(server.bearer(&token), ErrorCode::A403JT);
                    }
                }
            }
        }
    }
    assert!(spellings("RS256").len() > 10, "PEM and DER are among them");
}

#[test]
fn lesson_28_a_key_without_alg_takes_only_what_fits_its_type() {
    for name in ALGORITHMS {
        let server = TokenServer::with_key_of(name, JwtPolicy::new());
        for other in ALGORITHMS {
            let fits = TokenKey::of(name).jwk(json!({})) == TokenKey::of(other).jwk(json!({}));
            let answer = server.bearer(&TokenKey::of(other).token(other, &claims(json!({}))));
            match fits {
                true => assert_eq!(assert_token_accepted(answer).algorithm().as_str(), other),
                false => drop(assert_token_code(answer, ErrorCode::A403JT)),
            }
            // One algorithm's signature under the name of another.
            let header = json!({"alg": other}).to_string();
            let disguised = TokenKey::of(name).seal(name, header, claims(json!({})).to_string());
            if name != other {
                assert_token_code(server.bearer(&disguised), ErrorCode::A403JT);
            }
        }
    }
}

#[test]
fn lesson_28_none_is_no_algorithm() {
    for name in ALGORITHMS {
        let server = TokenServer::with_key_of(name, JwtPolicy::new());
        let good = TokenKey::of(name).token(name, &claims(json!({})));
        let signature = good.rsplit_once('.').unwrap().1;
        for none in ["none", "None", "NONE", "nOnE", "none ", "", "null", "HS0"] {
            let header = encode(json!({"alg": none}).to_string());
            let unsigned = format!("{header}.{}", encode(claims(json!({})).to_string()));
            for token in [format!("{unsigned}."), format!("{unsigned}.{signature}")] {
                assert_token_code(server.bearer(&token), ErrorCode::A403JT);
            }
            assert_token_code(server.bearer(&unsigned), ErrorCode::I400JD);
        }
    }
}

#[test]
fn lesson_28_a_token_brings_no_key_of_its_own() {
    let thief = TokenKey::of_another("ES256");
    let server = TokenServer::with_key_of("ES256", JwtPolicy::new());
    for members in [
        json!({"jwk": thief.jwk(json!({}))}),
        json!({"jwk": thief.jwk(json!({"alg": "ES256", "kid": "k"})), "kid": "k"}),
        json!({"jku": "https://attacker.example/jwks.json"}),
        json!({"x5u": "https://attacker.example/cert.pem"}),
        json!({"x5c": ["AAAA"], "x5t": "AAAA"}),
        json!({"kid": "../../dev/null"}),
        json!({"kid": "' OR 1=1 --"}),
    ] {
        let mut header = members.clone();
        header["alg"] = json!("ES256");
        let claims = claims(json!({})).to_string();
        let token = thief.seal("ES256", header.to_string(), &claims);
        assert_token_code(server.bearer(&token), ErrorCode::A403JT);
        // What the issuer writes there is not even read.
        header["jwk"] = json!(5);
        let token = TokenKey::of("ES256").seal("ES256", header.to_string(), &claims);
        assert_token_accepted(server.bearer(&token));
    }
}

// -- 29

#[test]
fn lesson_29_a_date_is_a_number_and_nothing_else() {
    let server = server(JwtPolicy::new());
    for claim in ["exp", "nbf", "iat"] {
        for value in ["\"1700000300\"", "\"\"", "null", "true", "false", "{}", "[]", "[1700000300]"]
        {
            let answer = server.bearer(&spelled(&format!("{{\"{claim}\":{value}}}")));
            let message = format!("Invalid JWT: claim `{claim}` is not a number");
            assert_token_refused(answer, ErrorCode::A403JT, &message);
        }
        for no_json in ["NaN", "Infinity", "0x7fffffff", "01700000300", "+1", "1.", ".5", "1e999"] {
            let answer = server.bearer(&spelled(&format!("{{\"{claim}\":{no_json}}}")));
            assert_token_code(answer, ErrorCode::I400JD);
        }
    }
}

#[test]
fn lesson_29_negative_and_huge_dates_saturate() {
    use ErrorCode::{A403JE, A403JT};
    let server = server(JwtPolicy::new());
    for (value, exp, nbf_and_iat) in [
        ("-1", Err(A403JE), Ok(())),
        ("-0.5", Err(A403JE), Ok(())),
        ("-1e300", Err(A403JE), Ok(())),
        ("-9223372036854775808", Err(A403JE), Ok(())),
        ("-9223372036854775809", Err(A403JE), Ok(())),
        ("0", Err(A403JE), Ok(())),
        ("-0", Err(A403JE), Ok(())),
        ("1e-400", Err(A403JE), Ok(())),
        ("9007199254740993", Ok(()), Err(A403JT)),
        ("9223372036854775807", Ok(()), Err(A403JT)),
        ("9223372036854775808", Ok(()), Err(A403JT)),
        ("18446744073709551615", Ok(()), Err(A403JT)),
        ("18446744073709551616", Ok(()), Err(A403JT)),
        ("1e300", Ok(()), Err(A403JT)),
        ("253402300800", Ok(()), Err(A403JT)), // the year 10,000
    ] {
        for (claim, expected) in [("exp", exp), ("nbf", nbf_and_iat), ("iat", nbf_and_iat)] {
            let answer = server.bearer(&spelled(&format!("{{\"{claim}\":{value}}}")));
            let answer = answer.map(drop).map_err(|rejection| rejection.code());
            assert_eq!(answer, expected, "{claim} {value}");
        }
    }
    // Also where they are added to.
    let any_use = JwtPolicy::new().with_leeway(Duration::MAX).with_max_age(Duration::MAX);
    let server = self::server(any_use);
    for value in ["18446744073709551615", "1e300", "0", "-1e300"] {
        let claims = format!(r#"{{"exp":{value},"iat":{value},"nbf":{value}}}"#);
        assert_token_accepted(server.bearer(&spelled(&claims)));
    }
    let once = single_use().with_max_age(Duration::MAX).with_max_jti_retention(Duration::MAX);
    let server = self::server(once.with_leeway(JwtPolicy::MAX_LEEWAY));
    for (jti, value) in ["18446744073709551615", "1e300"].into_iter().enumerate() {
        let claims = format!(r#"{{"exp":{value},"iat":0,"jti":"{jti}"}}"#);
        assert_token_accepted(server.bearer(&spelled(&claims)));
        assert_token_code(server.bearer(&spelled(&claims)), ErrorCode::A403SV);
    }
}

#[test]
fn lesson_29_an_absent_date_is_no_bound_unless_it_is_required() {
    let undated = || token(json!({"exp": null, "iat": null}));
    for seconds in [0, NOW_SECS, 10 * NOW_SECS] {
        assert_token_accepted(server(JwtPolicy::new()).at(seconds).bearer(&undated()));
    }
    let server = server(JwtPolicy::new().with_required_exp());
    let message = "Invalid JWT: claim `exp` is required";
    assert_token_refused(server.bearer(&undated()), ErrorCode::A403JT, message);
    assert_token_accepted(server.bearer(&token(json!({"iat": null}))));
}

#[test]
fn lesson_29_a_token_is_accepted_before_the_instant_it_expires_at() {
    for leeway in [0, 1, 999, 60_000, 10 * DAY * 1000] {
        let policy = JwtPolicy::new().with_leeway(Duration::from_millis(leeway));
        let server = server(policy);
        for (exp, at) in [
            (json!(NOW_SECS + 5), (NOW_SECS + 5) * 1000),
            (json!(NOW_SECS as f64 + 5.25), (NOW_SECS + 5) * 1000 + 250),
        ] {
            let token = token(json!({"exp": exp, "iat": null}));
            server.step_to_millis(at + leeway - 1);
            assert_token_accepted(server.bearer(&token));
            for later in [0, 1, DAY * 1000] {
                server.step_to_millis(at + leeway + later);
                assert_token_code(server.bearer(&token), ErrorCode::A403JE);
            }
        }
    }
}

#[test]
fn lesson_29_leeway_is_for_the_beginning_as_for_the_end() {
    for leeway in [0, 1, 999, 60_000] {
        let server = server(JwtPolicy::new().with_leeway(Duration::from_millis(leeway)));
        for claim in ["nbf", "iat"] {
            let begins = (NOW_SECS + 100) * 1000;
            let token = token(json!({"iat": null, claim: NOW_SECS + 100}));
            for early in [1, 1000, DAY * 1000] {
                server.step_to_millis(begins - leeway - early);
                assert_token_code(server.bearer(&token), ErrorCode::A403JT);
            }
            for early in [0, leeway] {
                server.step_to_millis(begins - early);
                assert_token_accepted(server.bearer(&token));
            }
        }
    }
}

#[test]
fn lesson_29_an_age_ends_a_token_whatever_its_exp_says() {
    let policy = JwtPolicy::new()
        .with_max_age(Duration::from_secs(60))
        .with_leeway(Duration::from_secs(5))
        .with_expiration(Expiration::Ignore);
    let server = server(policy);
    for exp in [json!(null), json!(1), json!(NOW_SECS + 10 * DAY)] {
        let token = token(json!({"exp": exp}));
        server.step_to_millis((NOW_SECS + 65) * 1000 - 1);
        assert_token_accepted(server.bearer(&token));
        server.step_to(NOW_SECS + 65);
        let message = "JWT is expired at `2023-11-14T22:14:20Z`";
        assert_token_refused(server.bearer(&token), ErrorCode::A403JE, message);
    }
}

#[test]
fn lesson_29_audiences_are_one_or_several_and_an_issuer_is_one() {
    let policy = || JwtPolicy::new().with_audiences(["orders"]);
    for (aud, accepted) in [
        (json!("orders"), true),
        (json!(["orders"]), true),
        (json!(["stock", "orders"]), true),
        (json!(["stock"]), false),
        (json!([]), false),
        (json!("orders "), false),
        (json!("orders stock"), false),
        (json!("order"), false),
        (json!(null), false),
        (json!([["orders"]]), false),
        (json!({"orders": true}), false),
        (json!(["orders", 1]), false),
    ] {
        let mut claims = claims(json!({}));
        claims["aud"] = aud.clone();
        let answer = server(policy()).bearer(&key().token("EdDSA", &claims));
        assert_eq!(answer.is_ok(), accepted, "{aud}");
        // The wrong type is refused even where nobody asks.
        let wrong_type = !(aud.is_string()
            || aud.as_array().is_some_and(|list| list.iter().all(Value::is_string)));
        let answer = server(JwtPolicy::new()).bearer(&key().token("EdDSA", &claims));
        assert_eq!(answer.is_err(), wrong_type, "{aud}");
    }
    for iss in [json!(["issuer"]), json!({"issuer": 1}), json!(1), json!(true)] {
        for policy in [JwtPolicy::new(), JwtPolicy::new().with_issuers(["issuer"])] {
            let answer = server(policy).bearer(&token(json!({"iss": iss})));
            let message = "Invalid JWT: claim `iss` is not a string";
            assert_token_refused(answer, ErrorCode::A403JT, message);
        }
    }
}

#[test]
fn lesson_29_claims_are_what_was_signed() {
    let odd = r#"{"exp":1700000300.5,"big":12345678901234567890,"deep":{"a":[1,null,{}]},
        "":"","__proto__":{"admin":true},"Exp":1,"text":"\u00e9\u0000"}"#;
    let verified = assert_token_accepted(server(JwtPolicy::new()).bearer(&spelled(odd)));
    assert_eq!(Value::from(verified.claims().clone()), serde_json::from_str::<Value>(odd).unwrap());
    assert_eq!((verified.issuer(), verified.subject(), verified.jti()), (None, None, None));
    // To the last digit.
    let number = r#"{"x":9.420478828304765e+17}"#;
    let verified = assert_token_accepted(server(JwtPolicy::new()).bearer(&spelled(number)));
    assert_eq!(Value::from(verified.claims().clone()).to_string(), number);

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Own {
        sub: String,
        iat: u64,
    }
    let verified = assert_token_accepted(server(JwtPolicy::new()).bearer(&token(json!({}))));
    let own = Own { sub: "user".to_owned(), iat: NOW_SECS };
    assert_eq!(verified.claims_as::<Own>().unwrap(), own);
    assert!(verified.claims_as::<Vec<String>>().is_err());
}

// -- 30

#[test]
fn lesson_30_no_extension_is_understood_so_none_may_be_critical() {
    let server = server(JwtPolicy::new());
    for crit in [
        json!(["exp"]),
        json!(["b64"]),
        json!(["x"]),
        json!([]),
        json!(null),
        json!(false),
        json!("exp"),
        json!({}),
    ] {
        let header = json!({"alg": "EdDSA", "crit": crit, "b64": true, "exp": 1, "x": 1});
        let token = key().seal("EdDSA", header.to_string(), claims(json!({})).to_string());
        let message = "Invalid JWT: a critical header parameter is not understood";
        assert_token_refused(server.bearer(&token), ErrorCode::A403JT, message);
    }
    for harmless in [json!({"Crit": ["x"]}), json!({"b64": true}), json!({"x": {"crit": ["x"]}})] {
        let mut header = harmless;
        header["alg"] = json!("EdDSA");
        let token = key().seal("EdDSA", header.to_string(), claims(json!({})).to_string());
        assert_token_accepted(server.bearer(&token));
    }
}

// -- 31

#[test]
fn lesson_31_a_jti_is_single_for_its_issuer_and_its_key() {
    let (a, b) = (TokenKey::of("EdDSA"), TokenKey::of("ES256"));
    let keys = [a.jwk(json!({"kid": "a"})), b.jwk(json!({"kid": "b"}))];
    let server = TokenServer::new(single_use(), KeySet::from_jwks(&jwks(keys)).unwrap());
    let of = |key: &TokenKey, algorithm, kid, iss: Value| {
        key.token_by(algorithm, kid, &claims(json!({"iss": iss, "jti": "same"})))
    };
    for (key, algorithm, kid) in [(a, "EdDSA", "a"), (b, "ES256", "b")] {
        for iss in [json!("one"), json!("two"), json!(""), json!(null), json!("one\0same")] {
            let token = of(key, algorithm, kid, iss);
            assert_token_accepted(server.bearer(&token));
            assert_token_code(server.bearer(&token), ErrorCode::A403SV);
        }
    }
    assert_eq!(server.replay.written(), 10);
}

#[test]
fn lesson_31_a_jti_belongs_to_the_key_and_not_to_its_name() {
    let (old, new) = (TokenKey::of("EdDSA"), TokenKey::of_another("EdDSA"));
    let set = |keys: Vec<Value>| KeySet::from_jwks(&jwks(keys)).unwrap();
    let by = |key: &TokenKey, kid: &str| key.token_by("EdDSA", kid, &claims(json!({})));
    // A key that is replaced under its name: what it has signed says nothing of the new one's.
    let before = TokenServer::new(single_use(), set(vec![old.jwk(json!({"kid": "k"}))]));
    assert_token_accepted(before.bearer(&by(old, "k")));
    let after = set(vec![new.jwk(json!({"kid": "k"}))]);
    let after = JwtVerifier::new(single_use(), after, Arc::clone(&before.replay)).unwrap();
    let after = after.with_clock(Arc::clone(&before.clock));
    let verify = |token: &str| answered(after.verify(bearer(token).head()));
    assert_token_code(verify(&by(old, "k")), ErrorCode::A403JT);
    assert!(verify(&by(new, "k")).is_ok());
    assert_token_code(verify(&by(new, "k")), ErrorCode::A403SV);

    // A key that has two names is one scope, also where its number is spelled in two ways.
    let rsa = TokenKey::of("RS256");
    let zero = encode([vec![0], decode(rsa.member("n"))].concat());
    let names = set(vec![
        rsa.jwk(json!({"kid": "a", "alg": "RS256"})),
        rsa.jwk(json!({"kid": "b", "alg": "PS256"})),
        rsa.jwk(json!({"kid": "c", "n": zero})),
    ]);
    let server = TokenServer::new(single_use(), names);
    let by = |algorithm, kid: &str| rsa.token_by(algorithm, kid, &claims(json!({})));
    assert_token_accepted(server.bearer(&by("RS256", "a")));
    for (algorithm, kid) in [("RS256", "a"), ("PS256", "b"), ("RS512", "c"), ("PS384", "c")] {
        assert_token_code(server.bearer(&by(algorithm, kid)), ErrorCode::A403SV);
    }
    assert_eq!(server.replay.written(), 1);
}

#[test]
fn lesson_31_a_jti_is_kept_for_as_long_as_its_token_is_accepted() {
    for leeway in [0, 1, 60] {
        let policy = single_use().with_leeway(Duration::from_secs(leeway));
        let server = server(policy);
        let token = token(json!({"exp": NOW_SECS + 300}));
        let end = (NOW_SECS + 300 + leeway) * 1000;
        assert_token_accepted(server.bearer(&token));
        let (_, until) = server.replay.entries().remove(0);
        let for_any_leeway = (NOW_SECS + 300) * 1000 + 300_000;
        assert_eq!(until, UnixMillis::new(for_any_leeway));
        for later in [1, 299_999, end - NOW - 1] {
            server.step_to_millis(NOW + later);
            assert_token_code(server.bearer(&token), ErrorCode::A403SV);
        }
        for later in [0, 1, DAY * 1000] {
            server.step_to_millis(end + later);
            assert_token_code(server.bearer(&token), ErrorCode::A403JE);
        }
        // The first use may be the last instant.
        let other = self::token(json!({"exp": NOW_SECS + 300, "jti": "id-2"}));
        server.step_to_millis(end - 1);
        assert_token_accepted(server.bearer(&other));
        assert_token_code(server.bearer(&other), ErrorCode::A403SV);
    }
}

#[test]
fn lesson_31_a_refused_token_leaves_its_jti_unspent() {
    let policy = || {
        single_use()
            .with_issuers(["issuer"])
            .with_audiences(["orders"])
            .with_required_exp()
            .with_max_age(Duration::from_secs(60))
    };
    let good = token(json!({"aud": "orders"}));
    let (input, signature) = good.rsplit_once('.').unwrap();
    let mut flipped = decode(signature);
    flipped[0] ^= 1;
    let header =
        |header: &str| key().seal("EdDSA", header, claims(json!({"aud": "orders"})).to_string());
    let server = server(policy());
    for refused in [
        format!("{input}.{}", encode(flipped)),
        format!("{good}="),
        TokenKey::of_another("EdDSA").token("EdDSA", &claims(json!({"aud": "orders"}))),
        header(r#"{"alg":"ES256"}"#),
        header(r#"{"alg":"EdDSA","crit":[]}"#),
        token(json!({"aud": "stock"})),
        token(json!({"aud": "orders", "iss": "other"})),
        token(json!({"aud": "orders", "sub": 1})),
        token(json!({"aud": "orders", "nbf": NOW_SECS + 1})),
        token(json!({"aud": "orders", "iat": NOW_SECS + 1})),
        token(json!({"aud": "orders", "iat": NOW_SECS - 60})),
        token(json!({"aud": "orders", "exp": NOW_SECS})),
        token(json!({"aud": "orders", "exp": null})),
    ] {
        assert!(server.bearer(&refused).is_err());
        assert_eq!(server.replay.claims(), 0, "{refused}");
    }
    assert_token_accepted(server.bearer(&good));
    assert_token_code(server.bearer(&good), ErrorCode::A403SV);
}

#[test]
fn lesson_31_a_token_that_expires_while_it_waits_leaves_its_jti_unspent() {
    let server = server(single_use());
    let wire = bearer(&token(json!({"exp": NOW_SECS + 1})));
    let verifier = &server.verifier;
    let valid = || {
        let presented = verifier.present(wire.head()).unwrap().unwrap();
        verifier.check(answered(verifier.authenticate(presented)).unwrap()).unwrap()
    };
    let (slow, quick) = (valid(), valid());
    server.step_to(NOW_SECS + 1);
    assert_token_code(answered(verifier.claim(slow, None)), ErrorCode::A403JE);
    assert_eq!(server.replay.claims(), 0);
    server.step_to_millis(NOW + 999);
    assert_token_accepted(answered(verifier.claim(quick, None)));
}

#[test]
fn lesson_31_a_token_that_this_verifier_accepted_is_not_a_replay_of_itself() {
    let server = server(single_use());
    let pass =
        |verifier: &support::TestJwtVerifier, token: &str, earlier: Option<&VerifiedToken>| {
            let wire = bearer(token);
            let presented = verifier.present(wire.head())?.expect("a token is there");
            let valid = verifier.check(answered(verifier.authenticate(presented))?)?;
            answered(verifier.claim(valid, earlier))
        };
    let one = token(json!({}));
    let outer = assert_token_accepted(pass(&server.verifier, &one, None));
    assert_eq!(server.replay.claims(), 1);
    let inner = server.verifier.clone();
    let again = assert_token_accepted(pass(&inner, &one, Some(&outer)));
    assert_eq!(server.replay.claims(), 1);
    assert_token_accepted(pass(&inner, &one, Some(&again)));
    // Another token is another claim, whatever an outer layer has found.
    let other = token(json!({"jti": "id-2"}));
    assert_token_accepted(pass(&inner, &other, Some(&outer)));
    assert_eq!(server.replay.claims(), 2);
    assert_token_code(pass(&inner, &other, Some(&outer)), ErrorCode::A403SV);
    // Without the outer layer's word it is a replay.
    assert_token_code(pass(&inner, &one, None), ErrorCode::A403SV);
    // A verifier of another name has claimed nothing yet.
    let named = server.verifier.clone().with_name("elsewhere");
    let elsewhere = assert_token_accepted(pass(&named, &one, Some(&outer)));
    assert_token_code(pass(&named, &one, Some(&outer)), ErrorCode::A403SV);
    assert_token_code(pass(&inner, &one, Some(&elsewhere)), ErrorCode::A403SV);
}

#[test]
fn lesson_31_a_verifier_of_another_name_is_another_scope() {
    let server = server(single_use());
    let orders = server.verifier.clone().with_name("orders");
    let stock = server.verifier.clone().with_name("stock");
    let same = server.verifier.clone().with_name("stock");
    let wire = bearer(&token(json!({})));
    assert!(answered(orders.verify(wire.head())).is_ok());
    assert!(answered(stock.verify(wire.head())).is_ok());
    for verifier in [&orders, &stock, &same] {
        assert_token_code(answered(verifier.verify(wire.head())), ErrorCode::A403SV);
    }
    assert!(server.verify(&wire).is_ok(), "the name `default` is a third");
}

#[test]
fn lesson_31_a_nonce_never_is_a_jti() {
    let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
    let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
    let replay = Arc::new(replay);
    let apps = Verifier::new(TestCredentials::new(demo_apps()), Arc::clone(&replay))
        .with_policy(Policy::strict())
        .with_clock(Arc::clone(&clock));
    let keys = KeySet::from_jwks(&jwks([key().jwk(json!({}))])).unwrap();
    let tokens = JwtVerifier::new(single_use(), keys, Arc::clone(&replay)).unwrap();
    let tokens = tokens.with_clock(clock);
    // Both are called `default`, and both numbers are the same.
    for number in ["1", "\0jwt\0", support::KEY] {
        let iss = support::KEY;
        let wire = bearer(&token(json!({"jti": number, "iss": iss})));
        let call = match number.contains('\0') {
            true => Call::get("/").sign(),
            false => Call::get("/").nonce(number).sign(),
        };
        assert_accepted(answered(apps.verify(call.head(), b"")));
        assert!(answered(tokens.verify(wire.head())).is_ok());
        assert_code(answered(apps.verify(call.head(), b"")), ErrorCode::S403NU);
        assert_token_code(answered(tokens.verify(wire.head())), ErrorCode::A403SV);
    }
    assert_eq!(replay.len(), 6);
}

#[test]
fn lesson_31_what_takes_an_app_keys_place_is_on_no_wire() {
    let server = server(single_use());
    for iss in [json!("issuer"), json!(null), json!("203710001")] {
        assert_token_accepted(server.bearer(&token(json!({ "iss": iss }))));
    }
    let mut seen = HashSet::new();
    for ((scope, issuer, jti), _) in server.replay.entries() {
        assert_eq!((scope.as_str(), &jti[..]), ("default", &b"id-1"[..]));
        assert!(http::HeaderValue::from_str(&issuer).is_err(), "no AppKey has a NUL");
        assert!(seen.insert(issuer));
    }
}

#[test]
fn lesson_31_one_issuer_cannot_fill_the_store_for_all() {
    let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
    let replay = MemoryReplayStore::builder()
        .with_capacity(64)
        .with_app_share(AppShare::HALF)
        .with_clock(Arc::clone(&clock))
        .build();
    let keys = KeySet::from_jwks(&jwks([key().jwk(json!({}))])).unwrap();
    let replay = Arc::new(replay);
    let verifier = JwtVerifier::new(single_use(), keys, Arc::clone(&replay)).unwrap();
    let verifier = verifier.with_clock(Arc::clone(&clock));
    let send = |iss: &str, jti: usize| {
        let token = token(json!({"iss": iss, "jti": jti.to_string()}));
        answered(verifier.verify(bearer(&token).head()))
    };
    assert!(send("quiet", 0).is_ok());
    let mut full = None;
    let mut accepted = 0;
    for jti in 0..1_000 {
        match send("loud", jti) {
            Ok(_) => accepted += 1,
            Err(rejection) => full = Some(rejection),
        }
    }
    let full = full.expect("half of 64 is less than 1,000");
    assert_eq!(full.code(), ErrorCode::X503BZ);
    assert!(
        matches!(full.store_error(), Some(StoreError::Full { scope: FullScope::App, .. })),
        "{full:?}"
    );
    assert!((1..=32).contains(&accepted), "{accepted}");
    // The others still get in, and the loud one gets nothing in twice.
    let quiet = (1..=8).filter(|jti| send("quiet", *jti).is_ok()).count();
    assert_eq!(quiet, 8);
    assert_token_code(send("loud", 0), ErrorCode::A403SV);
}

#[test]
fn lesson_31_of_parallel_uses_of_a_token_one_is_accepted() {
    const CALLERS: usize = 64;
    let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
    let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
    let keys = KeySet::from_jwks(&jwks([key().jwk(json!({}))])).unwrap();
    let verifier = JwtVerifier::new(single_use(), keys, replay).unwrap().with_clock(clock);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    for round in 0..20 {
        let token = token(json!({"jti": round.to_string()}));
        let start = Arc::new(tokio::sync::Barrier::new(CALLERS));
        let answers = runtime.block_on(async {
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| {
                    let (verifier, start) = (verifier.clone(), Arc::clone(&start));
                    let wire = bearer(&token);
                    tokio::spawn(async move {
                        start.wait().await;
                        verifier.verify(wire.head()).await
                    })
                })
                .collect();
            let mut answers = Vec::new();
            for caller in callers {
                answers.push(caller.await.unwrap());
            }
            answers
        });
        let (accepted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(accepted.len(), 1);
        for answer in refused {
            assert_token_code(answer, ErrorCode::A403SV);
        }
    }
}

// -- 31a

#[test]
fn lesson_31a_a_token_of_single_use_ends_with_what_can_be_remembered() {
    let retention = 3_600;
    for expiration in [Expiration::Enforce, Expiration::Ignore] {
        let policy = || {
            single_use()
                .with_expiration(expiration)
                .with_max_jti_retention(Duration::from_secs(retention))
        };
        for (exp, end) in [
            (json!(null), NOW_SECS + retention),
            (json!(NOW_SECS + 10 * 365 * DAY), NOW_SECS + retention),
            (json!(u64::MAX), NOW_SECS + retention),
            (json!(NOW_SECS + retention - 1), NOW_SECS + retention - 1),
            // Where exp is ignored, it still bounds what is remembered.
            (json!(NOW_SECS + 1), NOW_SECS + 1),
        ] {
            let server = server(policy());
            let (used, unused) =
                (token(json!({"exp": exp})), token(json!({"exp": exp, "jti": "id-2"})));
            assert_token_accepted(server.bearer(&used));
            server.step_to_millis(end * 1000 - 1);
            assert_token_code(server.bearer(&used), ErrorCode::A403SV);
            for later in [end, end + 1, end + 10 * DAY, end + 11 * 365 * DAY] {
                server.step_to(later);
                assert_token_code(server.bearer(&used), ErrorCode::A403JE);
                assert_token_code(server.bearer(&unused), ErrorCode::A403JE);
            }
            server.step_to_millis(end * 1000 - 1);
            assert_token_accepted(server.bearer(&unused));
        }
    }
}

#[test]
fn lesson_31a_a_token_without_exp_and_iat_is_refused_or_remembered_from_receipt() {
    let undated = token(json!({"exp": null, "iat": null}));
    assert_token_code(server(single_use()).bearer(&undated), ErrorCode::S403JI);

    let policy = single_use()
        .with_undated_tokens(UndatedTokens::DangerouslyRememberFromReceipt)
        .with_max_jti_retention(Duration::from_secs(3_600));
    let server = server(policy);
    assert_token_accepted(server.bearer(&undated));
    server.step_to(NOW_SECS + 3_600);
    assert_token_code(server.bearer(&undated), ErrorCode::A403SV);
    // Past that it is accepted again: the danger in the name.
    server.step_to_millis((NOW_SECS + 3_600) * 1000 + 1);
    assert_token_accepted(server.bearer(&undated));
    assert_token_code(server.bearer(&undated), ErrorCode::A403SV);
    // Dated tokens have nothing of it.
    let dated = token(json!({"exp": null, "jti": "id-2", "iat": NOW_SECS + 1}));
    assert_token_accepted(server.bearer(&dated));
    server.step_to(NOW_SECS + 3_601);
    assert_token_code(server.bearer(&dated), ErrorCode::A403JE);
}

#[test]
fn lesson_31a_after_a_restart_a_token_that_may_have_been_used_is_refused() {
    for (changes, before) in [
        (json!({}), "iat before the restart"),
        (json!({"iat": null, "nbf": NOW_SECS}), "nbf before the restart"),
        (json!({"exp": null}), "no exp"),
        (json!({"iat": NOW_SECS - 10, "nbf": NOW_SECS}), "both before the restart"),
    ] {
        let server = server(single_use());
        let token = token(changes);
        assert_token_accepted(server.bearer(&token));
        server.replay.restart(UnixMillis::new(NOW + 1));
        server.step_to_millis(NOW + 1);
        let rejection = assert_token_code(server.bearer(&token), ErrorCode::A403JE);
        assert_eq!(rejection.message(), "JWT is expired at `2023-11-14T22:13:20Z`", "{before}");
        assert!(rejection.detail().is_some(), "the operator can see why");
        assert_eq!(server.replay.written(), 0);
        // What is issued afterwards is good.
        server.step_to(NOW_SECS + 1);
        let fresh = self::token(json!({"iat": NOW_SECS + 1}));
        assert_token_accepted(server.bearer(&fresh));
    }
    // A token cannot have been used before both its beginnings, less what clocks may be off.
    let policy = single_use().with_leeway(Duration::from_secs(2));
    for (changes, known) in [
        (json!({"iat": NOW_SECS - 100, "nbf": NOW_SECS}), true),
        (json!({"iat": NOW_SECS}), true),
        (json!({"iat": NOW_SECS - 1}), false),
        (json!({"iat": NOW_SECS - 1, "nbf": NOW_SECS - 100}), false),
    ] {
        let server = server(policy.clone());
        server.replay.restart(UnixMillis::new(NOW - 2_000));
        let answer = server.bearer(&token(changes));
        assert_eq!(answer.is_ok(), known, "{answer:?}");
    }
}

#[test]
fn lesson_31a_a_verifier_with_other_bounds_of_the_same_name_accepts_nothing_again() {
    let day = |policy: JwtPolicy| policy.with_max_jti_retention(Duration::from_secs(DAY));
    let hour = |policy: JwtPolicy| policy.with_max_jti_retention(Duration::from_secs(3_600));
    let aged = |policy: JwtPolicy| policy.with_max_age(Duration::from_secs(60));
    for (first, second) in [
        (single_use(), single_use().with_leeway(JwtPolicy::MAX_LEEWAY)),
        (hour(single_use()), day(single_use())),
        (aged(single_use()), single_use()),
        (single_use(), single_use().with_expiration(Expiration::Ignore)),
    ] {
        for after in (0..2 * DAY).step_by(97) {
            let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
            let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
            let replay = Arc::new(replay);
            let verifier = |policy: &JwtPolicy| {
                let keys = KeySet::from_jwks(&jwks([key().jwk(json!({}))])).unwrap();
                let verifier = JwtVerifier::new(policy.clone(), keys, Arc::clone(&replay)).unwrap();
                verifier.with_clock(Arc::clone(&clock))
            };
            let token = token(json!({"exp": NOW_SECS + if after % 2 == 0 { 300 } else { DAY }}));
            assert!(answered(verifier(&first).verify(bearer(&token).head())).is_ok());
            clock.advance(Duration::from_secs(after));
            assert!(answered(verifier(&second).verify(bearer(&token).head())).is_err(), "{after}");
        }
    }
    let lax = single_use().with_leeway(JwtPolicy::MAX_LEEWAY + Duration::from_millis(1));
    let keys = KeySet::from_jwks(&jwks([key().jwk(json!({}))])).unwrap();
    let refused = JwtVerifier::new(lax, keys, MemoryReplayStore::new()).unwrap_err();
    assert_eq!(refused.path(), "leeway");
}

#[test]
fn lesson_31_a_secret_is_one_scope_with_and_without_the_zeros_that_hmac_adds() {
    let secret = [7; 32];
    let padded = [&secret[..], &[0; 5]].concat();
    let replay = Arc::new(MemoryReplayStore::new());
    let verifier = |secret: &[u8]| {
        let keys = KeySet::from_jwks(&jwks([TokenKey::secret(secret).jwk(json!({}))])).unwrap();
        let clock = ManualClock::at(UnixMillis::new(NOW));
        JwtVerifier::new(
            single_use().with_restart_rule(RestartRule::Accept),
            keys,
            Arc::clone(&replay),
        )
        .unwrap()
        .with_clock(clock)
    };
    let far = json!({"exp": 10 * NOW_SECS, "iat": null});
    let token = TokenKey::secret(secret).token("HS256", &claims(far));
    assert!(answered(verifier(&secret).verify(bearer(&token).head())).is_ok());
    let again = answered(verifier(&padded).verify(bearer(&token).head()));
    assert_token_code(again.map(Option::unwrap), ErrorCode::A403SV);
}

#[test]
fn lesson_31a_a_restart_may_be_overlooked_by_name() {
    let server = server(single_use().with_restart_rule(RestartRule::Accept));
    let token = token(json!({}));
    assert_token_accepted(server.bearer(&token));
    server.replay.restart(UnixMillis::new(NOW + 1));
    assert_token_accepted(server.bearer(&token));
    assert_token_code(server.bearer(&token), ErrorCode::A403SV);
}

#[test]
fn lesson_31a_of_a_token_that_says_no_beginning_nothing_is_known_after_a_restart() {
    // With exp alone. It is a limit of this design, and the policy's documentation names it.
    let server = server(single_use());
    let token = token(json!({"iat": null}));
    assert_token_accepted(server.bearer(&token));
    server.replay.restart(UnixMillis::new(NOW + 1));
    assert_token_accepted(server.bearer(&token));
    assert_token_code(server.bearer(&token), ErrorCode::A403SV);
}

#[test]
fn lesson_31a_the_memory_store_keeps_the_same_rules_over_a_restart() {
    let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
    let build = |clock: &Arc<ManualClock>| {
        let replay = MemoryReplayStore::builder().with_clock(Arc::clone(clock)).build();
        let keys = KeySet::from_jwks(&jwks([key().jwk(json!({}))])).unwrap();
        JwtVerifier::new(single_use(), keys, replay).unwrap().with_clock(Arc::clone(clock))
    };
    let verify = |verifier: &JwtVerifier<MemoryReplayStore>, token: &str| {
        answered(verifier.verify(bearer(token).head()))
    };
    let first = build(&clock);
    let token = token(json!({}));
    assert!(verify(&first, &token).is_ok());
    clock.advance(Duration::from_millis(1));
    let second = build(&clock);
    assert_token_code(verify(&second, &token), ErrorCode::A403JE);
    clock.advance(Duration::from_millis(999));
    assert!(verify(&second, &self::token(json!({"iat": NOW_SECS + 1}))).is_ok());
}

/// One thing that happens to a server.
#[derive(Clone, Debug)]
enum Event {
    /// Time passes on both clocks.
    Pass(u64),
    /// The wall clock is set, this far ahead or back.
    Step(i64),
    /// This one of the tokens is sent.
    Send(usize),
    /// Somebody else's nonce is claimed in the same store, for so long.
    Nonce(u64),
}

fn millis() -> impl Strategy<Value = u64> {
    prop_oneof![0..2_000_u64, 0..400_000_u64, 0..200_000_000_u64]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (0..6_usize).prop_map(Event::Send),
        3 => millis().prop_map(Event::Pass),
        1 => (millis(), any::<bool>()).prop_map(|(by, ahead)| {
            let by = i64::try_from(by).unwrap();
            Event::Step(if ahead { by } else { -by })
        }),
        1 => millis().prop_map(Event::Nonce),
    ]
}

/// A date near the beginning of the test, or far away, or none.
fn date() -> impl Strategy<Value = Value> {
    let near = (-400_i64..400).prop_map(|by| json!(i64::try_from(NOW_SECS).unwrap() + by));
    let fraction = (-400.0..400.0_f64).prop_map(|by| json!(NOW_SECS as f64 + by));
    let days = (-3_i64..4).prop_map(|by| json!(i64::try_from(NOW_SECS).unwrap() + by * 86_400));
    prop_oneof![
        4 => near,
        1 => fraction,
        2 => days,
        1 => select(vec![json!(0), json!(-1), json!(u64::MAX), json!(1e300), json!(NOW_SECS * 2)]),
        2 => Just(Value::Null),
    ]
}

fn any_policy() -> impl Strategy<Value = JwtPolicy> {
    let leeway = prop_oneof![Just(0_u64), 0..5_u64, 0..=300_u64];
    let seconds = || prop_oneof![Just(0_u64), 0..5_u64, 0..400_u64, 0..=86_400_u64];
    let knobs = (leeway, seconds(), proptest::option::of(seconds()), any::<[bool; 2]>());
    knobs.prop_map(|(leeway, retention, age, [ignore, restart])| {
        let policy = single_use()
            .with_leeway(Duration::from_secs(leeway))
            .with_max_jti_retention(Duration::from_secs(retention))
            .with_expiration(if ignore { Expiration::Ignore } else { Expiration::Enforce })
            .with_restart_rule(if restart { RestartRule::Refuse } else { RestartRule::Accept });
        match age {
            Some(age) => policy.with_max_age(Duration::from_secs(age)),
            None => policy,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever a token says of its dates, whatever the policies are and the clocks do: it is accepted
    /// once at most, by two verifiers of one name together. The store forgets in between.
    #[test]
    fn lesson_31a_no_token_is_ever_accepted_twice(
        policies in [any_policy(), any_policy()],
        dates in proptest::collection::vec((date(), date(), date()), 6),
        events in proptest::collection::vec(event(), 1..60),
    ) {
        let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
        let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
        let replay = Arc::new(replay);
        let keys = jwks([TokenKey::of("HS256").jwk(json!({}))]);
        let verifiers = policies.map(|policy| {
            let keys = KeySet::from_jwks(&keys).unwrap();
            let verifier = JwtVerifier::new(policy, keys, Arc::clone(&replay)).unwrap();
            verifier.with_clock(Arc::clone(&clock))
        });
        let tokens: Vec<_> = dates
            .iter()
            .enumerate()
            .map(|(jti, (exp, iat, nbf))| {
                let dates = json!({"exp": exp, "iat": iat, "nbf": nbf, "jti": jti.to_string()});
                TokenKey::of("HS256").token("HS256", &claims(dates))
            })
            .collect();
        let mut accepted = HashSet::new();
        for (at, event) in events.iter().enumerate() {
            match event {
                Event::Pass(by) => clock.advance(Duration::from_millis(*by)),
                Event::Step(by) => {
                    let wall = countersign::clock::Clock::wall(&*clock).get();
                    clock.step_wall_to(UnixMillis::new(wall.saturating_add_signed(*by)));
                }
                Event::Nonce(lifetime) => {
                    let until = countersign::clock::Clock::wall(&*clock);
                    let until = until.saturating_add(Duration::from_millis(*lifetime));
                    let nonce = at.to_be_bytes();
                    let claim = Claim::new("default", "app", &nonce, until);
                    prop_assert!(replay.claim_now(claim).unwrap() != Claimed::Used);
                }
                Event::Send(index) => {
                    let wire = bearer(&tokens[*index]);
                    if answered(verifiers[at % 2].verify(wire.head())).is_ok() {
                        prop_assert!(accepted.insert(*index), "{index} twice: {dates:?}");
                    }
                }
            }
        }
    }
}

/// The property above would hold for a verifier that accepts nothing.
#[test]
fn lesson_31a_a_token_within_all_its_dates_is_accepted_once() {
    for iat in [NOW_SECS - 60, NOW_SECS] {
        for exp in [json!(null), json!(NOW_SECS + 1), json!(NOW_SECS + 10 * DAY)] {
            for expiration in [Expiration::Enforce, Expiration::Ignore] {
                let policy = single_use().with_expiration(expiration);
                let server = server(policy.with_max_age(Duration::from_secs(120)));
                let token = token(json!({"iat": iat, "exp": exp, "nbf": iat}));
                assert_token_accepted(server.bearer(&token));
                let again: Result<VerifiedToken, Rejection> = server.bearer(&token);
                assert_token_code(again, ErrorCode::A403SV);
            }
        }
    }
}
