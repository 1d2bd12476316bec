//! The documented codes against the documents, and what a rejection looks like on the wire.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use countersign::error::{
    Dialect, ErrorCode, Family, Fault, Rejection, RenderRejection, StoreError,
};
use http::{Response, StatusCode};
use proptest::prelude::*;
use support::{Call, DISABLED_KEY, NOW, SECRET, Server, Wire};

const VPC: &str = include_str!("data/error_codes_vpc.tsv");
const CLASSIC: &str = include_str!("data/error_codes_classic.tsv");

/// The rows of a data file, without its comments.
fn rows<const N: usize>(file: &'static str) -> Vec<[&'static str; N]> {
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect::<Vec<_>>().try_into().unwrap())
        .collect()
}

#[test]
fn the_catalogue_is_the_documented_table() {
    let documented = rows::<3>(VPC);
    let catalogue: Vec<_> = ErrorCode::ALL
        .iter()
        .map(|code| (code.as_str(), code.status().as_u16(), code.template()))
        .collect();
    let expected: Vec<_> = documented
        .iter()
        .map(|[code, status, template]| (*code, status.parse::<u16>().unwrap(), *template))
        .collect();
    for (ours, theirs) in catalogue.iter().zip(&expected) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(catalogue.len(), expected.len());
    assert_eq!(expected.len(), 81);
}

#[test]
fn no_code_occurs_twice() {
    let codes: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(codes.len(), ErrorCode::ALL.len());
}

#[test]
fn a_codes_middle_digits_are_its_status() {
    for code in ErrorCode::ALL {
        assert_eq!(code.as_str().len(), 6, "{code}");
        assert_eq!(&code.as_str()[1..4], code.status().as_str(), "{code}");
        let status = code.status();
        assert!(status.is_client_error() || status.is_server_error(), "{code}");
    }
}

#[test]
fn a_codes_first_letter_is_its_family() {
    for code in ErrorCode::ALL {
        let first = code.as_str().chars().next();
        assert_eq!(Some(code.family().letter()), first, "{code}");
    }
    assert_eq!(ErrorCode::A403SV.family(), Family::Access);
    assert_eq!(ErrorCode::S403NU.family(), Family::Security);
}

#[test]
fn what_is_displayed_parses_to_the_same_code() {
    for code in ErrorCode::ALL {
        assert_eq!(code.to_string().parse(), Ok(*code));
    }
    for unknown in ["", "S403N", "S403NUX", "s403nu", " S403NU", "X999XX"] {
        assert!(unknown.parse::<ErrorCode>().is_err(), "{unknown}");
    }
}

#[test]
fn what_the_service_must_repair_is_no_fault_of_the_client() {
    for code in ErrorCode::ALL {
        if code.status().is_server_error() {
            assert_eq!(code.fault(), Fault::Server, "{code}");
        }
    }
    for code in [ErrorCode::A403IS, ErrorCode::S403NU, ErrorCode::I400MH] {
        assert_eq!(code.fault(), Fault::Client, "{code}");
    }
}

#[test]
fn every_classic_answer_is_documented() {
    // The document writes `%s` where the catalogue names the placeholder.
    let as_documented = |template: &str| match template.split_once("${") {
        Some((before, _)) => format!("{before}%s"),
        None => template.to_owned(),
    };
    let documented: BTreeSet<_> = rows::<2>(CLASSIC)
        .into_iter()
        .map(|[status, text]| (status.parse::<u16>().unwrap(), text.to_owned()))
        .collect();
    assert_eq!(documented.len(), 31);
    let mut answers = 0;
    for code in ErrorCode::ALL {
        let Some((status, template)) = code.classic() else {
            continue;
        };
        answers += 1;
        let answer = (status.as_u16(), as_documented(template));
        assert!(documented.contains(&answer), "{code}: {answer:?}");
    }
    assert!(answers > 30, "{answers}");
}

fn vpc(answer: Result<countersign::verify::Verified, Rejection>) -> Response<bytes::Bytes> {
    Dialect::Vpc.render(&answer.unwrap_err())
}

