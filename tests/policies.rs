//! The table of the policies: what each row refuses, and each knob alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use countersign::clock::UnixMillis;
use countersign::error::ErrorCode;
use countersign::protocol::{Reading, Readings};
use countersign::verify::{
    Ambiguity, AmbiguousPath, AppCodeCarriers, ContentMd5Rule, EmptyBodyMd5, KeyCoverage,
    Mechanism, Policy, Presence, RepeatedParameters, RestartRule, SignatureMethods,
    SignedContentType, StrictRow, TimestampUnit,
};
use support::{
    APP_CODE, Call, ClashWinner, NOW, OTHER_KEY, SECRET, Server, SignedPath, Style, Wire,
    assert_accepted, assert_code, assert_refused,
};

/// A row of the table: a request that the gateway accepts and the strict policy refuses.
struct Row {
    name: &'static str,
    request: fn() -> Wire,
    /// What happens to the server before.
    before: fn(&Server),
    strict_code: ErrorCode,
    finding: Option<StrictRow>,
    tighten: fn(Policy) -> Policy,
    loosen: fn(Policy) -> Policy,
}

const NOTHING: fn(&Server) = |_| {};

#[rustfmt::skip]
const TABLE: &[Row] = &[
    Row { name: "timestamp absent", request: || Call::get("/").without("x-ca-timestamp").sign(), before: NOTHING,
        strict_code: ErrorCode::I400MH, finding: Some(StrictRow::Timestamp),
        tighten: |p| p.with_timestamp(Presence::Signed), loosen: |p| p.with_timestamp(Presence::Optional) },
    Row { name: "timestamp absent, though declared", request: || Call::get("/").without("x-ca-timestamp").declare("X-Ca-Timestamp").sign(), before: NOTHING,
        strict_code: ErrorCode::I400MH, finding: Some(StrictRow::Timestamp),
        tighten: |p| p.with_timestamp(Presence::Signed), loosen: |p| p.with_timestamp(Presence::Optional) },
    Row { name: "timestamp unsigned", request: || Call::get("/").undeclare("x-ca-timestamp").sign(), before: NOTHING,
        strict_code: ErrorCode::I400HD, finding: Some(StrictRow::Timestamp),
        tighten: |p| p.with_timestamp(Presence::Signed), loosen: |p| p.with_timestamp(Presence::Required) },
    Row { name: "nonce absent", request: || Call::get("/").without("x-ca-nonce").sign(), before: NOTHING,
        strict_code: ErrorCode::I400NC, finding: Some(StrictRow::Nonce),
        tighten: |p| p.with_nonce(Presence::Required), loosen: |p| p.with_nonce(Presence::Optional) },
    Row { name: "nonce unsigned", request: || Call::get("/").undeclare("x-ca-nonce").sign(), before: NOTHING,
        strict_code: ErrorCode::I400HD, finding: Some(StrictRow::Nonce),
        tighten: |p| p.with_nonce(Presence::Signed), loosen: |p| p.with_nonce(Presence::Required) },
    Row { name: "key unsigned", request: || Call::get("/").undeclare("x-ca-key").sign(), before: NOTHING,
        strict_code: ErrorCode::I400HD, finding: Some(StrictRow::KeyCoverage),
        tighten: |p| p.with_key_coverage(KeyCoverage::Signed), loosen: |p| p.with_key_coverage(KeyCoverage::AsSent) },
    Row { name: "body without a digest", request: || Call::post("/").body("{}").sign(), before: NOTHING,
        strict_code: ErrorCode::I400MH, finding: Some(StrictRow::ContentMd5),
        tighten: |p| p.with_content_md5(ContentMd5Rule::Required), loosen: |p| p.with_content_md5(ContentMd5Rule::Optional) },
    Row { name: "body of untold length without a digest", request: || Call::get("/").sign().chunked(), before: NOTHING,
        strict_code: ErrorCode::I400MH, finding: Some(StrictRow::ContentMd5),
        tighten: |p| p.with_content_md5(ContentMd5Rule::Required), loosen: |p| p.with_content_md5(ContentMd5Rule::Optional) },
    Row { name: "HmacSHA1", request: || Call::get("/").hmac_sha1().sign(), before: NOTHING,
        strict_code: ErrorCode::I400HD, finding: Some(StrictRow::SignatureMethod),
        tighten: |p| p.with_signature_methods(SignatureMethods::HmacSha256), loosen: |p| p.with_signature_methods(SignatureMethods::HmacSha256AndSha1) },
    Row { name: "X-Ca-Signed-Content-Type unsigned", request: || Call::post("/").json("{}").header("x-ca-signed-content-type", "application/json").sign(), before: NOTHING,
        strict_code: ErrorCode::I400HD, finding: Some(StrictRow::SignedContentType),
        tighten: |p| p.with_signed_content_type(SignedContentType::MustAgree), loosen: |p| p.with_signed_content_type(SignedContentType::Replaces) },
    Row { name: "X-Ca-Signed-Content-Type of another type", request: || Call::post("/").json("{}").signed_header("x-ca-signed-content-type", "text/plain").sign(), before: NOTHING,
        strict_code: ErrorCode::I400HD, finding: Some(StrictRow::SignedContentType),
        tighten: |p| p.with_signed_content_type(SignedContentType::MustAgree), loosen: |p| p.with_signed_content_type(SignedContentType::Replaces) },
    Row { name: "parameter twice in the query", request: || Call::get("/?a=1&a=2").sign(), before: NOTHING,
        strict_code: ErrorCode::I400IP, finding: Some(StrictRow::RepeatedParameter),
        tighten: |p| p.with_repeated_parameters(RepeatedParameters::RefuseDiffering), loosen: |p| p.with_repeated_parameters(RepeatedParameters::FirstValue) },
    Row { name: "parameter twice in the form", request: || Call::post("/").form("a=1&a=2").sign(), before: NOTHING,
        strict_code: ErrorCode::I400IP, finding: Some(StrictRow::RepeatedParameter),
        tighten: |p| p.with_repeated_parameters(RepeatedParameters::RefuseDiffering), loosen: |p| p.with_repeated_parameters(RepeatedParameters::FirstValue) },
    Row { name: "parameter in query and form", request: || Call::post("/?a=1").form("a=2").sign(), before: NOTHING,
        strict_code: ErrorCode::I400IP, finding: Some(StrictRow::RepeatedParameter),
        tighten: |p| p.with_repeated_parameters(RepeatedParameters::RefuseDiffering), loosen: |p| p.with_repeated_parameters(RepeatedParameters::FirstValue) },
    Row { name: "name with & or =", request: || Call::get("/?a%26b%3Dc=1").sign(), before: NOTHING,
        strict_code: ErrorCode::I400IP, finding: Some(StrictRow::AmbiguousName),
        tighten: |p| p.with_ambiguous_names(Ambiguity::Refuse), loosen: |p| p.with_ambiguous_names(Ambiguity::AsGateway) },
    Row { name: "path with ? once decoded", request: || Call::get("/a%3Fb").sign(), before: NOTHING,
        strict_code: ErrorCode::A403IS, finding: Some(StrictRow::AmbiguousPath),
        tighten: |p| p.with_ambiguous_paths(AmbiguousPath::RawOnly), loosen: |p| p.with_ambiguous_paths(AmbiguousPath::AsGateway) },
    Row { name: "path with a control byte once decoded", request: || Call::get("/a%0Ab").sign(), before: NOTHING,
        strict_code: ErrorCode::A403IS, finding: Some(StrictRow::AmbiguousPath),
        tighten: |p| p.with_ambiguous_paths(AmbiguousPath::RawOnly), loosen: |p| p.with_ambiguous_paths(AmbiguousPath::AsGateway) },
    Row { name: "path with a new escape once decoded", request: || Call::get("/a%2541").sign(), before: NOTHING,
        strict_code: ErrorCode::A403IS, finding: Some(StrictRow::AmbiguousPath),
        tighten: |p| p.with_ambiguous_paths(AmbiguousPath::RawOnly), loosen: |p| p.with_ambiguous_paths(AmbiguousPath::AsGateway) },
    Row { name: "signed header with two values", request: || Call::get("/").signed_header("X-User", "a").sign().and("x-user", "b"), before: NOTHING,
        strict_code: ErrorCode::I400HD, finding: Some(StrictRow::RepeatedHeader),
        tighten: |p| p.with_repeated_headers(Ambiguity::Refuse), loosen: |p| p.with_repeated_headers(Ambiguity::AsGateway) },
    Row { name: "header declared twice", request: || Call::get("/").declare("X-Ca-Key").sign(), before: NOTHING,
        strict_code: ErrorCode::I400HD, finding: Some(StrictRow::RepeatedHeader),
        tighten: |p| p.with_repeated_headers(Ambiguity::Refuse), loosen: |p| p.with_repeated_headers(Ambiguity::AsGateway) },
    Row { name: "signed before the store's memory begins", request: || Call::get("/").sign(), before: |server| server.replay.restart(UnixMillis::new(NOW + 1)),
        strict_code: ErrorCode::S403TE, finding: None,
        tighten: |p| p.with_restart_rule(RestartRule::Refuse), loosen: |p| p.with_restart_rule(RestartRule::Accept) },
];

