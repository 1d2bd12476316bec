//! Bodies and trailers, as they stand on the wire.

use std::io::{Read, Write};

use countersign::clock::{Clock, SystemClock};

use crate::example_server::{KEY, SECRET};
use crate::proxy::{Answer, Proxy, request};
use crate::service::Service;
use crate::support::Call;

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_length_that_is_known_is_told_and_one_that_is_not_is_chunked() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    for method in ["GET", "POST", "DELETE", "PURGE"] {
        let close = "Connection: close\r\n";
        proxy.send(request(method, "/", &format!("{close}Content-Length: 3\r\n")) + "abc");
        let received = service.received();
        assert_eq!((received.header("Content-Length"), &*received.body), (Some("3"), &b"abc"[..]));
        assert_eq!(received.header("Transfer-Encoding"), None);

        let chunked = request(method, "/", &format!("{close}Transfer-Encoding: chunked\r\n"));
        proxy.send(chunked + "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
        let received = service.received();
        assert_eq!(received.header("Transfer-Encoding"), Some("chunked"), "{method}");
        assert_eq!(received.header("Content-Length"), None);
        let text = String::from_utf8(received.body).unwrap();
        let data: String = text.split("\r\n").skip(1).step_by(2).collect();
        assert_eq!(data, "abc");

        proxy.send(request(method, "/", close));
        let received = service.received();
        let length = (method == "POST").then_some("0");
        assert_eq!(received.header("Content-Length"), length, "{method}");
        assert_eq!(received.header("Transfer-Encoding"), None);
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_signed_body_reaches_the_service_with_its_digest() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    let call = || Call::put(r#"{"a":1}"#).key(KEY, SECRET).timestamp(SystemClock.wall()).sign();
    let lines = "Connection: close\r\nContent-Length: 7\r\n";
    assert_eq!(proxy.send(call().http1_head(lines) + r#"{"a":1}"#).status(), "200");
    let received = service.received();
    assert_eq!(
        (received.line(), &*received.body),
        ("PUT /accounts/1 HTTP/1.1", &br#"{"a":1}"#[..])
    );
    assert!(received.header("Content-Md5").is_some());

    let swapped = proxy.send(call().http1_head(lines) + r#"{"a":2}"#);
    assert_eq!(swapped.code(), "I400I5");
    service.assert_nothing_received();
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_body_is_not_held_until_it_is_whole() {
    let service = Service::playing(|connection, tell| {
        let head = connection.head().unwrap();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n");
        for _ in 0..2 {
            let mut piece = [0; 3];
            connection.read_exact(&mut piece);
            connection.write(piece);
        }
        tell(crate::service::Received { head, body: Vec::new() });
    });
    let proxy = Proxy::before(&service.url);
    let mut stream = proxy.connect();
    let head = request("POST", "/", "Content-Length: 6\r\nConnection: close\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // Each piece comes back before the next is sent.
    let mut answer = Vec::new();
    for piece in ["abc", "def"] {
        stream.write_all(piece.as_bytes()).unwrap();
        while !answer.ends_with(piece.as_bytes()) {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.extend(byte);
        }
    }
    assert!(String::from_utf8(answer).unwrap().ends_with("\r\n\r\nabcdef"));
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn trailers_go_with_their_body_in_both_directions() {
    let service = Service::answering(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, X-Ca-Request-Id\r\n\r\n\
         2\r\nok\r\n0\r\nX-Sum: 2\r\nX-Ca-Request-Id: 3\r\n\r\n",
    );
    let proxy = Proxy::before(&service.url);
    let lines = "Transfer-Encoding: chunked\r\nTE: trailers\r\nConnection: TE, close\r\n\
                 Trailer: X-Sum, X-Authenticated-App-Id, X-Forwarded-For, Content-Length\r\n";
    let body = "3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Authenticated-App-Id: root\r\n\
                X-Forwarded-For: 1.2.3.4\r\nContent-Length: 9\r\n\r\n";
    let answer = proxy.send(request("POST", "/", lines) + body);
    assert!(answer.body().ends_with("2\r\nok\r\n0\r\nX-Sum: 2\r\n\r\n"), "{}", answer.text());
    let received = service.received();
    assert_eq!(String::from_utf8(received.body).unwrap(), "3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n");

    let unasked = proxy.get("/", "");
    assert!(unasked.body().ends_with("2\r\nok\r\n0\r\n\r\n"), "{}", unasked.text());
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn an_answer_that_only_ends_with_its_connection_is_chunked() {
    let service = Service::playing(|connection, tell| {
        if let Some(received) = connection.request() {
            tell(received);
            connection.write("HTTP/1.0 200 OK\r\nServer: old\r\n\r\nabc");
        }
    });
    let proxy = Proxy::before(&service.url);
    let answer = proxy.get("/", "");
    assert_eq!(answer.header("Transfer-Encoding").as_deref(), Some("chunked"));
    assert_eq!(answer.body(), "3\r\nabc\r\n0\r\n\r\n");

    let old = request("GET", "/", "").replace("HTTP/1.1", "HTTP/1.0");
    let answer = proxy.send(old);
    assert_eq!((answer.header("Transfer-Encoding"), answer.body().as_str()), (None, "abc"));
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn an_answer_with_a_length_beside_chunks_has_one_framing() {
    let service = Service::answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n\
         3\r\nabc\r\n0\r\n\r\n",
    );
    let answer: Answer = Proxy::before(&service.url).get("/", "");
    assert_eq!(answer.header("Content-Length"), None, "{}", answer.text());
    assert_eq!(answer.body(), "3\r\nabc\r\n0\r\n\r\n");
}
