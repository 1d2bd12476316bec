use countersign::clock::UnixMillis;
use countersign::credential::{
    AccessKeyStatus, App, Availability, OpenApiScheme, OpenApiSchemes, SecurityToken,
};
use countersign::error::ErrorCode;
use countersign::verify::authorize_fn;
use countersign::verify::openapi::OpenApiPolicy;

use super::bench::*;

fn bench(key: countersign::credential::AccessKey) -> Bench {
    Bench::of(App::of_access_key("billing", key), OpenApiPolicy::strict())
}

#[test]
fn a_key_signs_by_the_schemes_that_it_is_for() {
    let bench = bench(key().with_schemes(OpenApiSchemes::only(OpenApiScheme::V3)));
    assert_eq!(bench.code(&v3("GET", "/", b"").v3()), "");
    assert_eq!(bench.code(&rpc("GET", RPC)), "InvalidSignatureMethod");
    assert_eq!(bench.code(&roa("GET", "/", b"").signed_by_roa()), "InvalidSignatureMethod");
}

#[test]
fn a_policy_may_accept_fewer_schemes() {
    let v3_only = OpenApiPolicy::strict().with_schemes(OpenApiSchemes::only(OpenApiScheme::V3));
    assert_eq!(Bench::with(v3_only).code(&rpc("GET", RPC)), "InvalidSignatureMethod");
}

#[test]
fn a_keys_state_is_not_told_to_strangers() {
    let bench = bench(key().with_status(AccessKeyStatus::Inactive));
    assert_eq!(bench.code(&rpc("GET", RPC)), "InvalidAccessKeyId.Inactive");
    let unsigned = rpc("GET", RPC);
    let forged = unsigned.clone().target(&format!("{}&a=1", unsigned.target));
    assert_eq!(bench.code(&forged), "SignatureDoesNotMatch");
}

#[test]
fn a_temporary_key_shows_its_token() {
    let token = SecurityToken::new("CAIS+token").unwrap();
    let bench = bench(key().with_security_token(token.with_expiry(UnixMillis::new(NOW + 1))));
    let with = |token: &str| rpc("GET", &format!("{RPC}&SecurityToken={token}"));
    assert_eq!(bench.code(&rpc("GET", RPC)), "MissingSecurityToken");
    assert_eq!(bench.code(&with("CAIT")), "InvalidSecurityToken.MismatchWithAccessKey");
    assert_eq!(bench.code(&with("CAIS%2Btoken")), "");
    let by_v3 = v3("GET", "/", b"").header("x-acs-security-token", "CAIS+token").v3();
    assert_eq!(bench.code(&by_v3), "");
    bench.clock.step_wall_to(UnixMillis::new(NOW + 1));
    assert_eq!(bench.code(&with("CAIS%2Btoken")), "InvalidSecurityToken.Expired");
}

#[test]
fn a_token_that_belongs_to_no_key_is_refused() {
    let request = rpc("GET", &format!("{RPC}&SecurityToken=CAIS"));
    assert_eq!(Bench::strict().code(&request), "InvalidSecurityToken.MismatchWithAccessKey");
}

#[test]
fn an_apps_state_counts_as_its_keys() {
    let app = || App::of_access_key("billing", key());
    let disabled = app().with_availability(Availability::Disabled);
    let disabled = Bench::of(disabled, OpenApiPolicy::strict());
    assert_eq!(disabled.code(&rpc("GET", RPC)), "InvalidAccessKeyId.Inactive");
    let expired = Bench::of(app().with_expiry(UnixMillis::new(NOW)), OpenApiPolicy::strict());
    assert_eq!(expired.code(&rpc("GET", RPC)), "NoPermission");
}

#[test]
fn an_authorizer_decides_by_the_signed_action() {
    let mut bench = Bench::strict();
    bench.verifier = bench.verifier.with_authorizer(authorize_fn(|app, head| {
        let action = head.operation().map(|operation| operation.action);
        match (app.id(), action) {
            ("billing", Some("DescribeApis")) => Ok(()),
            _ => Err(ErrorCode::A403PR.into()),
        }
    }));
    assert_eq!(bench.code(&rpc("GET", RPC)), "");
    let other = RPC.replace("DescribeApis", "DeleteApi");
    let headers = rpc("GET", &other).header("x-acs-action", "DescribeApis");
    assert_eq!(bench.code(&headers), "NoPermission");
    assert_eq!(bench.code(&v3("GET", "/", b"").v3()), "");
    assert_eq!(bench.code(&roa("GET", "/", b"").signed_by_roa()), "NoPermission");
}
