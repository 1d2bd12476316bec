//! The gateway's JWT plug-in document: every field, both forms, and `I400JP` with the place of what
//! is wrong. What its keys must be is in `jwt_keys.rs`.

#![cfg(feature = "jwt")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use countersign::error::{ErrorCode, Rejection};
use countersign::jwt::{
    Algorithm, AppAuthRule, ClaimParameter, ClaimPlace, EmptyToken, Expiration, JtiRule, JwtPolicy,
    Plugin, TokenCarrier,
};
use http::HeaderName;
use serde_json::{Value, json};
use support::{TokenKey, TokenServer, claims};

/// The secret of the key in the documents below.
const SECRET: &str =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

/// A document with a carrier and a key, and these lines.
fn document(more: &str) -> String {
    format!(
        "parameter: X-Token\nparameterLocation: header\njwk: {{kty: oct, k: {SECRET}}}\n{more}\n"
    )
}

/// The same document in JSON, with these members.
fn json_document(more: Value) -> Value {
    let mut document = json!({
        "parameter": "X-Token",
        "parameterLocation": "header",
        "jwk": {"kty": "oct", "k": SECRET},
    });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

fn parsed(text: &str) -> Plugin {
    Plugin::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// What [`document`] describes.
fn policy() -> JwtPolicy {
    JwtPolicy::new().with_carrier(TokenCarrier::header("X-Token").unwrap())
}

/// A refusal with this place and exactly this problem.
#[track_caller]
fn assert_refused(text: &str, path: &str, problem: &str) {
    let error = Plugin::parse(text).expect_err(text);
    assert_eq!((error.path(), error.problem()), (path, problem), "{text}");
    assert_eq!(error.code(), ErrorCode::I400JP);
    let at = if path.is_empty() { String::new() } else { format!("{path}: ") };
    assert_eq!(error.to_string(), format!("{at}{problem}"));
    let rejection = Rejection::from(error.clone());
    assert_eq!(rejection.status(), 400);
    assert_eq!(rejection.message(), format!("Invalid JWT plugin config: {error}"));
}

/// A refusal with this place, whatever words the parser has for it.
#[track_caller]
fn assert_refused_at(text: &str, path: &str, problem: &str) {
    let error = Plugin::parse(text).expect_err(text);
    assert_eq!(error.path(), path, "{error}");
    assert!(error.problem().contains(problem), "{error}");
}

// -- the document as it is pasted

/// Comments, a document's beginning and end, a list at the indentation of its name, quotes where
/// somebody liked them: as documents of the gateway look.
fn pasted_yaml() -> String {
    let n = TokenKey::of("RS256").member("n");
    format!(
        "---
# Where the token is.
parameter: X-Token            # a header's name
parameterLocation: header
claimParameters:              # claims for the service behind
- claimName: aud
  parameterName: X-Aud
  location: header
- claimName: userId
  parameterName: \"userId\"
  location: query
preventJtiReplay: false       # true: a jti is used once
bypassEmptyToken: false
#
# The public part of the key.
jwk:
  kty: RSA
  e: AQAB
  use: sig
  kid: O8fpdhrViq2zaaaBEWZITz
  alg: RS256
  n: {n}
...
"
    )
}

fn pasted_json() -> String {
    let n = TokenKey::of("RS256").member("n");
    format!(
        r#"
{{
	"parameter": "X-Token",
	"parameterLocation": "header",
	"claimParameters": [
		{{ "claimName": "aud", "parameterName": "X-Aud", "location": "header" }},
		{{ "claimName": "userId", "parameterName": "userId", "location": "query" }}
	],
	"preventJtiReplay": false,
	"bypassEmptyToken": false,
	"jwk": {{
		"kty": "RSA", "e": "AQAB", "use": "sig", "kid": "O8fpdhrViq2zaaaBEWZITz",
		"alg": "RS256", "n": "{n}"
	}}
}}
"#
    )
}

#[test]
fn a_document_works_as_it_is_pasted_in_yaml_and_in_json() {
    for text in [pasted_yaml(), pasted_json()] {
        let plugin = parsed(&text);
        let forwarded = [
            ClaimParameter::header("aud", HeaderName::from_static("x-aud")),
            ClaimParameter::query("userId", "userId"),
        ];
        let expected = policy().with_claim_parameters(forwarded.clone()).unwrap();
        assert_eq!(plugin.policy(), &expected);
        assert_eq!(plugin.warnings(), [""; 0]);
        assert!(Plugin::parse_strict_fields(&text).is_ok());
        let [key] = plugin.keys().iter().collect::<Vec<_>>()[..] else { panic!("one key") };
        assert_eq!(key.kid(), Some("O8fpdhrViq2zaaaBEWZITz"));
        assert!(key.algorithms().eq([Algorithm::Rs256]));
        assert_eq!(plugin.policy().claim_parameters(), forwarded);
        assert_eq!(forwarded[1].claim(), "userId");
        assert_eq!(forwarded[1].place(), &ClaimPlace::Query("userId".to_owned()));

        let token = TokenKey::of("RS256").token_by("RS256", key.kid().unwrap(), &claims(json!({})));
        let server = TokenServer::of_plugin(plugin);
        let wire = support::plain_get("/").with("x-token", token);
        assert_eq!(server.verify(&wire).unwrap().unwrap().subject(), Some("user"));
    }
}

#[test]
fn a_document_is_the_same_whatever_ends_its_lines_and_whatever_marks_its_beginning() {
    for text in [pasted_yaml(), pasted_json()] {
        for spelled in [text.replace('\n', "\r\n"), format!("\u{feff}{}", text.trim_start())] {
            let plugin = parsed(&spelled);
            assert_eq!(plugin.policy(), parsed(&text).policy(), "{spelled:?}");
            assert_eq!(plugin.keys().iter().count(), 1);
        }
    }
    // JSON that its author has commented, or ended with a comma, is YAML in braces.
    let key = format!(r#""jwk":{{"kty":"oct","k":"{SECRET}"}}"#);
    for spelled in [
        format!(
            "{{\"parameter\": \"X-Token\", # a comment\n\"parameterLocation\": header, {key}}}"
        ),
        format!("{{\"parameter\": \"X-Token\", \"parameterLocation\": \"header\", {key},}}"),
        format!(
            "{{parameter: X-Token, parameterLocation: header, jwk: {{kty: oct, k: {SECRET}}}}}"
        ),
    ] {
        assert_eq!(parsed(&spelled).policy(), &policy());
    }
}

#[test]
fn jwks_is_a_list_of_keys_or_a_set_with_the_list_in_keys() {
    let (a, b) = (TokenKey::of("ES256"), TokenKey::of("EdDSA"));
    let yaml = |indented: &str| {
        let (ax, ay, bx) = (a.member("x"), a.member("y"), b.member("x"));
        format!(
            "{indented}- kty: EC\n{indented}  crv: P-256\n{indented}  kid: a\n{indented}  x: {ax}\n\
             {indented}  y: {ay}\n{indented}- {{kty: OKP, crv: Ed25519, kid: b, x: {bx}}}\n"
        )
    };
    let keys = json!([a.jwk(json!({"kid": "a"})), b.jwk(json!({"kid": "b"}))]);
    let json = |jwks: Value| {
        json!({"parameter": "X-Token", "parameterLocation": "header", "jwks": jwks}).to_string()
    };
    for text in [
        format!("parameter: X-Token\nparameterLocation: header\njwks:\n{}", yaml("")),
        format!("parameter: X-Token\nparameterLocation: header\njwks:\n{}", yaml("  ")),
        format!("parameter: X-Token\nparameterLocation: header\njwks:\n  keys:\n{}", yaml("  ")),
        json(keys.clone()),
        json(json!({ "keys": keys })),
    ] {
        let plugin = parsed(&text);
        let kids: Vec<_> = plugin.keys().iter().map(|key| key.kid().unwrap()).collect();
        assert_eq!(kids, ["a", "b"], "{text}");
        let server = TokenServer::of_plugin(plugin);
        for (algorithm, kid) in [("ES256", "a"), ("EdDSA", "b")] {
            let token = TokenKey::of(algorithm).token_by(algorithm, kid, &claims(json!({})));
            let wire = support::plain_get("/").with("x-token", token);
            assert_eq!(server.verify(&wire).unwrap().unwrap().kid(), Some(kid));
        }
    }
}

#[test]
fn what_is_said_twice_may_be_said_by_an_anchor() {
    let server = "parameter: X-Token\nparameterLocation: header\n";
    for (text, kids) in [
        (
            format!("jwks:\n- {{kty: oct, kid: a, k: &k {SECRET}}}\n- {{kty: oct, kid: b, k: *k}}"),
            ["a", "b"].as_slice(),
        ),
        (
            format!("jwks:\n- &a {{kty: oct, kid: a, k: {SECRET}}}\n- {{<<: *a, kid: b}}"),
            &["a", "b"],
        ),
    ] {
        let plugin = parsed(&format!("{server}{text}\n"));
        let found: Vec<_> = plugin.keys().iter().map(|key| key.kid().unwrap()).collect();
        assert_eq!(found, kids);
        assert_eq!(plugin.warnings(), [""; 0]);
    }
    let named = format!("x-key: &key {{kty: oct, kid: a, k: {SECRET}}}\n{server}jwk: *key\n");
    assert_eq!(parsed(&named).warnings(), ["x-key: this field is not known"]);
}

// -- every field

#[test]
fn parameter_and_parameter_location_say_where_the_token_is() {
    let key = format!("jwk: {{kty: oct, k: {SECRET}}}");
    for (location, name, carrier) in [
        ("header", "Authorization", TokenCarrier::authorization()),
        ("header", "X-TOKEN", TokenCarrier::header("x-token").unwrap()),
        ("query", "Access Token", TokenCarrier::Query("Access Token".to_owned())),
        ("query", "令牌", TokenCarrier::Query("令牌".to_owned())),
        ("cookie", "Session", TokenCarrier::Cookie("Session".to_owned())),
        // What YAML might take for another type is a name all the same.
        ("query", "2026", TokenCarrier::Query("2026".to_owned())),
        ("cookie", "yes", TokenCarrier::Cookie("yes".to_owned())),
    ] {
        let plugin = parsed(&format!("parameter: {name}\nparameterLocation: {location}\n{key}"));
        assert_eq!(plugin.policy().carrier(), &carrier);
        assert_eq!(plugin.policy(), &JwtPolicy::new().with_carrier(carrier));
        assert_eq!(plugin.warnings(), [""; 0]);
    }
    for absent in ["", "parameterLocation:\n", "parameterLocation: null\n"] {
        let plugin = parsed(&format!("parameter: X-Token\n{absent}{key}"));
        assert_eq!(plugin.policy(), &policy());
        let assumed = "parameterLocation: it is not given; `header` is assumed";
        assert_eq!(plugin.warnings(), [assumed]);
    }
}

#[test]
fn a_place_where_no_token_can_be_is_refused() {
    let with = |parameter: &str, location: &str| {
        format!(
            "parameter: {parameter}\nparameterLocation: {location}\njwk: {{kty: oct, k: {SECRET}}}"
        )
    };
    for location in ["header", "query", "cookie"] {
        assert_refused(&with("''", location), "parameter", "it is empty");
        assert_refused_at(&with("null", location), "parameter", "null");
        assert_refused_at(&with("[X-Token]", location), "parameter", "expected string");
    }
    for name in ["X Token", "\"X-Token:\"", "令牌", "\"X\\0\"", "'[x]'"] {
        assert_refused(&with(name, "header"), "parameter", "this is no header's name");
        assert_refused(&with(name, "cookie"), "parameter", "this is no cookie's name");
    }
    for name in ["a=b", "a;b"] {
        assert_refused(&with(name, "cookie"), "parameter", "this is no cookie's name");
    }
    for location in ["path", "formData", "body", "Header", "HEADER", "''", "5"] {
        let problem = format!(
            "unknown variant `{}`, expected one of header, query, cookie at line 2, column 20",
            location.trim_matches('\'')
        );
        assert_refused(&with("X-Token", location), "parameterLocation", &problem);
    }
    assert_refused_at(&with("X-Token", "[header]"), "parameterLocation", "expected scalar");
}

/// A flag with what it says when it is true.
type Flag = (&'static str, fn(JwtPolicy) -> JwtPolicy);

const FLAGS: [Flag; 4] = [
    ("preventJtiReplay", |policy| policy.with_jti_rule(JtiRule::SingleUse)),
    ("bypassEmptyToken", |policy| policy.with_empty_token(EmptyToken::Bypass)),
    ("ignoreExpirationCheck", |policy| policy.with_expiration(Expiration::Ignore)),
    ("orAppAuth", |policy| policy.with_app_auth_rule(AppAuthRule::Instead)),
];

#[test]
fn every_flag_is_its_knob_and_off_unless_set() {
    let defaults = JwtPolicy::new()
        .with_carrier(TokenCarrier::header("X-Token").unwrap())
        .with_jti_rule(JtiRule::AnyUse)
        .with_empty_token(EmptyToken::Refuse)
        .with_expiration(Expiration::Enforce)
        .with_app_auth_rule(AppAuthRule::Besides);
    assert_eq!(parsed(&document("")).policy(), &defaults);
    for (flag, knob) in FLAGS {
        let of = |value: &str| parsed(&document(&format!("{flag}: {value}"))).policy().clone();
        assert_eq!(of("true"), knob(policy()), "{flag}");
        assert_ne!(of("true"), defaults, "{flag}");
        assert_eq!(of("false"), defaults, "{flag}");
        // A flag that says nothing may be meant as `true`.
        for empty in ["null", "~", ""] {
            assert_refused_at(&document(&format!("{flag}: {empty}")), flag, "boolean");
        }
        let null = json_document(json!({ flag: null })).to_string();
        assert_refused_at(&null, flag, "expected a boolean");
        for (value, expected) in [(json!(true), knob(policy())), (json!(false), policy())] {
            let text = json_document(json!({ flag: value })).to_string();
            assert_eq!(parsed(&text).policy(), &expected, "{text}");
        }
    }
    let all: String = FLAGS.iter().map(|(flag, _)| format!("{flag}: true\n")).collect();
    let expected = FLAGS.iter().fold(policy(), |policy, (_, knob)| knob(policy));
    assert_eq!(parsed(&document(&all)).policy(), &expected);
}

#[test]
fn a_field_that_slipped_into_a_key_is_not_overlooked() {
    let key =
        "jwk:\n  kty: OKP\n  crv: Ed25519\n  x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\n";
    let slipped =
        format!("parameter: X-Token\nparameterLocation: header\n{key}  preventJtiReplay: true\n");
    assert_eq!(parsed(&slipped).warnings(), ["jwk.preventJtiReplay: this field is not known"]);
    let refused = Plugin::parse_strict_fields(&slipped).unwrap_err();
    assert_eq!(refused.path(), "jwk.preventJtiReplay");
}

#[test]
fn a_claim_does_not_take_the_tokens_own_place_nor_one_that_looks_like_anothers() {
    for (carrier, location, name) in [("X-Token", "header", "x_token"), ("token", "query", "TOKEN")]
    {
        let text = forwarding(&entry("sub", name, location))
            .replace("parameter: X-Token", &format!("parameter: {carrier}"))
            .replace("parameterLocation: header", &format!("parameterLocation: {location}"));
        assert_refused_at(&text, "claimParameters[0].parameterName", "the token itself");
    }
    for (location, names) in [("header", ["X-User", "x_user"]), ("query", ["user", "USER"])] {
        let [one, other] = names.map(|name| entry("sub", name, location));
        let path = "claimParameters[1].parameterName";
        assert_refused_at(&forwarding(&(one + &other)), path, "the same place");
    }
}

#[test]
fn a_flag_may_be_spelled_as_yaml_1_1_does_and_in_no_other_way() {
    for (flag, knob) in FLAGS {
        let line = |value: &str| document(&format!("{flag}: {value}"));
        for yes in ["yes", "Yes", "YES", "on", "ON", "y", "True", "TRUE", "'true'", "!!bool true"] {
            assert_eq!(parsed(&line(yes)).policy(), &knob(policy()), "{yes}");
        }
        for no in ["no", "No", "off", "OFF", "n", "False", "\"no\""] {
            assert_eq!(parsed(&line(no)).policy(), &policy(), "{no}");
        }
        // What is neither is refused, not taken for false: it may have been meant as true.
        for neither in ["1", "0", "ja", "treu", "enabled", "''", "!!str true"] {
            assert_refused_at(&line(neither), flag, "invalid boolean");
        }
        for neither in ["[]", "{}", "[true]"] {
            assert_refused_at(&line(neither), flag, "expected string scalar");
        }
        // JSON has two booleans.
        for neither in [json!("true"), json!("yes"), json!(1), json!([true])] {
            let text = json_document(json!({ flag: neither })).to_string();
            assert_refused_at(&text, flag, "expected a boolean");
        }
    }
}

// -- claimParameters

fn forwarding(entries: &str) -> String {
    document(&format!("claimParameters:\n{entries}"))
}

fn entry(claim: &str, parameter: &str, location: &str) -> String {
    format!("- {{claimName: {claim}, parameterName: {parameter}, location: {location}}}\n")
}

#[test]
fn claims_are_forwarded_to_headers_and_query_parameters() {
    let text = forwarding(&(entry("sub", "X-User", "header") + &entry("sub", "user id", "query")));
    let expected = policy()
        .with_claim_parameters([
            ClaimParameter::header("sub", HeaderName::from_static("x-user")),
            ClaimParameter::query("sub", "user id"),
        ])
        .unwrap();
    assert_eq!(parsed(&text).policy(), &expected);
    for none in ["claimParameters: []", "claimParameters:", "claimParameters: null"] {
        assert_eq!(parsed(&document(none)).policy(), &policy());
    }
    // A header and a query parameter of one name are two places.
    let text = forwarding(&(entry("a", "user", "header") + &entry("a", "user", "query")));
    assert_eq!(parsed(&text).policy().claim_parameters().len(), 2);
}

#[test]
fn sixteen_claims_are_forwarded_and_not_seventeen() {
    let entries = |count: usize| -> String {
        (0..count).map(|n| entry("sub", &format!("X-{n}"), "header")).collect()
    };
    assert_eq!(parsed(&forwarding(&entries(16))).policy().claim_parameters().len(), 16);
    let text = forwarding(&entries(17));
    assert_refused(&text, "claimParameters", "there are more than 16");
}

#[test]
fn a_claim_is_not_forwarded_where_it_would_change_the_message() {
    for name in [
        "Connection",
        "Content-Encoding",
        "Content-Length",
        "Content-Type",
        "Expect",
        "Host",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "hOST",
        "transfer_encoding",
        "Keep-Alive",
        "Content-MD5",
        "Authorization",
        "Cookie",
        "X-Ca-Key",
        "x_ca_anything",
    ] {
        let text = forwarding(&(entry("a", "X-A", "header") + &entry("b", name, "header")));
        let problem = "this header is not for claims";
        assert_refused(&text, "claimParameters[1].parameterName", problem);
        // A query parameter of that name is harmless.
        assert!(Plugin::parse(&forwarding(&entry("b", name, "query"))).is_ok());
    }
}

#[test]
fn two_claims_do_not_share_a_place() {
    let problem = "an earlier claim has the same place";
    for (a, b, location) in
        [("X-A", "x-a", "header"), ("X-A", "X-A", "header"), ("a", "a", "query")]
    {
        let text = forwarding(
            &(entry("a", a, location) + &entry("c", "X-C", "header") + &entry("b", b, location)),
        );
        assert_refused(&text, "claimParameters[2].parameterName", problem);
    }
}

#[test]
fn an_entry_that_forwards_nothing_is_refused() {
    for (entry, path, problem) in [
        (entry("''", "X-A", "header"), "[0].claimName", "it is empty"),
        (entry("a", "''", "query"), "[0].parameterName", "it is empty"),
        (entry("a", "''", "header"), "[0].parameterName", "this is no header's name"),
        (entry("a", "X A", "header"), "[0].parameterName", "this is no header's name"),
    ] {
        assert_refused(&forwarding(&entry), &format!("claimParameters{path}"), problem);
    }
    for location in ["path", "formData", "cookie", "Header", "''"] {
        let text = forwarding(&entry("a", "b", location));
        let problem = format!("unknown variant `{}`", location.trim_matches('\''));
        assert_refused_at(&text, "claimParameters[0].location", &problem);
    }
    for (missing, rest) in [
        ("claimName", "parameterName: b, location: query"),
        ("parameterName", "claimName: a, location: query"),
        ("location", "claimName: a, parameterName: b"),
    ] {
        let text = forwarding(&(entry("x", "y", "query") + &format!("- {{{rest}}}\n")));
        assert_refused_at(&text, "claimParameters[1]", &format!("missing field `{missing}`"));
    }
    for (value, path) in [("x", ""), ("{a: b}", ""), ("[x]", "[0]"), ("[[a, b, header]]", "[0]")] {
        let text = document(&format!("claimParameters: {value}"));
        assert_refused_at(&text, &format!("claimParameters{path}"), "expected");
    }
    assert_refused_at(
        &forwarding(&entry("null", "b", "query")),
        "claimParameters[0].claimName",
        "null",
    );
}

// -- what is not known

#[test]
fn a_field_that_is_not_known_is_a_warning_with_its_place() {
    let text = forwarding(
        "- claimName: sub\n  parameterName: X-User\n  location: header\n  colour: blue\n",
    ) + "colour: blue\nPreventJtiReplay: true\nprevent_jti_replay: true\ndeep: {a: [{b: c}]}\n";
    let plugin = parsed(&text);
    let warning = |path: &str| format!("{path}: this field is not known");
    assert_eq!(
        plugin.warnings(),
        [
            warning("claimParameters[0].colour"),
            warning("colour"),
            warning("PreventJtiReplay"),
            warning("prevent_jti_replay"),
            warning("deep"),
        ]
    );
    let expected = [ClaimParameter::header("sub", HeaderName::from_static("x-user"))];
    assert_eq!(plugin.policy(), &policy().with_claim_parameters(expected).unwrap());

    let json = json_document(json!({"colour": 1, "claimParameters": [
        {"claimName": "a", "parameterName": "b", "location": "query", "x": {}}]}));
    let plugin = parsed(&json.to_string());
    let mut warnings = plugin.warnings().to_vec();
    warnings.sort();
    assert_eq!(warnings, [warning("claimParameters[0].x"), warning("colour")]);
}

#[test]
fn a_field_that_is_not_known_is_refused_where_fields_are_strict() {
    let text = document("colour: blue");
    let error = Plugin::parse_strict_fields(&text).unwrap_err();
    assert_eq!((error.path(), error.problem()), ("colour", "this field is not known"));
    let nested = forwarding("- {claimName: a, parameterName: b, location: query, x: y}\n");
    let error = Plugin::parse_strict_fields(&nested).unwrap_err();
    assert_eq!(error.path(), "claimParameters[0].x");
    // What only lacks a field is no stranger, and every other rule holds.
    let short = format!("parameter: X-Token\njwk: {{kty: oct, k: {SECRET}, x-note: [1]}}");
    assert_eq!(Plugin::parse_strict_fields(&short).unwrap().warnings().len(), 1);
    let error = Plugin::parse_strict_fields("parameter: X-Token").unwrap_err();
    assert_eq!(error.path(), "jwk");
}

#[test]
fn members_of_a_key_that_are_not_known_are_ignored_without_a_word() {
    let key = format!("kty: oct, k: {SECRET}, x5t: a, ext: true, x-note: {{a: [1]}}");
    for jwk in [
        format!("jwk: {{{key}}}"),
        format!("jwks: [{{{key}}}]"),
        format!("jwks: {{keys: [{{{key}}}], x-set: 1}}"),
    ] {
        let text = format!("parameter: X-Token\nparameterLocation: header\n{jwk}\n");
        assert_eq!(parsed(&text).warnings(), [""; 0]);
        assert!(Plugin::parse_strict_fields(&text).is_ok());
    }
}

#[test]
fn what_a_document_cannot_say_is_added_to_it() {
    let plugin = parsed(&document("")).map_policy(|policy| policy.with_issuers(["issuer"]));
    assert_eq!(plugin.policy(), &policy().with_issuers(["issuer"]));
    let (changed, keys) = plugin.into_parts();
    assert_eq!((changed, keys.iter().count()), (policy().with_issuers(["issuer"]), 1));
}

// -- what is no document

#[test]
fn a_document_without_its_fields_is_refused() {
    assert_refused_at("jwk: {kty: oct}", "", "missing field `parameter`");
    assert_refused_at("{}", "", "missing field `parameter`");
    assert_refused_at(r#"{"jwk": null}"#, "", "missing field `parameter`");
    let neither = "neither `jwk` nor `jwks` is given";
    for text in ["", "jwk:\n", "jwk: null\njwks: ~\n", "JWK: {kty: oct}\n"] {
        assert_refused(&format!("parameter: X-Token\n{text}"), "jwk", neither);
    }
    let both = document(&format!("jwks: [{{kty: oct, k: {SECRET}}}]"));
    assert_refused(&both, "jwks", "both `jwk` and `jwks` are given");
}

#[test]
fn what_is_no_document_is_refused() {
    for text in [
        "",
        "   \n\n",
        "---",
        "# only a comment\n",
        "null",
        "a word",
        "5",
        "- parameter: X-Token",
        "[\"parameter\"]",
        "\"{}\"",
        "parameter: X-Token\nparameter",
        "parameter: 'X-Token",
        "{\"parameter\": \"X-Token\"",
        "{\"parameter\": \"X-Token\",,}",
        "parameter: X-Token\n\tparameterLocation: header",
        "parameter: X-Token\0",
        "parameter: *unknown",
        "<html><body>502 Bad Gateway</body></html>",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n",
    ] {
        let error = Plugin::parse(text).expect_err(text);
        assert_eq!(error.code(), ErrorCode::I400JP);
        assert!(!error.to_string().contains('\n'), "one line: {error}");
    }
}

#[test]
fn there_is_one_document() {
    let one = document("");
    for text in [
        format!("{one}---\n{one}"),
        format!("---\n{one}---\n{one}"),
        format!("{one}...\n---\n{one}"),
        format!("{}\n{}", json_document(json!({})), json_document(json!({}))),
        format!("{}{}", json_document(json!({})), json_document(json!({}))),
        format!("{}\n---\n{one}", json_document(json!({}))),
        format!("{} x", json_document(json!({}))),
    ] {
        assert!(Plugin::parse(&text).is_err(), "{text}");
    }
}

#[test]
fn a_name_is_said_once_at_every_level() {
    let key = format!("kty: oct, k: {SECRET}");
    let claim = "claimName: a, parameterName: b, location: query";
    for (text, path) in [
        (document("parameter: X-Token"), ""),
        (document("preventJtiReplay: true\npreventJtiReplay: false"), ""),
        (document("jwk: null"), ""),
        (document("colour: 1\ncolour: 2"), ""),
        (document("colour: {a: 1, a: 2}"), "colour"),
        (forwarding(&format!("- {{{claim}, claimName: c}}")), "claimParameters[0]"),
        (forwarding(&format!("- {{{claim}, x: 1, x: 2}}")), "claimParameters[0]"),
        (format!("parameter: X\njwk: {{{key}, kid: a, kid: b}}"), "jwk"),
        (format!("parameter: X\njwk: {{{key}, x: a, x: b}}"), "jwk"),
        (format!("parameter: X\njwks: [{{{key}, k: AAAA}}]"), "jwks[0]"),
        (format!("parameter: X\njwks: {{keys: [{{{key}}}], keys: []}}"), "jwks"),
    ] {
        assert_refused_at(&text, path, "duplicate");
    }
    let key = format!(r#""kty":"oct","k":"{SECRET}""#);
    for (text, path) in [
        (format!(r#"{{"parameter":"X","parameter":"Y","jwk":{{{key}}}}}"#), ""),
        (format!(r#"{{"parameter":"X","jwk":{{{key}}},"jwk":null}}"#), ""),
        (format!(r#"{{"parameter":"X","param\u0065ter":"Y","jwk":{{{key}}}}}"#), ""),
        (format!(r#"{{"parameter":"X","orAppAuth":true,"orAppAuth":true,"jwk":{{{key}}}}}"#), ""),
        (format!(r#"{{"parameter":"X","jwk":{{{key},"k":"AAAA"}}}}"#), "jwk"),
        (format!(r#"{{"parameter":"X","jwk":{{{key},"alg":"HS256","alg":"HS512"}}}}"#), "jwk"),
        (format!(r#"{{"parameter":"X","jwks":[{{{key},"kid":"a","kid":"b"}}]}}"#), "jwks[0]"),
        (format!(r#"{{"parameter":"X","jwks":{{"keys":[{{{key}}}],"keys":[]}}}}"#), "jwks"),
        (
            format!(
                r#"{{"parameter":"X","jwk":{{{key}}},"claimParameters":[{{"claimName":"a",
                "claimName":"b","parameterName":"c","location":"query"}}]}}"#
            ),
            "claimParameters[0]",
        ),
    ] {
        assert_refused_at(&text, path, "duplicate field");
    }
}

#[test]
fn a_document_that_is_a_bomb_is_refused_while_it_is_read() {
    // A few hundred bytes that stand for 9¹¹ words.
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let lower = vec![format!("*a{}", level - 1); 9].join(", ");
        laughs.push_str(&format!("a{level}: &a{level} [{lower}]\n"));
    }
    let words = vec!["x"; 5_000].join(", ");
    let uses = vec!["*a"; 5_000].join(", ");
    let quadratic = format!("a: &a [{words}]\nb: [{uses}]\n");
    for bomb in [
        document(&laughs),
        format!("{laughs}parameter: X\njwk: {{kty: oct, k: {SECRET}, key_ops: *a11}}\n"),
        format!("{laughs}parameter: X\njwk: {{kty: oct, k: *a11}}\n"),
        format!("{laughs}parameter: X\njwks: *a11\n"),
        document(&quadratic),
        document(&format!("deep: {}{}", "[".repeat(10_000), "]".repeat(10_000))),
        document(&format!("deep: {}", "{a: ".repeat(10_000))),
        (0..1_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect(),
        document(&format!("claimParameters: {}", "[".repeat(100_000))),
        document("self: &self [*self]"),
        "- ".repeat(10_000),
        "{".repeat(100_000),
        "{\"parameter\":".repeat(100_000),
        format!("{{\"parameter\":{}", "[".repeat(100_000)),
    ] {
        assert!(Plugin::parse(&bomb).is_err(), "{}", bomb.get(..200).unwrap());
    }
}

#[test]
fn a_long_document_is_read() {
    let comments = document(&"# why this key is here\n".repeat(20_000));
    assert_eq!(parsed(&comments).policy(), &policy());
    let long = document(&format!("note: {}", "x".repeat(1 << 20)));
    assert_eq!(parsed(&long).warnings(), ["note: this field is not known"]);
}

// -- what an error shows

#[test]
fn no_error_and_no_debug_output_shows_a_key() {
    // A secret in every place where somebody may put it, whole or in pieces of another type.
    const WORD: &str = "c2VjcmV0";
    let secret = WORD.repeat(3);
    let places = [
        format!("jwk: {secret}"),
        format!("jwk: [{secret}]"),
        format!("jwk: {{kty: oct, k: {secret}}}"),
        format!("jwk: {{kty: oct, k: [{secret}]}}"),
        format!("jwk: {{kty: oct, k: {{a: {secret}}}}}"),
        format!("jwk: {{kty: oct, k: !!int {secret}}}"),
        format!("jwk: {{kty: oct, k: '{secret}}}"),
        format!("jwk: {{kty: oct, k: {secret}: x}}"),
        format!("jwk:\n  kty: oct\n  k: {secret}: x\n"),
        format!("jwk:\n  kty: oct\n   k: {secret}\n"),
        format!("jwk:\n\tkty: oct\n\tk: {secret}\n"),
        format!("jwk:\n  kty: oct\n  k: {secret}\n  k: {secret}\n"),
        format!("jwk: {{k: {secret}}}"),
        format!("jwk: {{kty: [{secret}], k: {secret}}}"),
        format!("jwk: {{kty: oct, alg: ES256, k: {secret}}}"),
        format!("jwk: {{kty: oct, alg: XX, k: {secret}}}"),
        format!("jwk: {{kty: oct, key_ops: {secret}}}"),
        format!("jwk: {{kty: EC, crv: P-256, x: {secret}, y: {secret}, d: {secret}}}"),
        format!("jwk: {{kty: RSA, n: {secret}, e: AQAB, d: {secret}}}"),
        format!("jwk: {{kty: RSA, n: {secret}, e: {secret}}}"),
        format!("jwk: {{kty: RSA, n: [{secret}], e: AQAB}}"),
        format!("jwk: {{kty: OKP, crv: Ed25519, x: {secret}}}"),
        format!("jwks: {secret}"),
        format!("jwks: [{secret}]"),
        format!("jwks: [[{secret}]]"),
        format!("jwks: {{keys: {secret}}}"),
        format!("jwks: {{kty: oct, k: {secret}}}"),
        format!("jwks: {{keys: [{{kty: oct, k: {secret}}}]}}"),
        format!("orAppAuth: {secret}"),
        format!("claimParameters: [{secret}]"),
        format!("claimParameters: {secret}"),
        secret.clone(),
    ];
    let json = [
        json!({"jwk": secret}),
        json!({"jwk": [secret]}),
        json!({"jwk": {"kty": "oct", "k": secret}}),
        json!({"jwk": {"kty": "oct", "k": [secret]}}),
        json!({"jwk": {"kty": "oct", "k": {"a": secret}}}),
        json!({"jwk": {"kty": {"k": secret}}}),
        json!({"jwk": {"kty": "oct", "key_ops": secret, "k": secret}}),
        json!({"jwk": {"kty": "oct", "use": [secret]}}),
        json!({"jwks": secret}),
        json!({"jwks": [secret]}),
        json!({"jwks": {"keys": secret}}),
        json!({"jwks": {"keys": {"k": secret}}}),
        json!({"jwks": [{"kty": "EC", "crv": "P-256", "d": secret, "x": secret, "y": secret}]}),
        json!({"orAppAuth": secret}),
        json!({"claimParameters": secret}),
        json!({"claimParameters": [secret]}),
    ];
    let yaml = places.into_iter().map(|place| format!("parameter: X-Token\n{place}\n"));
    let json = json.into_iter().map(|mut document| {
        document["parameter"] = json!("X-Token");
        document.to_string()
    });
    for text in yaml.chain(json) {
        let error = Plugin::parse(&text).expect_err(&text);
        let rejection = Rejection::from(error.clone());
        for shown in
            [error.to_string(), format!("{error:?}"), rejection.message(), format!("{rejection:?}")]
        {
            assert!(!shown.contains(WORD), "{text}\n{shown}");
        }
    }
    let plugin = parsed(&document("preventJtiReplay: true"));
    let server = TokenServer::of_plugin(parsed(&document("")));
    for shown in [format!("{plugin:?}"), format!("{plugin:#?}"), format!("{server:?}")] {
        assert!(!shown.contains(&SECRET[..8]), "{shown}");
    }
}