fn classic(answer: Result<countersign::verify::Verified, Rejection>) -> Response<bytes::Bytes> {
    Dialect::Classic.render(&answer.unwrap_err())
}

fn names(response: &Response<bytes::Bytes>) -> Vec<&str> {
    let mut names: Vec<_> = response.headers().keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_vpc_instance_answers_with_code_message_and_no_body() {
    let server = Server::strict();
    let wire = Call::get("/hello?a=1").nonce("n").sign();
    server.verify(&wire).unwrap();
    let response = vpc(server.verify(&wire));
    assert_eq!(response.status(), 403);
    assert_eq!(names(&response), ["cache-control", "x-ca-error-code", "x-ca-error-message"]);
    assert_eq!(response.headers()["x-ca-error-code"], "S403NU");
    assert_eq!(response.headers()["x-ca-error-message"], "Nonce Used");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(response.body().is_empty());
}

#[test]
fn a_wrong_signature_shows_the_servers_string_to_sign_on_one_line() {
    let wire = Call::get("/hello?b=2&a=1").nonce("n").sign();
    let response = vpc(Server::strict().verify(&wire.with("x-ca-signature", "AAAA")));
    assert_eq!(response.status(), 403);
    assert_eq!(response.headers()["x-ca-error-code"], "A403IS");
    assert_eq!(
        response.headers()["x-ca-error-message"],
        "Invalid Signature, Server StringToSign:`GET#application/json####X-Ca-Key:203710001#\
         X-Ca-Nonce:n#X-Ca-Timestamp:1700000000000#/hello?a=1&b=2`"
    );
}

#[test]
fn a_decoded_line_break_cannot_start_a_header() {
    // Decoded by the compatible policy, so that the break gets into the string to sign.
    let wire = Call::get("/a%0D%0ASet-Cookie:%20x?b=%0D%0AX:%20y").sign();
    let response = vpc(Server::gateway().verify(&wire.with("x-ca-signature", "AAAA")));
    let message = response.headers()["x-ca-error-message"].as_bytes();
    let message = std::str::from_utf8(message).unwrap();
    assert!(message.ends_with("#/a#Set-Cookie: x?b=#X: y`"), "{message}");
}

#[test]
fn a_classic_instance_answers_without_a_code() {
    let signed = || Call::get("/hello?a=1").nonce("n");
    let server = Server::strict();
    server.verify(&signed().sign()).unwrap();
    let wrong = signed().sign().with("x-ca-signature", "AAAA");
    let cases: [(Wire, u16, &str); 8] = [
        (signed().sign().without("x-ca-signature"), 401, "Empty Signature"),
        (signed().sign().with("x-ca-signature", ""), 401, "Empty Signature"),
        (
            wrong,
            400,
            "Invalid Signature, Server StringToSign:GET#application/json####X-Ca-Key:203710001#\
             X-Ca-Nonce:n#X-Ca-Timestamp:1700000000000#/hello?a=1",
        ),
        (signed().timestamp("1").sign(), 400, "Timestamp Expired"),
        (signed().timestamp("soon").sign(), 400, "Invalid Timestamp"),
        (signed().sign(), 400, "Nonce Used"),
        (signed().nonce("m").key(DISABLED_KEY, SECRET).sign(), 403, "Unauthorized"),
        (signed().key("1", SECRET).sign(), 400, "Invalid AppKey"),
    ];
    for (wire, status, message) in cases {
        let response = classic(server.verify(&wire));
        assert_eq!(response.status(), status, "{message}");
        assert_eq!(response.headers()["x-ca-error-message"], message);
        assert_eq!(names(&response), ["cache-control", "x-ca-error-message"]);
        assert!(response.body().is_empty());
    }
}

#[test]
fn a_condition_that_the_classic_table_lacks_keeps_its_own_status_and_message() {
    let rejection = Rejection::new(ErrorCode::I400MH).with("X-Ca-Timestamp");
    let response = Dialect::Classic.render(&rejection);
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["x-ca-error-message"], "Header `X-Ca-Timestamp` is Required");
}

