//! The documented codes of OpenAPI against the document, and what their answers look like.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

use std::time::Duration;

use bytes::Bytes;
use countersign::error::{
    ErrorCode, Fault, FullScope, OpenApiAnswer, OpenApiError, OpenApiFormat, OpenApiOrigin,
    OpenApiRejection, Rejection, StoreError, mask_security_token,
};
use http::{Response, StatusCode};
use proptest::prelude::*;

const DOCUMENT: &str = include_str!("data/error_codes_openapi.tsv");

const ID: &str = "0C2D9A1B-5F2E-4B6A-8C1D-3E4F5A6B7C8D";

fn answer(format: OpenApiFormat) -> OpenApiAnswer<'static> {
    OpenApiAnswer::new(ID, "example.com").with_format(format)
}

fn json(response: &Response<Bytes>) -> serde_json::Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// The text of an element, its references resolved. It panics where a parser would find fault.
fn element(response: &Response<Bytes>, name: &str) -> String {
    let xml = std::str::from_utf8(response.body()).unwrap();
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let text = xml.split_once(&start).unwrap().1.split_once(&end).unwrap().0;
    assert!(!text.contains(['<', '>']), "{text}");
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';').expect("every `&` begins a reference");
        plain.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            "#13" => '\r',
            other => panic!("&{other};"),
        });
        plain.push_str(rest);
    }
    plain
}

/// What XML 1.0 §2.2 lets a document hold.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[test]
fn the_catalogue_is_the_documented_table() {
    // Both name the places that the document writes as `%s` or `{ParameterName}`.
    let named = |documented: &str| {
        let dependent = documented.replacen("has %s", "has ${Dependent}", 1);
        dependent.replace("%s", "${Name}").replace("{ParameterName}", "${Name}")
    };
    let section = |origin| match origin {
        OpenApiOrigin::Servers => "3.1",
        OpenApiOrigin::Actions => "3.2",
        OpenApiOrigin::Common => "3.3",
        OpenApiOrigin::Unlisted => "",
    };
    let documented: Vec<[&str; 4]> = DOCUMENT
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect::<Vec<_>>().try_into().unwrap())
        .collect();
    assert_eq!(documented.len(), 48);
    for (code, [origin, name, status, message]) in OpenApiError::ALL.iter().zip(&documented) {
        assert_eq!(section(code.origin()), *origin, "{code}");
        assert_eq!(code.as_str(), named(name));
        assert_eq!(code.status().as_str(), *status, "{code}");
        let template = code.template().strip_suffix(" server string to sign is:${StringToSign}");
        assert_eq!(template.unwrap_or(code.template()), named(message), "{code}");
        assert_eq!(template.is_some(), *code == OpenApiError::SignatureDoesNotMatch);
    }
    let unlisted = &OpenApiError::ALL[documented.len()..];
    assert_eq!(unlisted.len(), 5);
    for code in unlisted {
        assert_eq!((code.origin(), code.status().as_u16()), (OpenApiOrigin::Unlisted, 400));
        assert!(!documented.iter().any(|row| row[1] == code.as_str()), "{code}");
    }
}

#[test]
fn only_what_fails_inside_is_the_services_fault() {
    for code in OpenApiError::ALL {
        let server = matches!(code, OpenApiError::ServiceUnavailable | OpenApiError::InternalError);
        assert_eq!(code.fault() == Fault::Server, server, "{code}");
        assert_eq!(code.status().is_server_error(), server, "{code}");
    }
}

#[test]
fn a_code_takes_its_name_from_the_first_argument_and_nothing_hostile_of_it() {
    for (code, expected) in [
        (OpenApiError::MissingParameter, "MissingAction"),
        (OpenApiError::InvalidLength, "InvalidAction.LengthLimit"),
        (OpenApiError::ExceedLimit, "ExceedLimitAction"),
        (OpenApiError::NoPermission, "NoPermission"),
    ] {
        assert_eq!(OpenApiRejection::new(code).with("Action").code_text(), expected);
    }
    for (name, expected) in [
        ("Tag.1.Key", "InvalidTag.1.Key"),
        ("a\"b\r\n<c>\u{202e}d", "Invalidabcd"),
        ("${Name}", "InvalidName"),
        ("中", "InvalidParameter"),
        ("", "InvalidParameter"),
    ] {
        let rejection =
            OpenApiRejection::new(OpenApiError::InvalidParameter).with_request_text(name);
        assert_eq!(rejection.code_text(), expected, "{name}");
        assert!(name.is_empty() || rejection.message().contains(name));
    }
    let long = OpenApiError::InvalidParameter.named(&"x".repeat(5000));
    assert_eq!(long.len(), "Invalid".len() + 64);
}

