//! What is not signed, because a server would refuse it or could read it as another request. A
//! request that is refused is left as it was.

use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{AppKey, AppSecret};
use countersign::error::ConfigError;
use countersign::protocol::{PathForm, SignedHeadersError, TooManyParams, UnknownSignatureMethod};
use countersign::sign::{DatePolicy, SignError, SignableBody, SignableRequest, Signer, Stamp};
use http::{HeaderName, HeaderValue, Request};

use super::signing::{accepted, form, get, instructions, post, refused, request, signed, signer};
use crate::support::{NOW, SECRET, Wire};

/// Every request that is refused, by its reason.
fn unsignable() -> Vec<(SignError, Wire)> {
    let repeated = |name: &str| SignError::RepeatedHeader(name.to_owned());
    let twice = |name: &str| SignError::RepeatedParameter(name.to_owned());
    let named = |name: &str| SignError::AmbiguousParameter(name.to_owned());
    let many_headers = (0..65).fold(get("/"), |wire, n| wire.with(&format!("x-ca-{n}"), ""));
    let many_params = "a&".repeat(1001);
    let long = "x".repeat(20_000);
    let long_headers = (0..4).fold(get("/"), |wire, n| wire.with(&format!("x-ca-{n}"), &long));
    let typed = |signed: &str| {
        post("{}").with("content-type", "a/b").with("x-ca-signed-content-type", signed)
    };
    vec![
        (SignError::NoPath, request("CONNECT", "example.com:443")),
        (SignError::NoPath, request("CONNECT", "http://example.com/")),
        (SignError::NoPath, get("example.com:443")),
        (SignError::AmbiguousPath, get("/a%3Fb=1")),
        (SignError::AmbiguousPath, get("/a%0Ab")),
        (SignError::AmbiguousPath, get("/100%2525")),
        (SignError::AmbiguousPath, get("/%61")),
        (twice("a"), get("/?a=1&a=2")),
        (twice("a"), get("/?a=1&%61=2")),
        (twice("a b"), get("/?a+b=1&a%20b=2")),
        (twice("a"), form("a=1&a=2")),
        (twice("a"), form("a=1").to("/?a=2")),
        (named("a&b"), get("/?a%26b=1")),
        (named("a=b"), get("/?a%3Db")),
        (named("a b"), form("a+b")),
        (SignError::TooManyParams(TooManyParams), get(&format!("/?{many_params}"))),
        (repeated("Content-Type"), post("").and("content-type", "a/b").and("content-type", "a/b")),
        (repeated("Content-MD5"), get("/").and("content-md5", "1").and("content-md5", "1")),
        (repeated("Authorization"), get("/").and("authorization", "a").and("authorization", "b")),
        (repeated("Accept"), get("/").and("accept", "a/b").and("accept", "b/c")),
        (repeated("Date"), get("/").and("date", "1").and("date", "2")),
        (repeated("x-ca-x"), get("/").and("x-ca-x", "1").and("x-ca-x", "2")),
        (repeated("x-chosen"), get("/").and("x-chosen", "1").and("x-chosen", "2")),
        (SignError::SignedHeaders(SignedHeadersError::TooMany), many_headers),
        (SignError::SignedHeaders(SignedHeadersError::TooLong), long_headers),
        (SignError::TooLong, get("/").with("accept", "x".repeat(64 * 1024))),
        (SignError::SignedContentType, typed("a/c")),
        (SignError::SignedContentType, typed("application/x-www-form-urlencoded")),
        (SignError::SignedContentType, get("/").with("x-ca-signed-content-type", "a/b")),
        (SignError::ContentMd5, get("/").with("content-md5", "x")),
        (SignError::ContentLength, get("/").with("content-length", "1")),
    ]
}

fn chooser() -> Signer {
    signer().with_signed_headers([HeaderName::from_static("x-chosen")]).unwrap()
}

#[test]
fn what_a_server_would_refuse_is_not_signed() {
    for (error, wire) in unsignable() {
        assert_eq!(refused(&chooser(), wire.clone()), error, "{:?}", wire.target);
    }
}

#[test]
fn a_request_that_is_refused_is_left_as_it_was() {
    for (error, wire) in unsignable() {
        let mut request = Request::new(());
        *request.method_mut() = wire.method.clone();
        *request.uri_mut() = wire.target.clone();
        *request.headers_mut() = wire.headers.clone();
        let (mut head, ()) = request.into_parts();
        let body = SignableBody::Bytes(&wire.body);
        assert_eq!(chooser().sign_parts(&mut head, body), Err(error));
        assert_eq!(head.headers, wire.headers);
        assert_eq!(head.uri, wire.target);
    }
}

#[test]
fn what_looks_alike_and_is_harmless_is_signed() {
    for wire in [
        get("/?a=1&a=1"),
        get("/?a=1&A=2"),
        get("/?a&a="),
        get("/?a=x%26b=1"),
        get("/?a+b=1"),
        get("/100%25"),
        get("/a%2Fb+c"),
        get("/%zz"),
        form("a=1").to("/?a=1"),
        get("/").and("accept", "a/b").and("accept", "a/b"),
        get("/").and("x-ca-x", "1").and("x-ca-x", " 1"),
        get("/").and("cookie", "a=1").and("cookie", "b=2"),
    ] {
        accepted(&signer(), wire);
    }
}