fn verify(
    policy: Policy,
    row: &Row,
) -> Result<countersign::verify::Verified, countersign::error::Rejection> {
    let server = Server::new(policy);
    (row.before)(&server);
    server.verify(&(row.request)())
}

#[test]
fn the_strict_policy_refuses_every_row() {
    for row in TABLE {
        println!("{}", row.name);
        assert_code(verify(Policy::strict(), row), row.strict_code);
    }
}

#[test]
fn the_compatible_policy_accepts_every_row_and_says_which_it_was() {
    for row in TABLE {
        println!("{}", row.name);
        let verified = assert_accepted(verify(Policy::gateway_compatible(), row));
        let findings: Vec<_> = verified.strict_findings().iter().collect();
        assert_eq!(findings, row.finding.into_iter().collect::<Vec<_>>(), "{}", row.name);
    }
}

#[test]
fn every_row_is_a_knob_of_its_own() {
    for row in TABLE {
        println!("{}", row.name);
        assert_accepted(verify((row.loosen)(Policy::strict()), row));
        assert_code(verify((row.tighten)(Policy::gateway_compatible()), row), row.strict_code);
        // One knob turns one row only.
        for other in TABLE.iter().filter(|other| other.finding != row.finding) {
            let loosened = verify((row.loosen)(Policy::strict()), other);
            assert_code(loosened, other.strict_code);
        }
    }
}

