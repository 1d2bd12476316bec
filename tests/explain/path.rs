//! The path.

use countersign::explain::Cause;
use countersign::verify::Policy;

use crate::broken::Broken;
use crate::support::{Call, Server, SignedPath, Style};

fn get(target: &str) -> Broken {
    Broken::new(Call::get(target))
}

#[track_caller]
fn told(broken: Broken, cause: Cause) {
    broken.told(cause, "the path");
}

#[test]
fn a_path_that_is_signed_as_it_is_on_the_wire_matters_only_to_some_servers() {
    let raw = || get("/%E4%BD%A0").signs_instead("/你", "/%E4%BD%A0");
    let diagnosis = raw().literally().told(Cause::PathNotDecoded, "the path");
    assert!(diagnosis.to_string().contains("note    many servers accept this"));

    // This crate takes both readings: the fault is the other one, which comes later.
    let style = Style { path: SignedPath::Raw, ..Style::default() };
    let fine = Call::get("/%E4%BD%A0").style(style).sign();
    assert!(Server::gateway().verify(&fine).is_ok());
    let query = get("/%E4%BD%A0?b=1&a=2")
        .signs(|string| string.replace("/你?a=2&b=1", "/%E4%BD%A0?b=1&a=2"));
    query.told(Cause::ParameterOrder, "the parameter a");
    let secret = raw().secret("another");
    secret.told_by_the_request(Cause::PathNotDecoded, "the path");
}

#[test]
fn an_encoded_slash_that_the_client_decodes() {
    told(get("/a%2Fb").signs_instead("/a%2Fb", "/a/b"), Cause::PathKeptEscape);
}

#[test]
fn an_escape_that_strict_servers_keep() {
    told(get("/%61").under(Policy::strict()), Cause::PathKeptEscape);
}

#[test]
fn escapes_that_the_http_stack_escapes_again() {
    told(get("/a%20b").sends(|wire| wire.to("/a%2520b")), Cause::PathEscapedTwice);
    told(
        get("/a%20b").signs_instead("/a b", "/a%20b").sends(|wire| wire.to("/a%252520b")),
        Cause::PathEscapedTwice,
    );
}

#[test]
fn a_slash_at_the_end() {
    told(get("/a?b=c").sends(|wire| wire.to("/a/?b=c")), Cause::TrailingSlash);
    told(get("/a/").sends(|wire| wire.to("/a")), Cause::TrailingSlash);
    told(get("/a/").signs_instead("/a/", "/a"), Cause::TrailingSlash);
}

#[test]
fn a_prefix_that_a_proxy_strips_or_adds() {
    told(get("/api/pets?a=b").sends(|wire| wire.to("/pets?a=b")), Cause::PathPrefix);
    told(get("/pets").sends(|wire| wire.to("/api/pets")), Cause::PathPrefix);
    told(get("/api").sends(|wire| wire.to("/")), Cause::PathChanged);
}

#[test]
fn slashes_and_dots_that_a_proxy_removes() {
    told(get("/a//b").sends(|wire| wire.to("/a/b")), Cause::PathNormalised);
    told(get("/a/./c/../b").sends(|wire| wire.to("/a/b")), Cause::PathNormalised);
}

#[test]
fn a_pattern_instead_of_the_path() {
    told(get("/users/7").signs_instead("/users/7", "/users/[id]"), Cause::PathTemplate);
    told(get("/users/7").signs_instead("/users/7", "/users/{id}"), Cause::PathTemplate);
}

#[test]
fn an_empty_path_matters_only_to_some_servers() {
    let empty = get("/").literally().signs(|string| string.trim_end_matches('/').to_owned());
    told(empty, Cause::EmptyPath);
}

#[test]
fn scheme_and_host() {
    for host in ["https://example.com", "http://example.com:8080", "//example.com", "example.com"] {
        let signed =
            get("/a?b=c").signs(move |string| string.replace("/a?", &format!("{host}/a?")));
        told(signed, Cause::HostSigned);
    }
    let port = get("/a?b=c").signs(|string| string.replace("/a?", "localhost:8080/a?"));
    told(port, Cause::HostSigned);
}

#[test]
fn a_fragment() {
    let fragment = get("/a?b=c").signs(|string| format!("{string}#section"));
    fragment.told(Cause::FragmentSigned, "the path");
}

#[test]
fn another_path() {
    told(get("/a").sends(|wire| wire.to("/b")), Cause::PathChanged);
}
