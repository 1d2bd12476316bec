//! Published tokens, keys and thumbprints (`tests/data/jwt`), and a published token in a request.

#![cfg(feature = "jwt")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use countersign::error::ErrorCode;
use countersign::jwt::{Algorithm, JtiRule, JwtPolicy, Plugin, VerifyingKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::{
    ALGORITHMS, Expected, TokenKey, TokenServer, Vector, assert_token_accepted, assert_token_code,
    assert_token_refused, bearer, claims, decode, encode,
};

/// A file of `tests/data/jwt`.
struct Example {
    name: String,
    members: Value,
}

impl Example {
    fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/jwt");
        let mut examples: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .map(|path| Self {
                name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
                members: serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap(),
            })
            .collect();
        examples.sort_by(|a, b| a.name.cmp(&b.name));
        examples
    }

    fn expected(expected: &str) -> Vec<Self> {
        let all = Self::all().into_iter();
        all.filter(|example| example.text("expected") == expected).collect()
    }

    #[track_caller]
    fn text(&self, member: &str) -> &str {
        self.members[member].as_str().unwrap_or_else(|| panic!("{} has no {member}", self.name))
    }

    fn key(&self) -> VerifyingKey {
        VerifyingKey::from_jwk(&self.members["key"].to_string()).unwrap()
    }

    fn algorithm(&self) -> Algorithm {
        Algorithm::from_name(self.text("alg")).unwrap()
    }

    /// Header, payload and signature, decoded.
    fn parts(&self) -> [Vec<u8>; 3] {
        let parts: Vec<_> = self.text("token").split('.').map(decode).collect();
        parts.try_into().unwrap()
    }

    fn signing_input(&self) -> &str {
        self.text("token").rsplit_once('.').unwrap().0
    }

    fn payload_is_an_object(&self) -> bool {
        serde_json::from_str::<serde_json::Map<_, _>>(self.text("payload")).is_ok()
    }
}

#[test]
fn no_published_token_gets_lost() {
    let count = |expected| Example::expected(expected).len();
    assert_eq!((count("verifies"), count("refused"), count("thumbprint")), (9, 1, 1));
}

#[test]
fn the_parts_of_a_published_token_are_what_is_said_of_it() {
    for example in Example::all() {
        if example.members.get("token").is_none() {
            continue;
        }
        let [header, payload, _] = example.parts();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header["alg"], example.text("alg"), "{}", example.name);
        assert_eq!(payload, example.text("payload").as_bytes(), "{}", example.name);
    }
}

#[test]
fn a_published_key_verifies_the_signature_of_its_token_and_no_other() {
    for example in Example::expected("verifies") {
        let (key, algorithm) = (example.key(), example.algorithm());
        let [_, _, signature] = example.parts();
        let input = example.signing_input().as_bytes();
        assert!(key.verifies(algorithm, input, &signature), "{}", example.name);

        assert!(!key.verifies(algorithm, &input[1..], &signature), "{}", example.name);
        assert!(!key.verifies(algorithm, input, &signature[1..]), "{}", example.name);
        assert!(!key.verifies(algorithm, input, &[]), "{}", example.name);
        for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            assert!(!key.verifies(other, input, &signature), "{} as {other}", example.name);
        }
        // The verifiers of other examples are other people's.
        for other in Example::expected("verifies") {
            let is_the_same = other.members["key"] == example.members["key"];
            let verifies = other.key().verifies(algorithm, input, &signature);
            assert!(!verifies || is_the_same, "{} by the key of {}", example.name, other.name);
        }
    }
}

#[test]
fn a_published_token_without_claims_cannot_be_parsed_and_one_with_claims_is_judged_by_them() {
    for example in Example::expected("verifies") {
        // The claim sets expired at this second, in 2011.
        const EXP: u64 = 1_300_819_380;
        let server = TokenServer::new(JwtPolicy::new(), example.key().into()).at(EXP);
        let answer = server.bearer(example.text("token"));
        if !example.payload_is_an_object() {
            assert_token_code(answer, ErrorCode::I400JD);
            continue;
        }
        let message = "JWT is expired at `2011-03-22T18:43:00Z`";
        assert_token_refused(answer, ErrorCode::A403JE, message);
        server.step_to_millis(EXP * 1000 - 1);
        let verified = assert_token_accepted(server.bearer(example.text("token")));
        assert_eq!(verified.issuer(), Some("joe"));
        assert_eq!(verified.algorithm(), example.algorithm());
        assert_eq!(verified.claims()["http://example.com/is_root"], true);
        // The key's `kid`, not what the token says.
        assert_eq!(verified.kid(), example.members["key"].get("kid").and_then(Value::as_str));
    }
}

#[test]
fn an_unsecured_token_is_refused_by_every_key() {
    let unsecured = Example::expected("refused").remove(0);
    assert_eq!(unsecured.text("alg"), "none");
    for example in Example::expected("verifies") {
        for algorithm in Algorithm::ALL {
            let input = unsecured.signing_input().as_bytes();
            assert!(!example.key().verifies(algorithm, input, b""));
        }
        let server = TokenServer::new(JwtPolicy::new(), example.key().into()).at(1_300_000_000);
        assert_token_refused(
            server.bearer(unsecured.text("token")),
            ErrorCode::A403JT,
            "Invalid JWT: its algorithm is not accepted with this key",
        );
    }
}

