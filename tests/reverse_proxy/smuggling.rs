//! One request on the caller's connection is one request on the service's, or none.

use crate::proxy::{Proxy, request};
use crate::service::Service;

/// What must not be taken for a request: no answer to it, and nothing of it at the service.
const SMUGGLED: &str =
    "GET /smuggled HTTP/1.1\r\nHost: h\r\nAuthorization: APPCODE 0123abcd\r\n\r\n";

/// Sends a request with a hidden one behind it. It is refused and the connection closed, or the
/// service gets exactly one request, with one framing.
#[track_caller]
fn check(proxy: &Proxy, service: &Service, raw: &str) -> bool {
    let answer = proxy.send(raw);
    assert_eq!(answer.count(), 1, "{raw:?}\n{}", answer.text());
    if answer.status() == "200" {
        let received = service.received();
        assert!(!received.line().contains("smuggled"), "{raw:?}");
        let framings =
            received.all("Content-Length").len() + received.all("Transfer-Encoding").len();
        assert!(framings <= 1, "{raw:?}\n{}", received.head);
        for name in received.names() {
            assert!(!name.contains('_'), "{raw:?}\n{}", received.head);
        }
    } else {
        assert_eq!(answer.status(), "400", "{raw:?}\n{}", answer.text());
    }
    service.assert_nothing_received();
    answer.status() == "200"
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_length_beside_chunks_reaches_no_service_and_the_connection_is_closed() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    let chunked = format!("0\r\n\r\n{SMUGGLED}");
    let (short, long) = (3, chunked.len());
    for length in [short, long, 0] {
        let length = format!("Content-Length: {length}\r\n");
        for lines in [
            format!("{length}Transfer-Encoding: chunked\r\n"),
            format!("Transfer-Encoding: chunked\r\n{length}"),
            format!("Transfer-Encoding: chunked\r\n{length}Transfer-Encoding: chunked\r\n"),
        ] {
            let raw = request("POST", "/first", &lines) + &chunked;
            check(&proxy, &service, &raw);
        }
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_coding_that_is_not_chunked_alone_is_refused() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    for coding in [
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked;a=b",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: \u{b}chunked",
        "Transfer-Encoding: chunked\u{0}",
        "Transfer-Encoding: cow",
        "Transfer-Encoding:",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked",
        "Transfer-Encoding\r\n : chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\n , identity",
        "X: y\r\n Transfer-Encoding: chunked",
        "X: y\rTransfer-Encoding: chunked",
        " Transfer-Encoding: chunked",
    ] {
        for length in ["", "Content-Length: 4\r\n"] {
            let raw = request("POST", "/first", &format!("{length}{coding}\r\n"));
            let accepted = check(&proxy, &service, &(raw + "0\r\n\r\n" + SMUGGLED));
            assert!(!accepted, "{coding:?}");
        }
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_length_that_is_not_one_number_is_refused() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    for length in [
        "Content-Length: +5",
        "Content-Length: -1",
        "Content-Length: 0x5",
        "Content-Length: 5_",
        "Content-Length: 5,5",
        "Content-Length: 5, 6",
        "Content-Length: 5 5",
        "Content-Length: 18446744073709551616",
        "Content-Length: ",
        "Content-Length: \u{b}5",
        "Content-Length : 5",
        "Content-Length\t: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nContent-Length: 05x",
        "Content-Length:\r\n 5",
    ] {
        let raw = request("POST", "/first", &format!("{length}\r\n"));
        let accepted = check(&proxy, &service, &(raw + "abcde" + SMUGGLED));
        assert!(!accepted, "{length:?}");
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_length_said_twice_alike_is_one_for_the_service() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    for lengths in [
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "content_length: 9\r\nContent-Length: 05\r\n",
    ] {
        let raw = request("POST", "/first", &format!("{lengths}Connection: close\r\n")) + "abcde";
        let answer = proxy.send(raw);
        assert_eq!(answer.status(), "200", "{lengths:?}");
        let received = service.received();
        assert_eq!(received.header("Content-Length"), Some("5"));
        assert_eq!(received.body, b"abcde");
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn chunks_that_are_read_in_two_ways_are_refused_or_written_anew() {
    let service = Service::ok();
    let proxy = Proxy::with(&service.url, &["--pause-secs", "1", "--head-secs", "1"]);
    let head = request("POST", "/first", "Transfer-Encoding: chunked\r\n");
    for chunks in [
        "5;a=\"\r\n\"b\r\nabcde\r\n0\r\n\r\n",
        "+5\r\nabcde\r\n0\r\n\r\n",
        "0x5\r\nabcde\r\n0\r\n\r\n",
        "5\nabcde\n0\n\n",
        "5 \r\nabcde\r\n0\r\n\r\n",
        "5\r\nabcdefg\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nabcde\r\n0\r\n\r\n",
        "5\r\nabcde0\r\n\r\n",
        "\r\nabcde\r\n0\r\n\r\n",
    ] {
        let answer = proxy.send(format!("{head}{chunks}{SMUGGLED}"));
        // What breaks while it is sent on has no other answer than the end.
        assert!(answer.count() <= 2, "{chunks:?}\n{}", answer.text());
        while let Ok(received) = service.try_received() {
            assert_eq!(received.header("Content-Length"), None, "{chunks:?}");
            let is_whole = received.body == b"5\r\nabcde\r\n0\r\n\r\n" || received.body.is_empty();
            assert!(is_whole, "{chunks:?}: {:?}", String::from_utf8_lossy(&received.body));
        }
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn lines_that_end_in_two_ways_are_one_request() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    let bare = request("POST", "/first", "Content-Length: 5\r\nConnection: close\r\n");
    check(&proxy, &service, &(bare.replace("\r\n", "\n") + "abcde" + SMUGGLED));
    let mixed = "POST /first HTTP/1.1\r\nHost: h\r\nAuthorization: APPCODE 0123abcd\n\
                 Content-Length: 0\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    check(&proxy, &service, &format!("{mixed}{SMUGGLED}"));
    for raw in [
        "GET /first\r\nHost: h\r\n\r\n",
        "GET /first HTTP/1.1\r\nHost: h\rX: y\r\n\r\n",
        "GET /first HTTP/1.1 \r\nHost: h\r\n\r\n",
        "GET /fi\u{0}rst HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /first HTTP/1.1\r\nHost: h\r\nX\u{0}: y\r\n\r\n",
        "GET /first HTTP/1.1\r\n Host: h\r\n\r\n",
        "GET /first HTTP/2.0\r\nHost: h\r\n\r\n",
        "GET /first HTTP/1.1\r\nAuthorization: APPCODE 0123abcd\r\nConnection: close\r\n\r\n",
    ] {
        assert!(!check(&proxy, &service, raw), "{raw:?}");
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn the_host_of_the_target_and_that_of_the_header_are_not_both_told() {
    let service = Service::ok();
    let proxy = Proxy::with(&service.url, &["--preserve-host"]);
    let close = "Connection: close\r\n";
    assert_eq!(proxy.send(request("GET", "http://other.example/first", close)).status(), "200");
    let received = service.received();
    assert_eq!(received.line(), "GET /first HTTP/1.1");
    assert_eq!(received.header("Host"), Some("other.example"));
    assert!(!received.head.contains("api.example"), "{}", received.head);
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_request_behind_a_refused_one_is_no_part_of_its_body() {
    let service = Service::ok();
    let proxy = Proxy::with(&service.url, &["--head-secs", "1"]);
    // The body of what is refused is not read: what stands in it is never a request.
    for lines in [
        format!("Content-Length: {}\r\n", SMUGGLED.len()),
        "Content-Length: 1000000\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\n".to_owned(),
    ] {
        let refused = format!("POST /first HTTP/1.1\r\nHost: h\r\n{lines}\r\n{SMUGGLED}");
        let answer = proxy.send(refused);
        assert_eq!(answer.count(), 1, "{}", answer.text());
        answer.assert_refused(
            "400",
            "A400MA",
            "Need authorization, `X-Ca-Key` or `Authorization: APPCODE ...` is required",
        );
    }
    service.assert_nothing_received();

    // Behind a refused request without a body, the next is one of its own.
    let pair = format!(
        "GET /first HTTP/1.1\r\nHost: h\r\n\r\n{}",
        request("GET", "/second", "Connection: close\r\n")
    );
    let answer = proxy.send(pair);
    assert_eq!((answer.count(), answer.status().as_str()), (2, "400"), "{}", answer.text());
    assert_eq!(service.received().line(), "GET /second HTTP/1.1");
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn requests_on_one_connection_are_answered_in_their_order() {
    let service = Service::playing(|connection, tell| {
        while let Some(received) = connection.request() {
            let path = received.line().split(' ').nth(1).unwrap().to_owned();
            tell(received);
            connection
                .write(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{path}", path.len()));
        }
    });
    let proxy = Proxy::before(&service.url);
    let body = |path| request("POST", path, "Content-Length: 3\r\n") + "abc";
    let chunked = request("POST", "/2", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n";
    let last = request("GET", "/3", "Connection: close\r\n");
    let text = proxy.send(body("/1") + &chunked + &last).text();
    let places: Vec<_> =
        ["\r\n\r\n/1", "\r\n\r\n/2", "\r\n\r\n/3"].map(|part| text.find(part).unwrap()).into();
    assert!(places.is_sorted(), "{text}");
}
