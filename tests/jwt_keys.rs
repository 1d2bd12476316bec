//! What a JWK must be to verify tokens (RFC 7517, RFC 7518 §6, RFC 8037 §2): in a plug-in document,
//! in a set, alone. What is anything else is `I400JP` while it is read, with the member's place.

#![cfg(feature = "jwt")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use countersign::error::ErrorCode;
use countersign::jwt::{Algorithm, JwtPolicy, JwtVerifier, KeySet, Plugin, VerifyingKey};
use countersign::store::MemoryReplayStore;
use serde_json::{Value, json};
use support::{
    ALGORITHMS, TokenKey, TokenServer, assert_token_accepted, assert_token_code, claims, decode,
    encode, jwks,
};

fn plugin(key: Value) -> String {
    json!({"parameter": "X-Token", "parameterLocation": "header", "jwk": key}).to_string()
}

fn plugin_of(keys: Value) -> String {
    json!({"parameter": "X-Token", "parameterLocation": "header", "jwks": keys}).to_string()
}

/// The key must be refused with this problem at this member, wherever it stands.
#[track_caller]
fn assert_refused(key: &Value, member: &str, problem: &str) {
    let alone = VerifyingKey::from_jwk(&key.to_string()).expect_err("a key that is refused");
    assert_eq!((alone.path(), alone.problem()), (member, problem), "{key}");
    assert_eq!(alone.code(), ErrorCode::I400JP);
    // A second, good key makes none of the first.
    let good = TokenKey::of_another("ES256").jwk(json!({"kid": "good"}));
    for (error, place) in [
        (Plugin::parse(&plugin(key.clone())).unwrap_err(), "jwk"),
        (Plugin::parse(&plugin_of(json!([good, key]))).unwrap_err(), "jwks[1]"),
        (Plugin::parse(&plugin_of(json!({"keys": [key, good]}))).unwrap_err(), "jwks.keys[0]"),
        (KeySet::from_jwks(&jwks([good.clone(), key.clone()])).unwrap_err(), "keys[1]"),
    ] {
        assert_eq!(error.path(), format!("{place}.{member}"), "{key}");
        assert_eq!(error.problem(), problem, "{key}");
    }
}

/// The key must be good, wherever it stands.
#[track_caller]
fn accepted(key: &Value) -> VerifyingKey {
    assert!(Plugin::parse(&plugin(key.clone())).is_ok(), "{key}");
    assert!(Plugin::parse(&plugin_of(json!([key]))).is_ok(), "{key}");
    assert!(KeySet::from_jwks(&jwks([key.clone()])).is_ok(), "{key}");
    VerifyingKey::from_jwk(&key.to_string()).unwrap()
}

fn fitting(algorithm: &str) -> &'static [Algorithm] {
    use Algorithm::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512};
    use Algorithm::{Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    match algorithm {
        "ES256" => &[Es256],
        "ES384" => &[Es384],
        "ES512" => &[Es512],
        "EdDSA" => &[EdDsa],
        "HS256" | "HS384" | "HS512" => &[Hs256, Hs384, Hs512],
        _ => &[Rs256, Rs384, Rs512, Ps256, Ps384, Ps512],
    }
}

#[test]
fn a_key_takes_its_algorithm_or_every_one_that_fits_its_type() {
    for name in ALGORITHMS {
        let key = TokenKey::of(name);
        let open = accepted(&key.jwk(json!({})));
        assert!(open.algorithms().eq(fitting(name).iter().copied()), "{name}");
        assert_eq!(open.kid(), None);
        let bound = accepted(&key.jwk(json!({"alg": name, "kid": "k", "use": "sig"})));
        assert!(bound.algorithms().eq(Algorithm::from_name(name)), "{name}");
        assert_eq!(bound.kid(), Some("k"));
        for verifies in [json!(["verify"]), json!(["sign", "verify"]), json!(null)] {
            accepted(&key.jwk(json!({"key_ops": verifies, "use": null, "alg": null})));
        }
    }
    let newer = accepted(&TokenKey::of("EdDSA").jwk(json!({"alg": "Ed25519"})));
    assert!(newer.algorithms().eq([Algorithm::EdDsa]), "RFC 9864");
}