#[test]
fn every_code_renders_in_both_dialects() {
    for code in ErrorCode::ALL {
        let rejection = Rejection::new(*code).with("one").with("two");
        let response = Dialect::Vpc.render(&rejection);
        assert_eq!(response.status(), code.status());
        assert_eq!(response.headers()["x-ca-error-code"], code.as_str());
        let message = response.headers()["x-ca-error-message"].to_str().unwrap();
        assert_eq!(message, rejection.message());
        assert!(!message.contains("${"), "{code}: {message}");

        let response = Dialect::Classic.render(&rejection);
        let status = code.classic().map_or(code.status(), |(status, _)| status);
        assert_eq!(response.status(), status);
        assert!(!response.headers().contains_key("x-ca-error-code"));
    }
}

#[test]
fn the_rejection_is_in_the_responses_extensions() {
    let rejection = Rejection::new(ErrorCode::A403IS).with_request_text("GET\n…");
    for dialect in [Dialect::Vpc, Dialect::Classic] {
        let response = dialect.render(&rejection);
        let found = response.extensions().get::<Rejection>().unwrap();
        assert_eq!(found.code(), ErrorCode::A403IS);
        assert_eq!(found.message(), rejection.message());
    }
    let response: Response<bytes::Bytes> = rejection.into();
    assert!(response.extensions().get::<Rejection>().is_some());
}

#[test]
fn a_store_that_cannot_answer_asks_the_caller_to_come_back() {
    let server = Server::strict();
    server.replay.fail_with(StoreError::Full {
        scope: countersign::error::FullScope::Store,
        retry_after: Some(Duration::from_millis(2500)),
    });
    let response = vpc(server.verify(&Call::get("/").sign()));
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["x-ca-error-code"], "X503BZ");
    assert_eq!(response.headers()["retry-after"], "3", "rounded up");
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert!(rejection.store_error().is_some());
    assert!(!rejection.message().contains("full"), "for the operator only");
}

#[test]
fn a_message_is_not_longer_than_4096_bytes_in_a_header_or_a_body() {
    let target = format!("/{}", "x".repeat(8000));
    let wire = Call::get(&target).sign().with("x-ca-signature", "AAAA");
    let rejection = Server::strict().at(NOW).verify(&wire).unwrap_err();
    assert!((4000..=4096).contains(&rejection.message().len()));
    assert!(rejection.message().ends_with('`'), "what is around the cut text is whole");

    let long = Rejection::new(ErrorCode::I400PA).with("x".repeat(8000));
    let response = Dialect::Vpc.render(&long);
    assert_eq!(response.headers()["x-ca-error-message"].len(), 4096);
}

fn any_message() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\r\n\u{0}-\u{1f}\u{7f}-\u{9f}a你\u{10ffff}]{0,80}",
        ("[a-z你\u{1f600}\n]{1,8}", 400..2000_usize).prop_map(|(text, n)| text.repeat(n)),
    ]
}

proptest! {
    #[test]
    fn any_text_is_a_safe_header_value(text in any_message()) {
        for dialect in [Dialect::Vpc, Dialect::Classic] {
            let rejection = Rejection::new(ErrorCode::A403IS).with_request_text(text.clone());
            let response = dialect.render(&rejection);
            let value = response.headers()["x-ca-error-message"].as_bytes();
            prop_assert!(value.len() <= 4096);
            let value = std::str::from_utf8(value);
            prop_assert!(value.is_ok());
            prop_assert!(!value.unwrap().chars().any(char::is_control));
            prop_assert!(value.unwrap().starts_with("Invalid Signature"), "never emptied");
        }
    }

    #[test]
    fn text_without_control_characters_is_shown_as_it_is(text in "[^\\p{Cc}]{0,200}") {
        let rejection = Rejection::new(ErrorCode::A403IS).with_request_text(text.clone());
        let response = Dialect::Vpc.render(&rejection);
        let expected = format!("Invalid Signature, Server StringToSign:`{text}`");
        prop_assert_eq!(response.headers()["x-ca-error-message"].as_bytes(), expected.as_bytes());
    }
}
