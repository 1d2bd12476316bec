//! The method and the four lines after it.

use countersign::explain::Cause;
use http::Method;

use crate::broken::Broken;
use crate::support::{Call, md5_base64};

fn get() -> Broken {
    Broken::new(Call::get("/a?b=c"))
}

fn put() -> Broken {
    Broken::new(Call::put("{}"))
}

fn without_accept() -> Broken {
    Broken::new(Call::get("/a?b=c").without("accept"))
}

#[test]
fn a_method_in_lower_case() {
    get().signs_instead("GET", "get").told(Cause::MethodCase, "the method");
}

#[test]
fn a_head_that_arrives_as_a_get() {
    let changed = |mut wire: crate::support::Wire| {
        wire.method = Method::GET;
        wire
    };
    let head = Broken::new(Call::new("HEAD", "/a")).sends(changed);
    head.told(Cause::MethodChanged, "the method");
}

#[test]
fn an_accept_that_the_http_stack_adds() {
    let added = without_accept().sends(|wire| wire.with("accept", "*/*"));
    let diagnosis = added.told(Cause::AcceptAdded, "the Accept line");
    let first = diagnosis.first().unwrap();
    assert_eq!((first.client(), first.server()), (Some(""), Some("*/*")));
    assert_eq!(
        diagnosis.to_string().lines().collect::<Vec<_>>()[..4],
        [
            "first difference: the Accept line",
            "  client  \"\"",
            "  server  \"*/*\"",
            "cause   accept-added: the HTTP stack added `Accept`, or the client does not sign it",
        ]
    );
}

#[test]
fn an_accept_that_is_signed_and_not_sent() {
    let dropped = get().sends(|wire| wire.without("accept"));
    dropped.told(Cause::AcceptNotSent, "the Accept line");
}

#[test]
fn an_accept_that_the_http_stack_replaces() {
    let changed = get().sends(|wire| wire.with("accept", "application/json, text/plain, */*"));
    changed.told(Cause::AcceptChanged, "the Accept line");
}

#[test]
fn a_content_md5_that_is_sent_but_signed_as_an_empty_line() {
    let empty = put().signs(|string| string.replace(&md5_base64(b"{}"), ""));
    empty.told(Cause::ContentMd5NotSigned, "the Content-MD5 line");
}

#[test]
fn a_content_md5_that_is_signed_but_not_sent() {
    let dropped = put().sends(|wire| wire.without("content-md5"));
    dropped.told(Cause::ContentMd5NotSent, "the Content-MD5 line");
}

#[test]
fn a_content_md5_in_hexadecimal_digits() {
    const HEX: &str = "99914b932bd37a50b983c5e7c90ae93b";
    let hex = put().signs(|string| string.replace(&md5_base64(b"{}"), HEX));
    hex.told(Cause::ContentMd5Hex, "the Content-MD5 line");
}

#[test]
fn a_content_md5_of_other_bytes() {
    let other = put().signs(|string| string.replace(&md5_base64(b"{}"), &md5_base64(b"{ }")));
    other.told(Cause::ContentMd5Differs, "the Content-MD5 line");
}

#[test]
fn a_content_type_that_gets_a_charset_on_the_way() {
    let charset = put().sends(|wire| wire.with("content-type", "application/json;charset=utf-8"));
    charset.told(Cause::ContentTypeChanged, "the Content-Type line");
}

#[test]
fn a_boundary_that_the_http_stack_chooses() {
    let multipart = |boundary: &str| format!("multipart/form-data; boundary={boundary}");
    let call = Call::post("/a").header("content-type", multipart("mine")).digested("--mine--");
    let sent = Broken::new(call).sends(move |wire| wire.with("content-type", multipart("its")));
    sent.told(Cause::ContentTypeChanged, "the Content-Type line");
}

#[test]
fn a_content_type_that_the_http_stack_adds() {
    let call = Call::post("/a").digested("x");
    let added = Broken::new(call).sends(|wire| wire.with("content-type", "text/plain"));
    added.told(Cause::ContentTypeAdded, "the Content-Type line");
}

#[test]
fn a_content_type_that_is_dropped_because_there_is_no_body() {
    let call = Call::get("/a").header("content-type", "application/json");
    let dropped = Broken::new(call).sends(|wire| wire.without("content-type"));
    dropped.told(Cause::ContentTypeNotSent, "the Content-Type line");
}

#[test]
fn a_date_that_is_added_dropped_or_formatted_again() {
    const ONE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";
    const OTHER: &str = "Tue, 14 Nov 2023 22:13:20 +0000";
    let dated = || Broken::new(Call::get("/a").header("date", ONE));
    let added = get().sends(|wire| wire.with("date", ONE));
    added.told(Cause::DateAdded, "the Date line");
    dated().sends(|wire| wire.without("date")).told(Cause::DateNotSent, "the Date line");
    dated().sends(|wire| wire.with("date", OTHER)).told(Cause::DateChanged, "the Date line");
}

#[test]
fn blanks_that_http_does_not_carry() {
    let blank = get().signs_instead("\napplication/json\n", "\n application/json\n");
    blank.told(Cause::WhiteSpace, "the Accept line");
}

#[test]
fn several_faults_are_told_in_the_order_of_the_string() {
    let twice = get().signs_instead("GET", "get").sends(|wire| wire.with("accept", "*/*"));
    let diagnosis = twice.told(Cause::MethodCase, "the method");
    let parts: Vec<_> = diagnosis.differences().iter().map(|it| it.part().to_string()).collect();
    assert_eq!(parts, ["the method", "the Accept line"]);
    let text = diagnosis.to_string();
    assert!(text.ends_with("also    the Accept line (accept-changed)"), "{text}");
}