#[test]
fn a_path_that_reads_as_another_one_is_signed_raw() {
    let signer = signer().with_path_form(PathForm::Raw);
    for target in ["/a%3Fb=1", "/a%0Ab", "/100%2525", "/%61", "/%E5%90%8D", "/a"] {
        accepted(&signer, get(target));
    }
}

#[test]
fn as_much_as_a_verifier_reads_is_signed() {
    let headers = (0..60).fold(get("/"), |wire, n| wire.with(&format!("x-ca-{n}"), ""));
    accepted(&signer(), headers);
    accepted(&signer(), get(&format!("/?{}", "a&".repeat(1000))));
}

/// A request with as many headers as one can have, less these.
fn nearly_full(less: usize) -> Wire {
    let mut wire = get("/");
    let name = |n: usize| HeaderName::try_from(format!("h{n}")).unwrap();
    let mut count = 0;
    while wire.headers.try_append(name(count), HeaderValue::from_static("")).is_ok() {
        count += 1;
    }
    for n in 0..less {
        assert!(wire.headers.remove(name(n)).is_some());
    }
    wire
}

#[test]
fn a_request_that_can_have_no_more_headers_is_left_as_it_was() {
    // Six or seven are added.
    for less in [0, 3, 5] {
        let full = nearly_full(less);
        assert_eq!(refused(&signer(), full.clone()), SignError::TooManyHeaders, "{less}");
        // Instructions that are applied to another request do no better.
        let instructions = instructions(&signer(), &get("/")).unwrap();
        let mut headers = full.headers.clone();
        assert_eq!(instructions.apply_to(&mut headers), Err(SignError::TooManyHeaders));
        assert_eq!(headers, full.headers, "{less}");
    }
}

#[test]
fn an_unknown_method_is_no_default() {
    let wire = get("/").with("x-ca-signature-method", "HmacSHA512");
    let body = SignableBody::Empty;
    let request = SignableRequest::new(&wire.method, &wire.target, &wire.headers, body);
    let refused = signer().sign_as_declared(&request).unwrap_err();
    assert_eq!(refused, SignError::Method(UnknownSignatureMethod));
    // The signer's own method replaces it.
    accepted(&signer(), wire);
}

#[test]
fn a_nonce_is_one_that_survives_and_a_verifier_reads() {
    let at = UnixMillis::new(NOW);
    let long = "x".repeat(257);
    for nonce in ["", " ", "a ", "\ta", "a\nb", "\u{7f}", &long] {
        assert_eq!(Stamp::new(at, nonce).unwrap_err(), SignError::Nonce, "{nonce:?}");
    }
    for nonce in ["a", "a b", "名", &long[1..]] {
        assert_eq!(Stamp::new(at, nonce).unwrap().nonce(), nonce.as_bytes());
    }
}

#[test]
fn a_date_after_the_year_9999_cannot_be_said() {
    let at = |millis| {
        signer().with_date(DatePolicy::Now).with_clock(ManualClock::at(UnixMillis::new(millis)))
    };
    assert_eq!(refused(&at(u64::MAX), get("/")), SignError::Date);
    assert_eq!(refused(&at(253_402_300_800_000), get("/")), SignError::Date);
    let wire = signed(&at(253_402_300_799_999), get("/")).unwrap();
    assert_eq!(wire.header("date"), b"Fri, 31 Dec 9999 23:59:59 GMT");
}

#[test]
fn a_signer_that_could_not_sign_is_not_made() {
    let signer = |key: &str| {
        Signer::new(AppKey::new(key).unwrap(), AppSecret::new(SECRET).unwrap()).map(|_| ())
    };
    for key in ["a\nb", " a", "a\t", "\0", "a\u{7f}"] {
        assert_eq!(signer(key), Err(ConfigError::NoHeaderValue("the AppKey")), "{key:?}");
    }
    for key in ["203710001", "键", "a b"] {
        assert_eq!(signer(key), Ok(()));
    }
}

#[test]
fn a_header_that_does_not_arrive_as_it_was_signed_cannot_be_chosen() {
    let choose = |name: &'static str| {
        signer().with_signed_headers([HeaderName::from_static(name)]).map(|_| ())
    };
    for name in [
        "host",
        "content-length",
        "connection",
        "transfer-encoding",
        "te",
        "upgrade",
        "proxy-authorization",
        "accept",
        "date",
        "content-type",
        "content-md5",
        "x-ca-signature",
        "x-ca-signature-headers",
    ] {
        assert!(
            matches!(choose(name), Err(ConfigError::NotSignable { header, .. }) if header == name)
        );
    }
    for name in ["authorization", "user-agent", "cookie", "x-ca-stage", "x-y"] {
        assert_eq!(choose(name), Ok(()));
    }
}