#[test]
fn an_algorithm_that_does_not_fit_the_keys_type_is_refused() {
    for name in ALGORITHMS {
        for other in ALGORITHMS {
            let fits = fitting(name).contains(&Algorithm::from_name(other).unwrap());
            let key = TokenKey::of(name).jwk(json!({"alg": other}));
            match fits {
                true => drop(accepted(&key)),
                false => {
                    let problem = format!("`{other}` does not fit the key's type");
                    assert_refused(&key, "alg", &problem);
                }
            }
        }
        for unknown in
            ["none", "ES256K", "Ed448", "RSA-OAEP", "dir", "A128KW", "rs256", "HS256 ", "", "XX"]
        {
            let key = TokenKey::of(name).jwk(json!({"alg": unknown}));
            assert_refused(&key, "alg", &format!("`{unknown}` is not supported"));
        }
    }
}

#[test]
fn a_key_of_another_type_or_curve_is_refused_by_name() {
    for kty in ["XX", "", "rsa", "Oct", "EC2", "AKP"] {
        let key = TokenKey::of("RS256").jwk(json!({"kty": kty}));
        assert_refused(&key, "kty", &format!("`{kty}` is not supported"));
    }
    for crv in ["secp256k1", "P-192", "P-256K", "p-256", "Ed25519", ""] {
        let key = TokenKey::of("ES256").jwk(json!({"crv": crv}));
        assert_refused(&key, "crv", &format!("`{crv}` is not supported for this kty"));
    }
    for crv in ["Ed448", "X25519", "X448", "P-256", "ed25519"] {
        let key = TokenKey::of("EdDSA").jwk(json!({"crv": crv}));
        assert_refused(&key, "crv", &format!("`{crv}` is not supported for this kty"));
    }
    for name in ["ES256", "EdDSA"] {
        assert_refused(&TokenKey::of(name).jwk(json!({"crv": null})), "crv", "it is missing");
    }
}

#[test]
fn a_key_without_one_of_its_members_is_refused() {
    for (name, members) in [
        ("RS256", ["n", "e"].as_slice()),
        ("ES256", &["x", "y"]),
        ("EdDSA", &["x"]),
        ("HS256", &["k"]),
    ] {
        for member in members {
            let with = |value: Value| TokenKey::of(name).jwk(json!({ *member: value }));
            assert_refused(&with(Value::Null), member, "it is missing");
            assert_refused(&with(json!("")), member, "it is empty");
            let text = TokenKey::of(name).member(member);
            let lax = "it is no base64url without padding";
            for spelled in [
                format!("{text}="),
                format!("{text}=="),
                format!(" {text}"),
                format!("{text}\n"),
                format!("{}+/", &text[..text.len() - 2]),
                format!("{text}A!"),
                "A".to_owned(),
                "AB".to_owned(), // bits are left over
            ] {
                assert_refused(&with(json!(spelled)), member, lax);
            }
            // Of another type it is not even a JWK.
            let broken = "this is no JWK: it has another type, or is not readable";
            for value in [json!(1), json!(true), json!([text]), json!({"a": text})] {
                let error = VerifyingKey::from_jwk(&with(value.clone()).to_string()).unwrap_err();
                assert_eq!((error.path(), error.problem()), (*member, "this is no JWK"));
                let error = Plugin::parse(&plugin(with(value.clone()))).unwrap_err();
                assert_eq!((error.path(), error.problem()), (&*format!("jwk.{member}"), broken));
                let error = Plugin::parse(&plugin_of(json!([with(value)]))).unwrap_err();
                assert_eq!(
                    (error.path(), error.problem()),
                    (&*format!("jwks[0].{member}"), broken)
                );
            }
        }
    }
    let error = VerifyingKey::from_jwk(r#"{"k":"AAAA"}"#).unwrap_err();
    assert_eq!(error.problem(), "this is no JWK");
    for text in ["", "{", "null", "[]", "x", r#"{"kty":"oct","k":"AA","k":"AA"}"#] {
        assert!(VerifyingKey::from_jwk(text).is_err(), "{text}");
    }
    let key = TokenKey::of("ES256").jwk(json!({})).to_string();
    let error = VerifyingKey::from_jwk(&format!("{key}{key}")).unwrap_err();
    assert_eq!(error.problem(), "something follows the JWK");
}

#[test]
fn lesson_28_a_private_key_has_no_place_in_a_configuration() {
    for name in ALGORITHMS {
        for member in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
            for value in [json!("AQAB"), json!(null), json!(""), json!([{"r": "AQAB"}]), json!(1)] {
                let key = TokenKey::of(name).jwk(json!({ member: value }));
                assert_refused(&key, member, "this is a private key");
            }
        }
    }
    let whole = TokenKey::of("RS256").jwk(json!({"p": "AQ", "q": "AQ", "dp": "AQ", "d": "AQ"}));
    assert_refused(&whole, "d", "this is a private key");
}

