//! What the strict policy refuses of the SDKs, and the one knob that lets it pass. That it is refused
//! is in `cases`.

use countersign::credential::{OpenApiScheme, OpenApiSchemes};
use countersign::protocol::openapi::{AcsReading, AcsReadings};
use countersign::verify::openapi::{OpenApiPolicy, TokenInAnswers};
use countersign::verify::{Ambiguity, ReplayIdentity};

use crate::cases::{self, INCORRECT, NO_NONCE, USED};
use crate::sdk::{Expected, Sdk, check};
use crate::server::Server;

/// Runs these cases of an SDK under a policy. They must answer what the compatible one does.
fn pass(sdk: Sdk, about: &str, policy: OpenApiPolicy, names: &[&str]) {
    let server = Server::with(policy);
    let lines = sdk.run(&server.address, names);
    let cases = cases::of(sdk).into_iter().filter(|(name, _)| names.contains(&name.as_str()));
    check(sdk, about, lines, cases.map(|(name, case)| (name, case.compatible)));
}

fn answer(sdk: Sdk, about: &str, policy: OpenApiPolicy, expected: &[(&str, Expected)]) {
    let server = Server::with(policy);
    let names: Vec<_> = expected.iter().map(|(name, _)| *name).collect();
    let expected = expected.iter().map(|(name, expected)| ((*name).to_owned(), *expected));
    check(sdk, about, sdk.run(&server.address, &names), expected);
}

fn strict_with(reading: AcsReading) -> OpenApiPolicy {
    OpenApiPolicy::strict().with_readings(AcsReadings::default().with(reading))
}

const fn get(path: &'static str) -> Expected {
    Expected::Accepted("GET", path, Some(0))
}

#[test]
#[ignore = "needs python3, node and the SDKs: run scripts/test"]
fn a_roa_body_without_a_digest_passes_by_with_uncovered_bodies() {
    let policy = || OpenApiPolicy::strict().with_uncovered_bodies(Ambiguity::AsGateway);
    for sdk in [Sdk::TeaPy, Sdk::TeaJs] {
        pass(sdk, "uncovered bodies", policy(), &["roa_post_json", "roa_put_form"]);
    }
    pass(Sdk::Core, "uncovered bodies", policy(), &["rpc_post_raw", "rpc_post_json"]);
    // Nothing else of what is refused passes by it.
    answer(Sdk::Core, "uncovered bodies", policy(), &[("roa_get", NO_NONCE)]);
}

#[test]
#[ignore = "needs python3 and the SDKs: run scripts/test"]
fn a_roa_request_without_a_nonce_passes_once_by_with_replay_identity() {
    let policy = OpenApiPolicy::strict().with_replay_identity(ReplayIdentity::NonceOrSignature);
    let names: Vec<_> = cases::of(Sdk::Core).into_iter().map(|(name, _)| name).collect();
    let roa: Vec<_> =
        names.iter().map(String::as_str).filter(|name| name.starts_with("roa")).collect();
    assert!(roa.contains(&"roa_same_again") && roa.contains(&"roa_post_json"));
    pass(Sdk::Core, "nonce or signature", policy, &roa);
}

#[test]
#[ignore = "needs node and the SDKs: run scripts/test"]
fn a_tab_that_was_signed_as_a_space_passes_by_its_reading() {
    let policy = strict_with(AcsReading::DangerousRoaSpacedValues);
    answer(Sdk::Pop, "spaced values", policy, &[("roa_get_tab", get("/apis"))]);
}

#[test]
#[ignore = "needs python3, node and the SDKs: run scripts/test"]
fn a_name_that_was_not_encoded_passes_by_its_reading() {
    for sdk in [Sdk::TeaPy, Sdk::TeaJs] {
        let policy = strict_with(AcsReading::DangerousV3AmbiguousNames);
        answer(sdk, "ambiguous names", policy, &[("v3_get_ambiguous_names", get("/"))]);
    }
}

#[test]
#[ignore = "needs node and the SDKs: run scripts/test"]
fn a_plus_in_a_path_passes_by_its_reading() {
    let policy = strict_with(AcsReading::DangerousV3RewrittenPlus);
    answer(Sdk::TeaJs, "plus", policy, &[("v3_roa_get_plus_path", get("/apis/a+b"))]);
}

#[test]
#[ignore = "needs python3 and the SDKs: run scripts/test"]
fn a_wrong_secret_of_a_temporary_key_is_told_as_one_where_answers_show_the_token() {
    let policy = OpenApiPolicy::strict().with_token_in_answers(TokenInAnswers::Shown);
    answer(Sdk::Core, "token", policy, &[("rpc_generated_wrong_sts_secret", INCORRECT)]);
}

#[test]
#[ignore = "needs python3, node and the SDKs: run scripts/test"]
fn a_service_may_take_the_newest_scheme_only() {
    const OLD: Expected =
        Expected::Refused("InvalidSignatureMethod", "Specified signature method is not valid.");
    for sdk in [Sdk::TeaPy, Sdk::TeaJs] {
        let policy = OpenApiPolicy::strict().with_schemes(OpenApiSchemes::only(OpenApiScheme::V3));
        let expected = [
            ("rpc_get", OLD),
            ("roa_get", OLD),
            ("v3_get", get("/")),
            ("v3_nonce_first", get("/")),
            ("v3_nonce_again", USED),
        ];
        answer(sdk, "V3 only", policy, &expected);
    }
}