/// RFC 7638 §3.3: the required members alone, in the order of their names, without white space.
fn thumbprint(jwk: &Value) -> String {
    let members = ["crv", "e", "k", "kty", "n", "x", "y"];
    let members = members.into_iter().filter_map(|name| Some((name, jwk.get(name)?.clone())));
    let canonical: BTreeMap<_, _> = members.collect();
    encode(Sha256::digest(serde_json::to_string(&canonical).unwrap()))
}

#[test]
fn the_scope_of_a_jti_is_the_published_thumbprint_of_the_key() {
    let mut seen = 0;
    for example in Example::all() {
        let Some(published) = example.members.get("thumbprint").and_then(Value::as_str) else {
            continue;
        };
        assert_eq!(thumbprint(&example.members["key"]), published, "{}", example.name);
        seen += 1;
    }
    assert!(seen >= 2, "RFC 7638 and RFC 8037 have one each");

    // Only with our own keys can a token be made whose claim shows the crate's thumbprint.
    for algorithm in ALGORITHMS {
        let key = TokenKey::of(algorithm);
        let server =
            TokenServer::with_key_of(algorithm, JwtPolicy::new().with_jti_rule(JtiRule::SingleUse));
        assert_token_accepted(server.bearer(&key.token(algorithm, &claims(json!({})))));
        let ((_, issuer, _), _) = server.replay.entries().remove(0);
        let expected = format!("\0jwt\0{}\0=issuer", thumbprint(&key.jwk(json!({}))));
        assert_eq!(issuer, expected, "{algorithm}");
    }
}

/// The vector `jwt-01`: a token for a secret with a `kid`, valid from 2022 to 2029.
fn gateway_token() -> Vector {
    let mut vectors = Vector::all().into_iter();
    vectors.find(|vector| vector.name == "jwt-01-hs256-kid").unwrap()
}

const ISSUED: u64 = 1_665_660_527;
const EXPIRES: u64 = 1_865_673_819;

fn gateway_plugin(vector: &Vector, prevent_jti_replay: bool) -> Plugin {
    Plugin::parse(&format!(
        "parameter: Authorization\n\
         parameterLocation: header\n\
         preventJtiReplay: {prevent_jti_replay}\n\
         claimParameters:\n\
         - claimName: sub\n\
         \x20 parameterName: X-Sub\n\
         \x20 location: header\n\
         jwk:\n\
         \x20 kty: oct\n\
         \x20 kid: '{}'\n\
         \x20 alg: HS256\n\
         \x20 k: {}\n",
        vector.line("key"),
        vector.line("secret")
    ))
    .unwrap()
}

#[test]
fn the_published_gateway_token_verifies_while_it_is_valid() {
    let vector = gateway_token();
    assert_eq!(vector.expected, Expected::TokenVerifies);
    let token = vector.section("headers").strip_prefix("Authorization: Bearer ").unwrap();
    assert_eq!(format!("{}.{}", vector.section("signed text"), vector.line("signature")), token);
    let secret = TokenKey::secret(decode(vector.line("secret")));
    let signature = secret.sign("HS256", vector.section("signed text").as_bytes());
    assert_eq!(encode(signature), vector.line("signature"));

    let server = TokenServer::of_plugin(gateway_plugin(&vector, false)).at(ISSUED);
    let wire = bearer(token);
    for _ in 0..2 {
        let verified = server.verify(&wire).unwrap().unwrap();
        assert_eq!(
            verified.claims(),
            json!({"iss": "abcd", "sub": "test", "iat": ISSUED,
            "exp": EXPIRES})
            .as_object()
            .unwrap()
        );
        assert_eq!((verified.issuer(), verified.subject()), (Some("abcd"), Some("test")));
        assert_eq!((verified.kid(), verified.jti()), (Some("123"), None));
        assert_eq!(verified.algorithm(), Algorithm::Hs256);
    }
    server.step_to(ISSUED - 1);
    assert_token_refused(
        server.verify(&wire),
        ErrorCode::A403JT,
        "Invalid JWT: it is issued in the future (claim `iat`)",
    );
    server.step_to_millis(EXPIRES * 1000 - 1);
    assert!(server.verify(&wire).is_ok());
    server.step_to(EXPIRES);
    let message = "JWT is expired at `2029-02-13T10:43:39Z`";
    assert_token_refused(server.verify(&wire), ErrorCode::A403JE, message);
}

#[test]
fn the_published_gateway_token_has_no_jti_to_prevent_replay_of() {
    let vector = gateway_token();
    let server = TokenServer::of_plugin(gateway_plugin(&vector, true)).at(ISSUED);
    let token = vector.section("headers").strip_prefix("Authorization: Bearer ").unwrap();
    assert_token_refused(
        server.bearer(token),
        ErrorCode::S403JI,
        "Claim `jti` is required when `preventJtiReplay:true`",
    );
    // The same issuer's token with one is accepted once, and then only refused.
    let secret = TokenKey::secret(decode(vector.line("secret")));
    let with_jti = json!({"iss": "abcd", "iat": ISSUED, "exp": ISSUED + 600, "jti": "1"});
    let token = secret.token_by("HS256", "123", &with_jti);
    assert_token_accepted(server.bearer(&token));
    let message = "Claim `jti` in JWT is used";
    assert_token_refused(server.bearer(&token), ErrorCode::A403SV, message);
    server.step_to_millis((ISSUED + 600) * 1000 - 1);
    assert_token_refused(server.bearer(&token), ErrorCode::A403SV, message);
    server.step_to(ISSUED + 600);
    assert_token_code(server.bearer(&token), ErrorCode::A403JE);
}
