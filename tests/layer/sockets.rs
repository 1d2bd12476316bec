//! The layer behind hyper, on real sockets.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::backend::Backend;
use crate::client::{Client, Version, serve};
use crate::support::Call;

async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = Vec::new();
    while !String::from_utf8_lossy(&text).contains(end) {
        let mut buffer = [0; 1024];
        match stream.read(&mut buffer).await.unwrap() {
            0 => break,
            read => text.extend(&buffer[..read]),
        }
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn a_caller_that_expects_100_continue_is_told_to_continue_only_when_its_head_has_passed() {
    let backend = Backend::strict();
    let address = serve(backend.app()).await;
    let framing = "expect: 100-continue\r\ncontent-length: 2\r\n";

    let mut stream = TcpStream::connect(address).await.unwrap();
    let call = Call::post("/").json("{}").sign();
    stream.write_all(call.http1_head(framing).as_bytes()).await.unwrap();
    assert_eq!(read_until(&mut stream, "\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{}").await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");

    let mut stream = TcpStream::connect(address).await.unwrap();
    let forged = Call::post("/").json("{}").key("203710001", "wrong").sign();
    stream.write_all(forged.http1_head(framing).as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{answer}");
    assert!(answer.contains("\r\nX-Ca-Error-Code: A403IS\r\n"), "{answer}");
}

#[tokio::test]
async fn a_chunked_body_with_trailers_is_verified() {
    let backend = Backend::strict();
    let address = serve(backend.app()).await;
    let call = Call::post("/").digested("hello world").sign();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let framing = "transfer-encoding: chunked\r\ntrailer: x-checksum\r\n";
    stream.write_all(call.http1_head(framing).as_bytes()).await.unwrap();
    let chunks = b"6\r\nhello \r\n5\r\nworld\r\n0\r\nx-checksum: 1\r\n\r\n";
    stream.write_all(chunks).await.unwrap();
    let answer = read_until(&mut stream, "hello world").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("Seen-Trailers: 1"), "{answer}");
}

#[tokio::test]
async fn lesson_13_an_abort_in_the_middle_of_a_body_leaves_the_nonce_unspent() {
    let backend = Backend::strict();
    let address = serve(backend.app()).await;
    let call = Call::post("/").json(r#"{"a":1}"#).sign();
    {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = call.http1_head("content-length: 7\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(b"{\"a").await.unwrap();
        stream.shutdown().await.unwrap();
        let _ = read_until(&mut stream, "never").await;
    }
    assert_eq!(backend.started(), 0);
    let mut client = Client::connect(address, Version::Http1).await;
    assert_eq!(client.send(crate::backend::whole(&call)).await.code(), "200");
}

#[tokio::test]
async fn lesson_15_a_repeated_security_header_is_refused_on_the_wire() {
    let backend = Backend::strict();
    let address = serve(backend.app()).await;
    for name in ["x-ca-signature", "x-ca-key", "x-ca-nonce", "x-ca-timestamp", "authorization"] {
        let call = Call::get("/").header("authorization", "Basic eDp5").sign();
        let again = format!("{name}: {}\r\n", String::from_utf8_lossy(call.header(name)));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(call.http1_head(&again).as_bytes()).await.unwrap();
        let answer = read_until(&mut stream, "\r\n\r\n").await;
        assert!(answer.contains("X-Ca-Error-Code: I400HD"), "{name}: {answer}");
    }
    assert_eq!(backend.started(), 0);
}

#[tokio::test]
async fn a_raw_utf_8_header_value_is_verified_on_the_wire() {
    let backend = Backend::strict();
    let address = serve(backend.app()).await;
    for version in [Version::Http1, Version::Http2] {
        let call =
            Call::get("/").signed_header("x-name", "张三").nonce(format!("名-{version:?}")).sign();
        let mut client = Client::connect(address, version).await;
        assert_eq!(client.send(crate::backend::whole(&call)).await.code(), "200", "{version:?}");
    }
}
