//! The signed headers.

use countersign::explain::{self, Cause, ServerString};

use crate::broken::Broken;
use crate::support::{Call, KEY, NOW, Wire};

fn get() -> Broken {
    Broken::new(Call::get("/a?b=c"))
}

fn with_trace() -> Broken {
    Broken::new(Call::get("/a?b=c").signed_header("X-Trace", "t-1"))
}

/// The right string with its header lines in another order.
fn reordered(string: &str, order: impl Fn(&mut Vec<&str>)) -> String {
    let mut lines: Vec<_> = string.split('\n').collect();
    let rest = lines.pop().unwrap();
    let mut headers = lines.split_off(5);
    order(&mut headers);
    [lines, headers, vec![rest]].concat().join("\n")
}

fn declaring(list: &'static str) -> impl Fn(Wire) -> Wire {
    move |wire| wire.with("x-ca-signature-headers", list)
}

#[test]
fn a_list_that_is_sorted_without_regard_to_case() {
    let call = Call::get("/a").signed_header("Zeta", "1").signed_header("alpha", "2");
    let sorted = Broken::new(call).signs(|string| {
        reordered(&string, |headers| headers.sort_by_key(|line| line.to_ascii_lowercase()))
    });
    let diagnosis = sorted.told(Cause::HeaderOrder, "the header line X-Ca-Key");
    assert_eq!(diagnosis.differences().len(), 1, "the lines are the same");
}

#[test]
fn a_list_in_the_order_of_a_hash_map() {
    let shuffled = get().signs(|string| reordered(&string, |headers| headers.reverse()));
    shuffled.told(Cause::HeaderOrder, "the header line X-Ca-Key");
}

#[test]
fn names_in_other_letters() {
    let lower = get().signs_instead("X-Ca-Key:", "x-ca-key:");
    lower.told(Cause::HeaderNameCase, "the header line X-Ca-Key");
}

#[test]
fn a_blank_after_the_colon() {
    let blank = get().signs_instead("X-Ca-Key:", "X-Ca-Key: ");
    blank.told(Cause::WhiteSpace, "the header line X-Ca-Key");
}

#[test]
fn a_header_that_a_proxy_changes_drops_or_sets() {
    let changed = with_trace().sends(|wire| wire.with("x-trace", "of-the-proxy"));
    let diagnosis = changed.told(Cause::HeaderChanged, "the header line X-Trace");
    let first = diagnosis.first().unwrap();
    assert_eq!(first.server(), Some("X-Trace:(12 bytes)"));
    assert_eq!(first.client(), Some("X-Trace:(3 bytes)"), "what the server hides is hidden");

    let dropped = with_trace().sends(|wire| wire.without("x-trace"));
    dropped.told(Cause::HeaderNotSent, "the header line X-Trace");

    let set = Broken::new(Call::get("/a").declare("X-Trace")).sends(|w| w.with("x-trace", "t"));
    set.told(Cause::HeaderSignedEmpty, "the header line X-Trace");
}

#[test]
fn an_own_header_that_is_changed_dropped_or_set() {
    let version = || Broken::new(Call::get("/a").signed_header("X-Ca-Version", "1"));
    let changed = version().sends(|wire| wire.with("x-ca-version", "2"));
    let diagnosis = changed.told(Cause::HeaderChanged, "the header line X-Ca-Version");
    assert_eq!(diagnosis.first().unwrap().server(), Some("X-Ca-Version:2"));
    let dropped = version().sends(|wire| wire.without("x-ca-version"));
    dropped.told(Cause::HeaderNotSent, "the header line X-Ca-Version");
    let set = Broken::new(Call::get("/a").declare("X-Ca-Seq")).sends(|w| w.with("x-ca-seq", "7"));
    set.told(Cause::HeaderSignedEmpty, "the header line X-Ca-Seq");
}

#[test]
fn a_hidden_value_of_the_same_length_is_pointed_out() {
    let swapped = with_trace().sends(|wire| wire.with("x-trace", "t-2"));
    let diagnosis = swapped.told(Cause::NotShown, "");
    assert_eq!(diagnosis.hidden(), ["X-Trace"]);
    let text = diagnosis.to_string();
    assert!(text.contains("only the length of the header line X-Trace"), "{text}");
}

