use countersign::credential::{App, SecurityToken};
use countersign::verify::openapi::{OpenApiPolicy, TokenInAnswers};

use super::bench::*;

fn wrong(policy: OpenApiPolicy) -> String {
    let key = key().with_security_token(SecurityToken::new("CAIS+token").unwrap());
    let bench = Bench::of(App::of_access_key("billing", key), policy);
    let request = rpc("GET", &format!("{RPC}&SecurityToken=CAIS%2Btoken"));
    let request = request.clone().target(&format!("{}&a=1", request.target));
    let refused = bench.verify(&request).unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("CAIS"));
    refused.message()
}

#[test]
fn a_token_is_in_no_answer_unless_it_is_asked_for() {
    let masked = wrong(OpenApiPolicy::strict());
    assert!(masked.contains("SecurityToken%3D***%26") && !masked.contains("token%26"), "{masked}");
    let shown = wrong(OpenApiPolicy::strict().with_token_in_answers(TokenInAnswers::Shown));
    assert!(shown.contains("CAIS%252Btoken"), "{shown}");
}

#[test]
fn what_is_shown_is_cut_but_never_the_colon() {
    let cut = wrong(OpenApiPolicy::strict().with_max_disclosed(10));
    assert_eq!(cut.split(':').nth(1), Some("GET&%2F&AccessKeyId"[..10].into()));
}

#[test]
fn the_client_reads_the_string_that_it_should_have_signed() {
    let refused = Bench::strict().verify(
        &rpc("GET", RPC).target(&format!("/?{RPC}&Signature=XlUyV4sXjOuX5FnjUz9IF9tm5rU%3D")),
    );
    let message = refused.unwrap_err().message();
    let string = message.split(':').nth(1).unwrap();
    assert!(string.starts_with("GET&%2F&AccessKeyId%3DLTAI5tExample%26Action"), "{string}");
}

#[test]
fn only_what_the_caller_has_sent_is_shown_of_headers() {
    let request = v3("GET", "/", b"").header("x-forwarded-for", "10.0.0.1").header("cookie", "a=b");
    let request = request.v3().target("/?a");
    let message = Bench::strict().verify(&request).unwrap_err().message();
    assert!(message.contains("x-acs-action:DescribeApis") && message.contains("host:ecs.example"));
    assert!(!message.contains("10.0.0.1") && !message.contains("a=b"), "{message}");
}

#[test]
fn no_debug_output_shows_a_credential() {
    let verified = Bench::strict().verify(&rpc("GET", RPC)).unwrap();
    let text = format!("{verified:?} {:?}", Bench::strict().verifier);
    assert!(!text.contains("an-rpc-nonce") && !text.contains(SECRET), "{text}");
}