#[test]
fn every_code_renders_in_both_formats() {
    for code in OpenApiError::ALL {
        let rejection = OpenApiRejection::new(*code).with("One").with("two");
        let response = answer(OpenApiFormat::Json).render(&rejection);
        assert_eq!(response.status(), code.status());
        let body = json(&response);
        assert_eq!(body.as_object().unwrap().len(), 4);
        assert_eq!(body["RequestId"], ID);
        assert_eq!(body["HostId"], "example.com");
        assert_eq!(body["Code"], *rejection.code_text());
        assert_eq!(body["Message"], rejection.message());
        assert!(!response.body().windows(2).any(|two| two == b"${"), "{code}");

        let response = answer(OpenApiFormat::Xml).render(&rejection);
        assert_eq!(response.status(), code.status());
        assert!(response.body().starts_with(b"<Error><RequestId>"));
        assert!(response.body().ends_with(b"</Message></Error>"));
        assert_eq!(element(&response, "Code"), rejection.code_text());
        assert_eq!(element(&response, "Message"), rejection.message());
    }
}

#[test]
fn the_headers_name_the_format_and_the_request_and_forbid_to_store_or_to_guess() {
    for (format, content_type) in [
        (OpenApiFormat::Json, "application/json;charset=utf-8"),
        (OpenApiFormat::Xml, "text/xml;charset=utf-8"),
    ] {
        let response = answer(format).render(&OpenApiError::SignatureNonceUsed.into());
        let mut names: Vec<_> = response.headers().keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        let expected =
            ["cache-control", "content-type", "x-acs-request-id", "x-content-type-options"];
        assert_eq!(names, expected);
        assert_eq!(response.headers()["content-type"], content_type);
        assert_eq!(response.headers()["x-acs-request-id"], ID);
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        let rejection = response.extensions().get::<OpenApiRejection>().unwrap();
        assert_eq!(rejection.code(), OpenApiError::SignatureNonceUsed);
    }
}

#[test]
fn a_page_is_recommended_where_there_is_one() {
    let url = "https://example.com/?a=1&b=2";
    let rejection = OpenApiError::NoPermission.into();
    let response = answer(OpenApiFormat::Json).with_recommend(url).render(&rejection);
    assert_eq!(json(&response)["Recommend"], url);
    let response = answer(OpenApiFormat::Xml).with_recommend(url).render(&rejection);
    assert_eq!(element(&response, "Recommend"), url);
}

const HOSTILE: [&str; 8] = [
    "\"}{\"Code\":\"OK",
    "\\\"",
    "]]></Message><Code>OK</Code>",
    "<!--&amp;#x0; ' ",
    "a\0b\u{1}c\u{1b}[31m\u{7f}\u{85}d",
    "GET\r\nX-Header: a\tb\n\n",
    "\u{2028}\u{2029}\u{fffe}\u{ffff}\u{feff}\u{10ffff}",
    "",
];

#[test]
fn a_hostile_text_is_a_text_in_both_formats_and_in_every_member() {
    for text in HOSTILE {
        let rejection = OpenApiRejection::signature_does_not_match(text);
        let host = OpenApiAnswer::new(ID, text).with_recommend(text);
        let body = json(&host.render(&rejection));
        assert_eq!(body["HostId"], text);
        assert_eq!(body["Recommend"], text);
        assert_eq!(body["Message"].as_str().unwrap(), rejection.message());
        assert_eq!(body["Code"], "SignatureDoesNotMatch");

        let response = host.with_format(OpenApiFormat::Xml).render(&rejection);
        let readable: String = text.chars().map(|c| if is_plain(c) { c } else { '?' }).collect();
        assert_eq!(element(&response, "HostId"), readable);
        assert!(text.is_empty() || element(&response, "Message").ends_with(&readable));
        assert!(std::str::from_utf8(response.body()).unwrap().chars().all(is_xml));
        assert!(!response.body().windows(3).any(|three| three == b"]]>"));
    }
}

/// What the XML shows as it is: no control characters but the three of white space.
fn is_plain(c: char) -> bool {
    is_xml(c) && (!c.is_control() || matches!(c, '\t' | '\n' | '\r'))
}

#[test]
fn bytes_that_are_no_utf_8_become_text() {
    let rejection = OpenApiRejection::signature_does_not_match(b"GET&\xff\xfe&\xc3(");
    let expected = "server string to sign is:GET&\u{fffd}\u{fffd}&\u{fffd}(";
    assert!(rejection.message().ends_with(expected), "{}", rejection.message());
    let body = json(&answer(OpenApiFormat::Json).render(&rejection));
    assert!(body["Message"].as_str().unwrap().ends_with(expected));
}