/// An RSA key with a modulus of so many bits, which is odd and no more than that.
fn rsa_of(bits: usize) -> Value {
    let mut n = vec![0xff; bits.div_ceil(8)];
    n[0] >>= (8 - bits % 8) % 8;
    json!({"kty": "RSA", "n": encode(n), "e": "AQAB"})
}

#[test]
fn an_rsa_key_has_2048_to_8192_bits() {
    for bits in [2048, 2049, 3072, 4096, 8191, 8192] {
        accepted(&rsa_of(bits));
    }
    for bits in [1, 17, 512, 1024, 2040, 2041, 2047] {
        let problem = format!("the RSA key has {bits} bits; 2048 is the least");
        assert_refused(&rsa_of(bits), "n", &problem);
    }
    for bits in [8193, 8200, 16_384, 1 << 20] {
        let problem = format!("the RSA key has {bits} bits; 8192 is the most");
        assert_refused(&rsa_of(bits), "n", &problem);
    }
}

#[test]
fn an_rsa_key_has_an_odd_modulus_and_an_odd_exponent_that_is_not_1() {
    let with =
        |member: &str, bytes: &[u8]| TokenKey::of("RS256").jwk(json!({ member: encode(bytes) }));
    let mut n = decode(TokenKey::of("RS256").member("n"));
    let last = n.len() - 1;
    n[last] &= 0xfe;
    assert_refused(&with("n", &n), "n", "this is no RSA modulus");
    assert_refused(&with("n", &[0, 0]), "n", "it is zero");
    assert_refused(&with("e", &[0, 0]), "e", "it is zero");
    for e in [&[1][..], &[0, 1], &[2], &[1, 0, 0], &[1, 0, 2]] {
        assert_refused(&with("e", e), "e", "this is no RSA exponent");
    }
    // With a larger one, aws-lc reads the key and then verifies nothing.
    for e in [[3, 0, 0, 0, 1].as_slice(), &[1, 0, 0, 0, 0, 0, 0, 0, 1], &[0xff; 256]] {
        assert_refused(&with("e", e), "e", "the RSA exponent has more than 33 bits");
    }
    for e in [&[3][..], &[17], &[1, 0, 1], &[0xff, 0xff, 0xff, 0xff], &[1, 0, 0, 0, 1]] {
        accepted(&with("e", e));
    }
}

#[test]
fn zeros_before_an_rsa_modulus_change_nothing() {
    // RFC 7518 §6.3.1.1 forbids them, and many encoders write them.
    let key = TokenKey::of("RS256");
    let zeros = |member: &str, count| {
        let bytes = [vec![0; count], decode(key.member(member))].concat();
        encode(bytes)
    };
    for (n, e) in [(1, 0), (0, 1), (1, 1), (9, 5)] {
        let jwk = key.jwk(json!({"n": zeros("n", n), "e": zeros("e", e)}));
        let server = TokenServer::new(JwtPolicy::new(), accepted(&jwk).into());
        assert_token_accepted(server.bearer(&key.token("RS256", &claims(json!({})))));
    }
}