#[test]
fn every_strict_row_is_in_the_table() {
    for strict_row in StrictRow::ALL {
        let found = TABLE.iter().any(|row| row.finding == Some(strict_row));
        // An AppCode in the query is off under both policies and has a test below.
        assert_ne!(found, strict_row == StrictRow::AppCodeInQuery, "{strict_row:?}");
    }
}

#[test]
fn what_the_strict_policy_accepts_has_no_findings_under_the_compatible_one() {
    for wire in [
        Call::get("/a?b=1").sign(),
        Call::post("/a").json("{}").sign(),
        Call::post("/a?b=1").form("c=2").sign(),
        Call::get("/%E4%BD%A0?a=x%26b").sign(),
    ] {
        assert_accepted(Server::strict().verify(&wire));
        let verified = assert_accepted(Server::gateway().verify(&wire));
        assert!(verified.strict_findings().is_empty());
    }
}

#[test]
fn the_default_policy_is_the_strict_one() {
    assert_eq!(Policy::default(), Policy::strict());
    let turned = TABLE.iter().fold(Policy::strict(), |policy, row| (row.loosen)(policy));
    let turned = turned.with_timestamp(Presence::Optional).with_nonce(Presence::Optional);
    assert_eq!(turned, Policy::gateway_compatible(), "the table is all of the difference");
}

#[test]
fn an_app_code_works_in_the_header_for_apps_that_have_one() {
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        let server = Server::new(policy.clone());
        for scheme in ["APPCODE", "appcode", "AppCode"] {
            let value = format!("{scheme} {APP_CODE}");
            let wire = Call::get("/").with_app_code("").with("authorization", value);
            let verified = assert_accepted(server.verify(&wire));
            assert_eq!((verified.app_id(), verified.mechanism()), ("demo", Mechanism::AppCode));
            assert!(verified.strict_findings().is_empty());
        }
        for code in ["other", &APP_CODE[1..], &APP_CODE.to_uppercase()] {
            assert_code(server.verify(&Call::get("/").with_app_code(code)), ErrorCode::A401AC);
        }
        // In the query only by name.
        let target = format!("/?AppCode={APP_CODE}");
        let wire = Call::get(&target).with_app_code("").without("authorization");
        assert_code(server.verify(&wire), ErrorCode::A400MA);
        let named = Server::new(policy.clone().with_app_code(AppCodeCarriers::HeaderAndQuery));
        let verified = assert_accepted(named.verify(&wire));
        let findings: Vec<_> = verified.strict_findings().iter().collect();
        assert_eq!(findings, [StrictRow::AppCodeInQuery]);
        // Nowhere.
        let disabled = Server::new(policy.with_app_code(AppCodeCarriers::Disabled));
        let wire = Call::get("/").with_app_code(APP_CODE);
        assert_code(disabled.verify(&wire), ErrorCode::A400MA);
    }
}

#[test]
fn a_value_that_reads_as_other_parameters_is_accepted_unless_refused_by_name() {
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        let wires = [Call::get("/?a=1%26b=2").sign(), Call::post("/").form("a=1%26b%3D2").sign()];
        for wire in wires {
            assert_accepted(Server::new(policy.clone()).verify(&wire));
            let refuses = policy.clone().with_ambiguous_values(Ambiguity::Refuse);
            assert_refused(
                Server::new(refuses).verify(&wire),
                ErrorCode::I400IP,
                "Invalid parameter `a` has a value that reads as other parameters once decoded",
            );
        }
    }
}