#[test]
fn a_wrong_signature_has_a_colon_and_then_the_servers_string_as_it_is() {
    const PREFIX: &str =
        "Specified signature is not matched with our calculation. server string to sign is:";
    for string in ["GET&%2F&Action%3DDescribeApis", "\n", " ", "a:b", "POST\n\n\n\n\n/?a= \n"] {
        let rejection = OpenApiRejection::signature_does_not_match(string);
        let body = json(&answer(OpenApiFormat::Json).render(&rejection));
        assert_eq!(body["Message"], format!("{PREFIX}{string}"));
        let response = answer(OpenApiFormat::Xml).render(&rejection);
        assert_eq!(element(&response, "Message"), format!("{PREFIX}{string}"));
    }
    // Whoever makes it by hand has the colon, too. An empty string behind it would be the same as that
    // of a client which did not keep its own, so that it would report a wrong secret.
    for rejection in [
        OpenApiRejection::signature_does_not_match(""),
        OpenApiError::SignatureDoesNotMatch.into(),
        OpenApiRejection::new(OpenApiError::SignatureDoesNotMatch).with(""),
        Rejection::new(ErrorCode::A403IS).with_request_text("GET").into(),
    ] {
        let body = json(&answer(OpenApiFormat::Json).render(&rejection));
        assert_eq!(body["Message"], format!("{PREFIX}not shown"));
    }
}

#[test]
fn a_message_is_not_longer_than_4096_bytes_and_keeps_its_colon() {
    let long = "中".repeat(9000);
    let rejections = [
        OpenApiRejection::signature_does_not_match(&long),
        OpenApiRejection::new(OpenApiError::InvalidValue).with(long.clone()),
        OpenApiRejection::new(OpenApiError::DependencyViolation)
            .with_request_text(&long)
            .with_request_text(&long),
    ];
    for rejection in &rejections {
        let body = json(&answer(OpenApiFormat::Json).render(rejection));
        let message = body["Message"].as_str().unwrap();
        assert!((4000..=4096).contains(&message.len()), "{}", message.len());
        assert!(message.contains("中"));
        assert_eq!(
            message.contains("is:中"),
            rejection.code() == OpenApiError::SignatureDoesNotMatch
        );
    }
    let host = "x".repeat(9000);
    let response = OpenApiAnswer::new(ID, &host).render(&OpenApiError::NoPermission.into());
    assert_eq!(json(&response)["HostId"].as_str().unwrap().len(), 255);
}

#[test]
fn a_request_id_cannot_start_a_header() {
    let response =
        OpenApiAnswer::new("a\r\nSet-Cookie: x", "h").render(&OpenApiError::NoPermission.into());
    assert_eq!(response.headers()["x-acs-request-id"], "a#Set-Cookie: x");
}

#[test]
fn text_from_the_request_reaches_the_caller_but_no_log() {
    let rejection = OpenApiRejection::new(OpenApiError::InvalidParameter)
        .with_request_text("hush")
        .with_detail("occurs twice");
    assert!(rejection.message().contains("hush") && rejection.code_text().contains("hush"));
    assert_eq!(
        rejection.to_string(),
        "InvalidParameter: Specified parameter … is not valid. (occurs twice)"
    );
    assert!(!format!("{rejection:?}").contains("hush"));
    let string = OpenApiRejection::signature_does_not_match("GET&%2F&hush");
    assert!(!string.to_string().contains("hush") && !format!("{string:?}").contains("hush"));
    for format in [OpenApiFormat::Json, OpenApiFormat::Xml] {
        let response = answer(format).render(&rejection);
        let shown = std::str::from_utf8(response.body()).unwrap();
        assert!(!shown.contains("occurs twice"), "the detail is the operator's");
    }
}

#[test]
fn a_store_that_cannot_answer_asks_the_caller_to_come_back() {
    let full = StoreError::Full {
        scope: FullScope::Store,
        retry_after: Some(Duration::from_millis(2500)),
    };
    for (error, seconds) in [(full, "3"), (StoreError::unavailable("away"), "1")] {
        let direct = OpenApiRejection::from(error.clone());
        let by_the_gateway: Rejection = error.into();
        for rejection in [direct, by_the_gateway.into()] {
            let response = answer(OpenApiFormat::Json).render(&rejection);
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()["retry-after"], seconds);
            assert_eq!(json(&response)["Code"], "ServiceUnavailable");
            assert!(rejection.store_error().is_some());
            assert!(!response.body().windows(4).any(|word| word == b"away" || word == b"full"));
        }
    }
    let throttled = OpenApiRejection::new(OpenApiError::ThrottlingUser)
        .with_retry_after(Duration::from_secs(7));
    assert_eq!(answer(OpenApiFormat::Xml).render(&throttled).headers()["retry-after"], "7");
}