#[test]
fn a_coordinate_has_the_length_that_its_curve_asks() {
    for (name, len) in [("ES256", 32), ("ES384", 48), ("ES512", 66)] {
        for member in ["x", "y"] {
            let bytes = decode(TokenKey::of(name).member(member));
            assert_eq!(bytes.len(), len, "{name}");
            for wrong in [[vec![0], bytes.clone()].concat(), bytes[1..].to_vec(), vec![1]] {
                let key = TokenKey::of(name).jwk(json!({ member: encode(&wrong) }));
                let problem = format!("it has {} bytes instead of {len}", wrong.len());
                assert_refused(&key, member, &problem);
            }
        }
    }
    for len in [1, 31, 33, 57, 64] {
        let key = TokenKey::of("EdDSA").jwk(json!({"x": encode(vec![1; len])}));
        assert_refused(&key, "x", &format!("it has {len} bytes instead of 32"));
    }
}

#[test]
fn a_point_that_is_not_on_its_curve_is_no_key() {
    let problem = "this is no public key of its kind";
    for (name, len) in [("ES256", 32), ("ES384", 48), ("ES512", 66)] {
        let key = TokenKey::of(name);
        let (x, y) = (key.member("x"), key.member("y"));
        let mut changed = decode(y);
        changed[len - 1] ^= 1;
        for (x, y) in [
            (x.to_owned(), x.to_owned()),
            (y.to_owned(), x.to_owned()),
            (x.to_owned(), encode(changed)),
            (encode(vec![0; len]), encode(vec![0; len])), // infinity, as some write it
            (encode(vec![0xff; len]), encode(vec![0xff; len])), // beyond the field
        ] {
            assert_refused(&key.jwk(json!({"x": x, "y": y})), "x", problem);
        }
    }
}

#[test]
fn a_secret_is_as_long_as_the_hash_of_its_algorithm() {
    for (alg, least) in [("HS256", 32), ("HS384", 48), ("HS512", 64)] {
        let secret = |len| json!({"kty": "oct", "alg": alg, "k": encode(vec![7; len])});
        for len in [1, 16, least - 1] {
            let problem = format!("the secret has {len} bytes; {alg} needs {least} or more");
            assert_refused(&secret(len), "k", &problem);
        }
        for len in [least, least + 1, 4096] {
            assert_eq!(accepted(&secret(len)).algorithms().count(), 1);
        }
    }
    // Without alg it takes those that it is long enough for.
    use Algorithm::{Hs256, Hs384, Hs512};
    for (len, algorithms) in [
        (32, [Hs256].as_slice()),
        (47, &[Hs256]),
        (48, &[Hs256, Hs384]),
        (63, &[Hs256, Hs384]),
        (64, &[Hs256, Hs384, Hs512]),
    ] {
        let key = accepted(&json!({"kty": "oct", "k": encode(vec![7; len])}));
        assert!(key.algorithms().eq(algorithms.iter().copied()), "{len}");
    }
    let short = json!({"kty": "oct", "k": encode([7; 31])});
    assert_refused(&short, "k", "the secret has 31 bytes; HS256 needs 32 or more");
}

// -- which key