#[test]
fn the_digest_of_nothing_can_be_refused_as_the_classic_type_does() {
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        let wire = Call::get("/").digested("").sign();
        assert_accepted(Server::new(policy.clone()).verify(&wire));
        let refuses = policy.with_empty_body_md5(EmptyBodyMd5::Refuse);
        assert_code(Server::new(refuses).verify(&wire), ErrorCode::I400I5);
    }
}

#[test]
fn seconds_are_a_unit_only_by_name() {
    let wire = || Call::get("/").timestamp(NOW / 1000).sign();
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        assert_code(Server::new(policy.clone()).verify(&wire()), ErrorCode::S403TE);
        let named = policy.with_timestamp_unit(TimestampUnit::MillisOrSeconds);
        let verified = assert_accepted(Server::new(named.clone()).verify(&wire()));
        assert_eq!(verified.timestamp(), Some(UnixMillis::new(NOW)));
        // Milliseconds are still milliseconds, and the window is no wider.
        assert_accepted(Server::new(named.clone()).verify(&Call::get("/").sign()));
        let stale = Call::get("/").timestamp(NOW / 1000 - 901).sign();
        assert_code(Server::new(named).verify(&stale), ErrorCode::S403TE);
    }
}

#[test]
fn the_readings_verify_only_where_they_are_named() {
    let style = |path, clash| Style { path, clash };
    let raw = style(SignedPath::Raw, ClashWinner::Query);
    let form_wins = style(SignedPath::Decoded, ClashWinner::Form);
    let both = style(SignedPath::Raw, ClashWinner::Form);
    let path = || Call::post("/%E4%BD%A0?a=1");
    let gateway = |readings| Server::new(Policy::gateway_compatible().with_readings(readings));
    let cases = [
        (path().style(raw), vec![Reading::RawPath]),
        (path().form("a=2").style(form_wins), vec![Reading::FormWins]),
        (path().form("a=2").style(both), vec![Reading::RawPath, Reading::FormWins]),
    ];
    for (call, needed) in cases {
        let wire = call.sign();
        assert_accepted(gateway(Readings::default()).verify(&wire));
        assert_code(gateway(Readings::NONE).verify(&wire), ErrorCode::A403IS);
        for reading in needed {
            let without = gateway(Readings::default().without(reading));
            assert_code(without.verify(&wire), ErrorCode::A403IS);
        }
    }
    // Names that have lines of their own, listed by a client that follows the documentation.
    let documented = Call::get("/").sign();
    let list = "X-Ca-Key,X-Ca-Timestamp,X-Ca-Nonce,Accept,Date,X-Ca-Signature-Headers";
    let wire = documented.with("x-ca-signature-headers", list);
    assert_accepted(Server::strict().verify(&wire));
    let without = gateway(Readings::default().without(Reading::WithoutDocumentedNames));
    assert_code(without.verify(&wire), ErrorCode::A403IS);
}

#[test]
fn the_length_of_a_body_that_needs_no_digest_does_not_matter() {
    // No body, a body of zero bytes, a form.
    for wire in [
        Call::get("/").sign(),
        Call::post("/").body("").sign(),
        Call::post("/").form("").sign().chunked(),
        Call::new("DELETE", "/").form("a=1").sign(),
        Call::post("/").json("{}").sign().chunked(),
        Call::get("/").digested("").sign().chunked(),
    ] {
        assert_accepted(Server::strict().verify(&wire));
    }
}

#[test]
fn an_app_signs_with_any_of_its_valid_secrets() {
    use countersign::credential::{AppSecret, SecretVersion};
    let secret = |version, text| SecretVersion::new(version, AppSecret::new(text).unwrap());
    let app = support::demo_app("demo", OTHER_KEY)
        .with_secret_version(secret("ended", "secret-a").with_not_after(UnixMillis::new(NOW - 1)))
        .with_secret_version(secret("ends now", "secret-b").with_not_after(UnixMillis::new(NOW)))
        .with_secret_version(secret("starts now", "secret-c").with_not_before(UnixMillis::new(NOW)))
        .with_secret_version(secret("later", "secret-d").with_not_before(UnixMillis::new(NOW + 1)));
    let server = Server::with_apps(Policy::strict(), [app]);
    for (text, version) in [
        (SECRET, Some("1")),
        ("secret-a", None),
        ("secret-b", Some("ends now")),
        ("secret-c", Some("starts now")),
        ("secret-d", None),
    ] {
        let answer = server.verify(&Call::get("/").key(OTHER_KEY, text).sign());
        match version {
            Some(_) => assert_eq!(assert_accepted(answer).secret_version(), version),
            None => {
                assert_code(answer, ErrorCode::A403IS);
            }
        }
    }
}