#[test]
fn a_refusal_of_the_gateways_catalogue_has_a_code_of_openapi() {
    for (gateway, expected) in [
        (ErrorCode::I413RL, "InvalidBody.LengthLimit"),
        (ErrorCode::I413UL, "InvalidUrl.LengthLimit"),
        (ErrorCode::I400BD, "InvalidBody"),
        (ErrorCode::I405UM, "UnsupportedHTTPMethod"),
        (ErrorCode::I400I5, "ContentMD5NotMatched"),
        (ErrorCode::A400IK, "InvalidAccessKeyId.NotFound"),
        (ErrorCode::A400MA, "MissingAccessKeyId"),
        (ErrorCode::I400NC, "MissingSignatureNonce"),
        (ErrorCode::S403NU, "SignatureNonceUsed"),
        (ErrorCode::S403TE, "InvalidTimeStamp.Expired"),
        (ErrorCode::A403PR, "NoPermission"),
        (ErrorCode::A403EP, "NoPermission"),
        (ErrorCode::T429PA, "Throttling.API"),
        (ErrorCode::T429SR, "Throttling.User"),
        (ErrorCode::I404NF, "InvalidApi.NotFound"),
        (ErrorCode::I400HD, "InvalidRequest"),
        (ErrorCode::X503BZ, "ServiceUnavailable"),
        (ErrorCode::X500ER, "InternalError"),
        (ErrorCode::I400JP, "InternalError"),
    ] {
        let rejection = OpenApiRejection::from(Rejection::new(gateway).with("hush"));
        assert_eq!(rejection.code_text(), expected, "{gateway}");
    }
    for gateway in ErrorCode::ALL {
        let why = Rejection::new(*gateway).with_request_text("hush").with_detail("why");
        let rejection = OpenApiRejection::from(why);
        let detail = rejection.detail().unwrap();
        assert!(detail.starts_with(gateway.as_str()) && detail.ends_with("(why)"), "{detail}");
        assert!(!detail.contains("hush"));
        if gateway.fault() == Fault::Server && gateway.status().is_server_error() {
            assert_eq!(rejection.code().fault(), Fault::Server, "{gateway}");
        }
    }
}

#[test]
fn a_security_token_is_masked_in_every_form_that_a_string_to_sign_has_it_in() {
    let token = "CAIS+ab/c==";
    for (string, masked) in [
        (
            "GET&%2F&SecurityToken%3DCAIS%252Bab%252Fc%253D%253D%26X%3D1",
            "GET&%2F&SecurityToken%3D***%26X%3D1",
        ),
        ("x-acs-security-token:CAIS+ab/c==\n/", "x-acs-security-token:***\n/"),
        ("/?SecurityToken=CAIS%2Bab%2Fc%3D%3D&a=CAIS+ab/c==", "/?SecurityToken=***&a=***"),
        ("nothing of it", "nothing of it"),
    ] {
        assert_eq!(mask_security_token(string, token), masked);
    }
    assert_eq!(mask_security_token("a~b%7Eb", "~b"), "a***%7Eb", "`~` is never encoded");
    let string = format!("GET\n{}", token.repeat(1000));
    let rejection =
        OpenApiRejection::signature_does_not_match(&*mask_security_token(&string, token));
    assert!(!rejection.message().contains("CAIS"), "it is masked before it is cut");
}

proptest! {
    #[test]
    fn any_text_survives_json_and_is_well_formed_xml(text in any::<String>(), host in any::<String>()) {
        let rejection = OpenApiRejection::signature_does_not_match(&text);
        let body = json(&OpenApiAnswer::new(ID, &host).render(&rejection));
        prop_assert_eq!(body["Message"].as_str().unwrap(), rejection.message());
        prop_assert!(body["Message"].as_str().unwrap().contains(':'));
        prop_assert!(host.starts_with(body["HostId"].as_str().unwrap()));
        let response = answer(OpenApiFormat::Xml).render(&rejection);
        let xml = std::str::from_utf8(response.body()).unwrap();
        prop_assert!(xml.chars().all(is_xml));
        let expected: String =
            rejection.message().chars().map(|c| if is_plain(c) { c } else { '?' }).collect();
        prop_assert_eq!(element(&response, "Message"), expected);
    }

    #[test]
    fn any_format_is_a_format_or_none(value in proptest::collection::vec(any::<u8>(), 0..40)) {
        let known = value.is_empty()
            || value.eq_ignore_ascii_case(b"json")
            || value.eq_ignore_ascii_case(b"xml");
        prop_assert_eq!(OpenApiFormat::of_parameter(&value).is_some(), known);
        let accepted = OpenApiFormat::of_accept(&value).is_some();
        prop_assert!(!accepted || value.trim_ascii().is_empty() || value.contains(&b'/'));
    }
}