#[test]
fn a_key_for_something_else_is_refused_alone_and_left_out_of_a_set() {
    let good = TokenKey::of("ES256").jwk(json!({"kid": "good"}));
    for (members, member) in [
        (json!({"use": "enc"}), "use"),
        (json!({"use": "tls"}), "use"),
        (json!({"use": ""}), "use"),
        (json!({"key_ops": ["encrypt"]}), "key_ops"),
        (json!({"key_ops": ["sign"]}), "key_ops"),
        (json!({"key_ops": []}), "key_ops"),
        (json!({"use": "sig", "key_ops": ["wrapKey"]}), "key_ops"),
        (json!({"use": "enc", "key_ops": ["verify"]}), "use"),
    ] {
        let other = TokenKey::of("EdDSA").jwk(members);
        let alone = VerifyingKey::from_jwk(&other.to_string()).unwrap_err();
        assert_eq!((alone.path(), alone.problem()), (member, "the key is not for signatures"));
        let error = Plugin::parse(&plugin(other.clone())).unwrap_err();
        assert_eq!(error.path(), format!("jwk.{member}"));

        let error = Plugin::parse(&plugin_of(json!([other]))).unwrap_err();
        assert_eq!((error.path(), error.problem()), ("jwks", "there is no usable key"));
        let error = KeySet::from_jwks(&jwks([other.clone()])).unwrap_err();
        assert_eq!((error.path(), error.problem()), ("keys", "there is no usable key"));
        let set = KeySet::from_jwks(&jwks([other, good.clone()])).unwrap();
        assert!(set.iter().map(VerifyingKey::kid).eq([Some("good")]));
    }
}

