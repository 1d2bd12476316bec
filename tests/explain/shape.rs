//! The client's string as a whole.

use countersign::explain::{self, Cause, ServerString};

use crate::broken::Broken;
use crate::support::Call;

fn get() -> Broken {
    Broken::new(Call::get("/a?b=c"))
}

#[test]
fn lines_that_end_with_carriage_returns() {
    let windows = get().signs(|string| string.replace('\n', "\r\n"));
    windows.told(Cause::CarriageReturns, "the method");
}

#[test]
fn lines_that_are_joined_by_something_else() {
    for end in ["\\n", "#", "", "\r"] {
        let joined = get().signs(move |string| string.replace('\n', end));
        joined.told(Cause::LineEnds, "the method");
    }
}

#[test]
fn a_line_feed_at_the_end() {
    for end in ["\n", "\r\n", "\n\n"] {
        let ended = get().signs(move |string| string + end);
        ended.told(Cause::TrailingLineFeed, "the end");
    }
}

#[test]
fn empty_lines_that_are_left_out() {
    let only_filled = get().signs(|string| {
        let filled: Vec<_> = string.split('\n').filter(|line| !line.is_empty()).collect();
        filled.join("\n")
    });
    only_filled.told(Cause::EmptyLineMissing, "the Content-MD5 line");
    let no_accept = Broken::new(Call::get("/a").without("accept"));
    let one_less = no_accept.signs_instead("GET\n\n", "GET\n");
    one_less.told(Cause::EmptyLineMissing, "the Date line");
}

#[test]
fn a_line_too_many() {
    let call = || Broken::new(Call::get("/a?b=c").declare_nothing());
    call().signs_instead("\n/a", "\n\n/a").told(Cause::ExtraLine, "the path");
    call().signs_instead("\n/a", "\n:\n/a").told(Cause::ExtraLine, "the path");
    get().signs_instead("\n/a", "\n\n/a").told(Cause::ExtraLine, "the path");
}

#[test]
fn servers_that_show_no_line_feeds_are_understood() {
    let shown = |string: &str| {
        let message = format!("Invalid Signature, Server StringToSign:{string}");
        ServerString::from_error_message(&message).unwrap()
    };
    let client = b"GET\na/b\n\n\n\nX-Ca-Key:1\n/p?q=1";
    let same = explain::compare(client, &shown("GETa/bX-Ca-Key:1/p?q=1"));
    assert_eq!((same.cause(), same.first()), (Cause::SameString, None));
    for (string, part) in [
        ("GET*/*X-Ca-Key:1/p?q=1", "the Accept line"),
        ("GETa/bX-Ca-Key:2/p?q=1", "the header line X-Ca-Key"),
        ("GETa/bX-Ca-Key:1/p?q=2", "the path"),
        ("GETa/bX-Ca-Key:1/p?q=1&r=2", "the end"),
    ] {
        let other = explain::compare(client, &shown(string));
        assert_eq!(other.first().unwrap().part().to_string(), part, "{other}");
        assert_eq!(other.cause(), Cause::Unrecognised, "{other}");
    }
}

#[test]
fn utf_8_that_was_read_as_latin_1_is_no_difference() {
    let string = "GET\n\n\n\n\nX-Ca-City:你好\n/é?q=ü";
    let message = format!("Server StringToSign:`{}`", string.replace('\n', "#"));
    let misread: String = message.bytes().map(char::from).collect();
    let server = ServerString::from_error_message(&misread).unwrap();
    assert_eq!(server.header("x-ca-city"), Some("你好"));
    assert!(explain::compare(string.as_bytes(), &server).first().is_none());
}