#[test]
fn no_diagnosis_shows_a_value_that_may_be_a_credential() {
    let call = Call::get("/a").signed_header("Authorization", "Bearer hush");
    let dropped = Broken::new(call.clone()).sends(|wire| wire.without("authorization"));
    let dropped = dropped.told(Cause::HeaderNotSent, "the header line Authorization");
    let undeclared =
        Broken::new(call.clone()).sends(declaring("X-Ca-Key,X-Ca-Nonce,X-Ca-Timestamp"));
    let undeclared = undeclared.told(Cause::HeaderNotDeclared, "the header line Authorization");
    let signs = |change: fn(String) -> String| Broken::new(call.clone()).signs(change);
    let joined = signs(|string| string.replace('\n', "#"));
    let joined = joined.told(Cause::LineEnds, "the method");
    let no_lines = signs(|string| string.replace("\n\n", "\n"));
    let no_lines = no_lines.told(Cause::EmptyLineMissing, "the Content-Type line");
    let without_line_feeds = ServerString::from_error_message("StringToSign:GET*/*X:1/").unwrap();
    let string = b"GET\n*/*\n\n\n\nAuthorization:hush\n/";
    let without_line_feeds = explain::compare(string, &without_line_feeds);
    for diagnosis in [dropped, undeclared, joined, no_lines, without_line_feeds] {
        assert!(!format!("{diagnosis} {diagnosis:?}").contains("hush"), "{diagnosis}");
    }
}

#[test]
fn a_header_that_is_signed_but_not_declared() {
    let undeclared = get().sends(declaring("X-Ca-Key,X-Ca-Timestamp"));
    undeclared.told(Cause::HeaderNotDeclared, "the header line X-Ca-Nonce");
}

#[test]
fn a_header_that_is_declared_but_not_signed() {
    for (name, value) in [("X-Ca-Timestamp", NOW.to_string()), ("X-Ca-Key", KEY.to_owned())] {
        let line = format!("{name}:{value}\n");
        let missing = get().signs(move |string| string.replace(&line, ""));
        missing.told(Cause::HeaderNotSigned, &format!("the header line {name}"));
    }
}

#[test]
fn a_missing_list() {
    let none = get().sends(|wire| wire.without("x-ca-signature-headers"));
    none.told(Cause::NoSignatureHeaders, "the header line X-Ca-Key");
}

#[test]
fn a_list_that_names_a_header_twice() {
    let twice = get().sends(declaring("X-Ca-Key,X-Ca-Nonce,X-Ca-Timestamp,X-Ca-Key"));
    twice.told(Cause::HeaderDeclaredTwice, "the header line X-Ca-Key");
}

#[test]
fn a_stage_that_is_added_changed_or_dropped() {
    const PART: &str = "the header line X-Ca-Stage";
    let staged = || Broken::new(Call::get("/a").signed_header("X-Ca-Stage", "TEST"));
    staged().sends(|wire| wire.with("x-ca-stage", "RELEASE")).told(Cause::StageHeader, PART);
    staged().sends(|wire| wire.without("x-ca-stage")).told(Cause::StageHeader, PART);
    staged().signs_instead("X-Ca-Stage:TEST\n", "").told(Cause::StageHeader, PART);
}

#[test]
fn a_nonce_or_a_timestamp_that_is_made_twice() {
    let nonce = get().sends(|wire| wire.with("x-ca-nonce", "another"));
    nonce.told(Cause::AnotherCall, "the header line X-Ca-Nonce");
    let at = get().sends(|wire| wire.with("x-ca-timestamp", (NOW + 1).to_string()));
    at.told(Cause::AnotherCall, "the header line X-Ca-Timestamp");
}

#[test]
fn a_value_in_another_character_encoding() {
    let call = Call::get("/a").signed_header("X-Ca-City", "你好");
    let gbk = Broken::new(call.clone()).signs_bytes(|string| {
        let at = string.find("你好").unwrap();
        let (before, after) = (&string[..at], &string[at + "你好".len()..]);
        [before.as_bytes(), b"\xc4\xe3\xba\xc3", after.as_bytes()].concat()
    });
    gbk.told(Cause::CharacterEncoding, "the header line X-Ca-City");
    let marks = Broken::new(call).signs_instead("你好", "??");
    marks.told(Cause::CharacterEncoding, "the header line X-Ca-City");
}

#[test]
fn a_header_with_a_line_of_its_own_that_is_declared_matters_only_to_some_servers() {
    let declared = || Broken::new(Call::get("/a").declare("Accept"));
    let dropped = || declared().signs_instead("\nAccept:application/json", "");
    dropped().literally().told(Cause::DocumentedName, "the header line Accept");

    // This server takes both readings: the fault is the other one.
    let other = dropped()
        .signs(|string| string.replacen("\nAccept:application/json", "", 1).replace("GET", "get"));
    other.told(Cause::MethodCase, "the method");
}

#[test]
fn a_hash_in_a_value_moves_no_line() {
    let call = Call::get("/a?b=%23c").signed_header("X-Ca-Color", "#fff#x");
    let broken = Broken::new(call).signs_instead("?b=#c", "?b=%23c");
    broken.told(Cause::ParameterEncoded, "the parameter b");
}