#[test]
fn a_set_without_a_key_is_refused() {
    for (keys, path) in [(json!([]), "jwks"), (json!({"keys": []}), "jwks.keys")] {
        let error = Plugin::parse(&plugin_of(keys)).unwrap_err();
        assert_eq!((error.path(), error.problem()), (path, "there is no usable key"));
    }
    let error = KeySet::new([]).unwrap_err();
    assert_eq!((error.path(), error.problem()), ("", "there is no usable key"));
    for text in [
        "",
        "[]",
        "null",
        "{}",
        r#"{"keys":null}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":[1]}"#,
        r#"{"keys":[],"keys":[]}"#,
    ] {
        assert!(KeySet::from_jwks(text).is_err(), "{text}");
        assert!(KeySet::from_published_jwks(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn lesson_28_symmetric_and_public_keys_are_never_in_one_set() {
    let secret = TokenKey::of("HS256").jwk(json!({"kid": "secret"}));
    for name in ALGORITHMS.into_iter().filter(|name| !name.starts_with("HS")) {
        let public = TokenKey::of(name).jwk(json!({"kid": "public", "alg": name}));
        for keys in [[public.clone(), secret.clone()], [secret.clone(), public.clone()]] {
            let problem = "symmetric and public keys are mixed";
            let error = Plugin::parse(&plugin_of(json!(keys))).unwrap_err();
            assert_eq!((error.path(), error.problem()), ("jwks", problem));
            let error = KeySet::from_jwks(&jwks(keys.clone())).unwrap_err();
            assert_eq!((error.path(), error.problem()), ("keys", problem));
            let keys = keys.map(|key| VerifyingKey::from_jwk(&key.to_string()).unwrap());
            assert_eq!(KeySet::new(keys).unwrap_err().problem(), problem);
        }
    }
}

#[test]
fn every_key_of_a_set_can_be_named_but_one() {
    let key = |kid: Value, name| TokenKey::of(name).jwk(json!({ "kid": kid }));
    let same = "an earlier key has the same";
    let none = "it is missing here and in an earlier key: no token could choose";
    for (kids, problem) in [
        ([json!("a"), json!("b"), json!("a")], Some(same)),
        ([json!("a"), json!(null), json!(null)], Some(none)),
        ([json!(""), json!("b"), json!("")], Some(same)),
        ([json!("a"), json!("A"), json!("a ")], None),
        ([json!("a"), json!(null), json!("")], None),
        ([json!("caf\u{e9}"), json!("cafe\u{301}"), json!("cafe")], None),
    ] {
        let [a, b, c] = kids.clone();
        let keys = json!([key(a, "ES256"), key(b, "EdDSA"), key(c, "RS256")]);
        match (Plugin::parse(&plugin_of(keys.clone())), problem) {
            (Ok(plugin), None) => assert_eq!(plugin.keys().iter().count(), 3),
            (Err(error), Some(problem)) => {
                assert_eq!((error.path(), error.problem()), ("jwks[2].kid", problem));
                let error = KeySet::from_jwks(&json!({ "keys": keys }).to_string()).unwrap_err();
                assert_eq!(error.path(), "keys[2].kid");
            }
            (answer, _) => panic!("{kids:?}: {answer:?}"),
        }
    }
}

#[test]
fn one_key_may_have_two_names() {
    let keys = ["a", "b"].map(|kid| TokenKey::of("ES256").jwk(json!({ "kid": kid })));
    let server = TokenServer::new(JwtPolicy::new(), KeySet::from_jwks(&jwks(keys)).unwrap());
    for kid in ["a", "b"] {
        let token = TokenKey::of("ES256").token_by("ES256", kid, &claims(json!({})));
        assert_eq!(assert_token_accepted(server.bearer(&token)).kid(), Some(kid));
    }
}

/// Which of the keys `a`, `b` and the one without a name verifies a token.
#[test]
fn a_token_is_verified_by_the_key_it_names_or_by_the_only_one_it_can_mean() {
    let (es, ed, rs) = (TokenKey::of("ES256"), TokenKey::of("EdDSA"), TokenKey::of("RS256"));
    let a = || es.jwk(json!({"kid": "a"}));
    let b = || ed.jwk(json!({"kid": "b"}));
    let nameless = || rs.jwk(json!({}));
    let named = |key: &TokenKey, algorithm, kid: Option<&str>| match kid {
        Some(kid) => key.token_by(algorithm, kid, &claims(json!({}))),
        None => key.token(algorithm, &claims(json!({}))),
    };
    let by_a = |kid| named(es, "ES256", kid);
    let by_b = |kid| named(ed, "EdDSA", kid);
    let by_nameless = |kid| named(rs, "RS256", kid);
    let (no_key, another) = (Err(ErrorCode::A403JK), Err(ErrorCode::A403JT));
    for (keys, token, expected) in [
        (vec![a()], by_a(Some("a")), Ok(Some("a"))),
        (vec![a()], by_a(None), Ok(Some("a"))),
        (vec![a()], by_a(Some("b")), no_key),
        (vec![a()], by_a(Some("A")), no_key),
        (vec![a()], by_a(Some("")), no_key),
        (vec![a(), b()], by_a(Some("a")), Ok(Some("a"))),
        (vec![a(), b()], by_b(Some("b")), Ok(Some("b"))),
        (vec![a(), b()], by_a(Some("b")), another),
        (vec![a(), b()], by_a(None), no_key),
        (vec![nameless()], by_nameless(None), Ok(None)),
        (vec![nameless()], by_nameless(Some("any")), Ok(None)),
        (vec![nameless()], by_a(Some("a")), another),
        (vec![a(), b(), nameless()], by_nameless(None), Ok(None)),
        (vec![a(), b(), nameless()], by_nameless(Some("new")), Ok(None)),
        (vec![a(), b(), nameless()], by_nameless(Some("a")), another),
        (vec![a(), b(), nameless()], by_a(None), another),
        (vec![a(), b(), nameless()], by_a(Some("new")), another),
        (vec![a(), b(), nameless()], by_b(Some("b")), Ok(Some("b"))),
    ] {
        let set = KeySet::from_jwks(&jwks(keys)).unwrap();
        let server = TokenServer::new(JwtPolicy::new(), set);
        match expected {
            Ok(kid) => assert_eq!(assert_token_accepted(server.bearer(&token)).kid(), kid),
            Err(code) => drop(assert_token_code(server.bearer(&token), code)),
        }
    }
}

#[test]
fn a_policy_that_accepts_no_algorithm_of_its_keys_is_refused() {
    let set = || {
        let keys = ["RS256", "ES256"].map(|name| TokenKey::of(name).jwk(json!({"kid": name})));
        KeySet::from_jwks(&jwks(keys)).unwrap()
    };
    let verifier = |algorithms: &[Algorithm]| {
        let policy = JwtPolicy::new().with_algorithms(algorithms.iter().copied());
        JwtVerifier::new(policy, set(), MemoryReplayStore::new())
    };
    for refused in [[].as_slice(), &[Algorithm::EdDsa], &[Algorithm::Hs256, Algorithm::Es384]] {
        let error = verifier(refused).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "no key takes an algorithm that is accepted");
    }
    assert!(verifier(&[Algorithm::Es256, Algorithm::Hs256]).is_ok());
}

// -- keys that somebody else publishes

#[test]
fn lesson_32_one_unusable_key_does_not_spoil_a_published_set() {
    let good = TokenKey::of("ES256").jwk(json!({"kid": "good"}));
    let unusable = [
        (json!({"kty": "XX"}), "kty"),
        (json!({}), ""),
        (json!(1), ""),
        (json!("text"), ""),
        (json!({"kty": "RSA", "n": 5}), ""),
        (rsa_of(1024), "n"),
        (TokenKey::of("EdDSA").jwk(json!({"crv": "Ed448"})), "crv"),
        (TokenKey::of("RS256").jwk(json!({"alg": "RSA-OAEP"})), "alg"),
        (TokenKey::of("RS256").jwk(json!({"use": "enc"})), "use"),
        (TokenKey::of("RS256").jwk(json!({"d": "AQAB"})), "d"),
        // What is published is no secret.
        (TokenKey::of("HS256").jwk(json!({"kid": "good"})), "kty"),
    ];
    let keys = unusable.iter().map(|(key, _)| key.clone()).chain([good.clone()]);
    let (set, left_out) = KeySet::from_published_jwks(jwks(keys).as_bytes()).unwrap();
    assert!(set.iter().map(VerifyingKey::kid).eq([Some("good")]));
    let found: Vec<_> = left_out.iter().map(|key| (key.index, key.error.path())).collect();
    let expected: Vec<_> =
        unusable.iter().enumerate().map(|(index, (_, path))| (index, *path)).collect();
    assert_eq!(found, expected);
    let server = TokenServer::new(JwtPolicy::new(), set);
    let token = TokenKey::of("ES256").token_by("ES256", "good", &claims(json!({})));
    assert_token_accepted(server.bearer(&token));

    let alone = jwks([TokenKey::of("HS256").jwk(json!({}))]);
    let error = KeySet::from_published_jwks(alone.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "keys: there is no usable key");
}

#[test]
fn of_published_keys_with_one_name_the_one_that_takes_the_algorithm_is_meant() {
    let keys = ["RS256", "ES256", "EdDSA"].map(|name| TokenKey::of(name).jwk(json!({"kid": "k"})));
    let (set, left_out) = KeySet::from_published_jwks(jwks(keys).as_bytes()).unwrap();
    assert_eq!(left_out, []);
    let server = TokenServer::new(JwtPolicy::new(), set);
    for name in ["RS256", "PS512", "ES256", "EdDSA"] {
        let token = TokenKey::of(name).token_by(name, "k", &claims(json!({})));
        assert_token_accepted(server.bearer(&token));
    }
    let token = TokenKey::of("ES384").token_by("ES384", "k", &claims(json!({})));
    assert_token_code(server.bearer(&token), ErrorCode::A403JT);
}

#[test]
fn of_published_keys_only_the_one_that_says_a_member_twice_is_left_out() {
    let x = TokenKey::of("EdDSA").member("x");
    let twice = format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"a","kid":"b","x":"{x}"}}"#);
    let good = TokenKey::of("ES256").jwk(json!({"kid": "good"}));
    let document = format!(r#"{{"keys":[{twice}, {good} ]}}"#);
    let (set, left_out) = KeySet::from_published_jwks(document.as_bytes()).unwrap();
    assert!(set.iter().map(VerifyingKey::kid).eq([Some("good")]));
    let [left_out] = &left_out[..] else { panic!("{left_out:?}") };
    assert_eq!((left_out.index, left_out.error.problem()), (0, "this is no JWK"));
}

#[test]
fn a_set_of_more_than_1000_keys_is_refused() {
    let good = TokenKey::of("ES256").jwk(json!({"kid": "good"})).to_string();
    let document = |others: usize| format!(r#"{{"keys":[{}{good}]}}"#, "0,".repeat(others));
    let (_, left_out) = KeySet::from_published_jwks(document(999).as_bytes()).unwrap();
    assert_eq!(left_out.len(), 999);
    for others in [1_000, 131_000] {
        let error = KeySet::from_published_jwks(document(others).as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "keys: there are more than 1000");
    }
    let keys = (0..1_001).map(|n| TokenKey::of("ES256").jwk(json!({ "kid": n.to_string() })));
    let error = KeySet::from_jwks(&jwks(keys)).unwrap_err();
    assert_eq!(error.to_string(), "keys: there are more than 1000");
}

// -- lists in the place of objects

#[test]
fn a_list_is_no_set() {
    let key = TokenKey::of("EdDSA").jwk(json!({"kid": "a"}));
    for set in [json!([[key]]), json!([[key], []])] {
        let error = KeySet::from_jwks(&set.to_string()).unwrap_err();
        assert_eq!(error.to_string(), "this is no JWK set");
        let error = KeySet::from_published_jwks(set.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "this is no JWK set");
    }
}

#[test]
fn a_list_is_no_key() {
    let key = TokenKey::of("EdDSA").jwk(json!({"kid": "a"}));
    // The values of `kty`, `kid`, … `x`, `y`, `k`: of such a list serde would make a key.
    let x = TokenKey::of("EdDSA").member("x");
    let list = json!(["OKP", null, null, null, null, "Ed25519", null, null, x, null, null]);
    let error = VerifyingKey::from_jwk(&list.to_string()).unwrap_err();
    assert_eq!(error.to_string(), "this is no JWK");
    assert!(KeySet::from_jwks(&jwks([list.clone()])).is_err());
    let published = jwks([list.clone(), key]);
    let (_, left_out) = KeySet::from_published_jwks(published.as_bytes()).unwrap();
    assert_eq!(left_out.iter().map(|key| key.index).collect::<Vec<_>>(), [0]);
    for document in
        [plugin(list.clone()), plugin_of(json!([list])), plugin_of(json!({"keys": [list]}))]
    {
        for document in [document.clone(), format!("# in YAML\n{document}")] {
            assert!(Plugin::parse(&document).is_err(), "{document}");
        }
    }
}

// -- what is shown

#[test]
fn an_error_quotes_64_characters_at_most() {
    for (name, member) in [("ES256", "kty"), ("ES256", "crv"), ("EdDSA", "crv"), ("ES256", "alg")] {
        for (len, shown) in [(64, "é".repeat(64)), (250_000, "é".repeat(64) + "…")] {
            let key = TokenKey::of(name).jwk(json!({ member: "é".repeat(len) }));
            let error = VerifyingKey::from_jwk(&key.to_string()).unwrap_err();
            assert_eq!(error.path(), member);
            assert!(error.problem().starts_with(&format!("`{shown}` is not supported")), "{error}");
        }
    }
    // What a document's parser quotes is bounded, too.
    let long = "x".repeat(250_000);
    let key = TokenKey::of("ES256").jwk(json!({}));
    let location = json!({"parameter": "X-Token", "parameterLocation": long, "jwk": key});
    let unknown = json!({"parameter": "X-Token", "parameterLocation": "header", &long: 1});
    for document in [location, unknown] {
        let error = Plugin::parse_strict_fields(&document.to_string()).unwrap_err();
        assert!(error.to_string().len() < 1_000, "{}", error.to_string().len());
    }
}

#[test]
fn no_debug_output_and_no_error_shows_key_material() {
    for name in ALGORITHMS {
        let key = TokenKey::of(name);
        let verifying = accepted(&key.jwk(json!({"kid": "shown"})));
        let alone = format!("{verifying:?}{verifying:#?}");
        let shown = format!("{alone}{:?}", KeySet::from(verifying));
        assert!(shown.contains("shown"));
        for member in ["n", "x", "y", "k"] {
            if let Some(text) = key.jwk(json!({}))[member].as_str() {
                assert!(!shown.contains(&text[..8]), "{name}: {shown}");
            }
        }
    }
}
