//! What signing adds, and what it leaves.

use countersign::protocol::SignatureMethod;
use countersign::sign::{AcceptPolicy, DatePolicy, Stage};
use http::{HeaderName, HeaderValue};

use super::signing::{accepted, get, instructions, post, signed, signer};
use crate::support::{KEY, NOW, Server, Wire, assert_accepted, assert_code};
use countersign::error::ErrorCode;

fn list(wire: &Wire) -> &str {
    std::str::from_utf8(wire.header("x-ca-signature-headers")).unwrap()
}

fn names(names: &[&'static str]) -> Vec<HeaderName> {
    names.iter().copied().map(HeaderName::from_static).collect()
}

/// What every signed request has.
const ALWAYS: [&str; 6] = [
    "x-ca-key",
    "x-ca-nonce",
    "x-ca-signature",
    "x-ca-signature-headers",
    "x-ca-signature-method",
    "x-ca-timestamp",
];

#[test]
fn a_request_gets_the_headers_of_a_signed_one_and_no_others() {
    let wire = accepted(&signer(), get("/items?b=2&a=1"));
    let mut added: Vec<_> = wire.headers.keys().map(HeaderName::as_str).collect();
    added.sort_unstable();
    assert_eq!(added, [&["accept"], &ALWAYS[..]].concat());
    assert_eq!(wire.header("accept"), b"*/*");
    assert_eq!(wire.header("x-ca-key"), KEY.as_bytes());
    assert_eq!(wire.header("x-ca-timestamp"), NOW.to_string().as_bytes());
    assert_eq!(wire.header("x-ca-signature-method"), b"HmacSHA256");
    assert_eq!(list(&wire), "x-ca-key,x-ca-nonce,x-ca-signature-method,x-ca-timestamp");
}

#[test]
fn a_nonce_is_a_version_4_uuid_and_no_two_are_equal() {
    let nonce = || {
        let wire = signed(&signer(), get("/")).unwrap();
        String::from_utf8(wire.header("x-ca-nonce").to_vec()).unwrap()
    };
    let (one, other) = (nonce(), nonce());
    assert_ne!(one, other);
    let shape: String = one.chars().map(|c| if c.is_ascii_hexdigit() { 'h' } else { c }).collect();
    assert_eq!(shape, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh");
    assert_eq!(one.as_bytes()[14], b'4');
    assert!(b"89ab".contains(&one.as_bytes()[19]));
}

#[test]
fn the_headers_of_the_request_stay() {
    let wire = get("/").with("accept", "text/html").with("x-trace", "7").with("date", "today");
    let wire = accepted(&signer(), wire);
    assert_eq!(wire.header("accept"), b"text/html");
    assert_eq!(wire.header("x-trace"), b"7");
    assert_eq!(wire.header("date"), b"today");
}

#[test]
fn an_accept_is_added_only_where_the_signer_says_so() {
    let json = AcceptPolicy::IfAbsent(HeaderValue::from_static("application/json"));
    let signer = signer();
    assert_eq!(
        accepted(&signer.clone().with_accept(json), get("/")).header("accept"),
        b"application/json"
    );
    let as_sent = accepted(&signer.with_accept(AcceptPolicy::AsSent), get("/"));
    assert!(!as_sent.headers.contains_key("accept"));
}

#[test]
fn an_accept_that_is_added_after_signing_breaks_the_signature() {
    let signer = signer().with_accept(AcceptPolicy::AsSent);
    let wire = signed(&signer, get("/")).unwrap().with("accept", "*/*");
    assert_code(Server::strict().verify(&wire), ErrorCode::A403IS);
}

#[test]
fn a_date_is_set_only_where_the_signer_says_so() {
    let signer = signer().with_date(DatePolicy::Now);
    let wire = accepted(&signer, get("/").with("date", "yesterday"));
    assert_eq!(wire.header("date"), b"Tue, 14 Nov 2023 22:13:20 GMT");
}

#[test]
fn a_stage_is_signed_and_a_request_may_have_its_own() {
    let signer = signer().with_stage(Stage::Pre);
    let wire = accepted(&signer, get("/"));
    assert_eq!(wire.header("x-ca-stage"), b"PRE");
    assert!(list(&wire).split(',').any(|name| name == "x-ca-stage"));
    let changed = wire.with("x-ca-stage", "TEST");
    assert_code(Server::gateway().verify(&changed), ErrorCode::A403IS);

    let wire = accepted(&signer, get("/").with("x-ca-stage", "TEST"));
    assert_eq!(wire.header("x-ca-stage"), b"TEST");
    assert_eq!(
        [Stage::Release, Stage::Pre, Stage::Test].map(Stage::as_str),
        ["RELEASE", "PRE", "TEST"]
    );
}

#[test]
fn sha_1_is_used_where_it_is_named_and_the_name_is_signed() {
    let signer = signer().with_signature_method(SignatureMethod::HmacSha1);
    let wire = signed(&signer, get("/")).unwrap();
    assert_eq!(wire.header("x-ca-signature-method"), b"HmacSHA1");
    assert_accepted(Server::gateway().verify(&wire));
    assert_code(Server::strict().verify(&wire), ErrorCode::I400HD);
}

#[test]
fn chosen_headers_are_signed_whether_they_are_there_or_not() {
    let signer = signer().with_signed_headers(names(&["x-user", "user-agent"])).unwrap();
    let wire = accepted(&signer, get("/").with("x-user", "名"));
    assert!(list(&wire).starts_with("user-agent,x-ca-key,"), "{}", list(&wire));
    assert!(list(&wire).ends_with(",x-user"), "{}", list(&wire));
    let absent_one_added = wire.clone().with("user-agent", "evil");
    assert_code(Server::strict().verify(&absent_one_added), ErrorCode::A403IS);
    let present_one_changed = wire.with("x-user", "root");
    assert_code(Server::strict().verify(&present_one_changed), ErrorCode::A403IS);
}

#[test]
fn every_x_ca_header_of_the_request_is_signed() {
    let wire = accepted(&signer(), get("/").with("x-ca-version", "1").with("x-ca-seq", ""));
    assert!(list(&wire).contains("x-ca-seq,"), "{}", list(&wire));
    assert!(list(&wire).ends_with(",x-ca-version"), "{}", list(&wire));
}

#[test]
fn a_signed_content_type_is_signed_with_the_real_one() {
    let wire = post("--b--")
        .with("content-type", "multipart/form-data; boundary=b")
        .with("x-ca-signed-content-type", "multipart/form-data");
    let wire = accepted(&signer(), wire);
    // The boundary may be another one.
    let wire = wire.with("content-type", "multipart/form-data; boundary=c");
    assert_accepted(Server::strict().verify(&wire));
}

#[test]
fn signing_again_replaces_the_earlier_signature() {
    let first = accepted(&signer(), post("{}"));
    let second = accepted(&signer(), first.clone());
    assert_eq!(first.headers.len(), second.headers.len());
    assert_ne!(first.header("x-ca-nonce"), second.header("x-ca-nonce"));
    assert_ne!(first.header("x-ca-signature"), second.header("x-ca-signature"));
    let twice = first.and("x-ca-signature", "x").and("x-ca-nonce", "y");
    accepted(&signer(), twice);
}

#[test]
fn header_values_are_bytes_and_lose_the_white_space_around_them() {
    let wire =
        get("/").with("x-ca-name", "张三").with("x-ca-raw", b"\xff\xfe").with("x-ca-pad", " a\t");
    accepted(&signer(), wire);
}

#[test]
fn the_target_may_be_a_uri_an_asterisk_or_have_no_path() {
    for target in ["http://example.com/a?b=1", "https://example.com", "*", "/", "/?", "//a//b/../c"]
    {
        let mut wire = get("/").to(target);
        wire.method = http::Method::OPTIONS;
        let signed = accepted(&signer(), wire);
        // On the wire there is neither scheme nor host.
        if let Some(on_the_wire) = signed.target.path_and_query() {
            let on_the_wire = on_the_wire.to_string();
            assert_accepted(Server::strict().verify(&signed.to(&on_the_wire)));
        }
    }
}

#[test]
fn instructions_name_what_they_set() {
    let wire = get("/").with("accept", "text/html");
    let instructions = instructions(&signer(), &wire).unwrap();
    let mut added: Vec<_> = instructions.headers().map(|(name, _)| name.as_str()).collect();
    added.sort_unstable();
    assert_eq!(added, ALWAYS);
    let text = std::str::from_utf8(instructions.string_to_sign()).unwrap();
    assert!(text.starts_with("GET\ntext/html\n\n\n\nx-ca-key:203710001\nx-ca-nonce:"), "{text}");
    assert!(text.ends_with("\nx-ca-timestamp:1700000000000\n/"), "{text}");
}
