//! What is answered where the service is not.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::example_server::{apps_file, command};
use crate::proxy::{Answer, Proxy, connect, request};
use crate::service::Service;

const CLOSE: &str = "Connection: close\r\n";

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_service_that_is_down_is_d504co_until_it_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let proxy = Proxy::before(&url);
    let message = "Backend service connect failed `the connection was refused`";
    for method in ["GET", "POST"] {
        let lines = format!("{CLOSE}Content-Length: 3\r\n");
        let answer = proxy.send(request(method, "/", &lines) + "abc");
        answer.assert_refused("504", "D504CO", message);
        assert_eq!(answer.header("Cache-Control").as_deref(), Some("no-store"));
    }
    let refusals = r#"reverse_proxy_refusals_total{code="D504CO"} 2"#;
    assert_eq!(proxy.counted("reverse_proxy_refusals_total"), [refusals]);
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_service_that_takes_no_connection_is_d504co_after_its_time() {
    // Nobody accepts, so the queue of connections fills up and the next gets no answer.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(500)) {
        waiting.push(stream);
    }
    let proxy = Proxy::with(&format!("http://{address}"), &["--connect-secs", "1"]);
    let message = "Backend service connect failed `no connection in time`";
    proxy.get("/", "").assert_refused("504", "D504CO", message);
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_name_without_an_address_is_d504re() {
    let proxy = Proxy::before("http://no-such-host.invalid:9000");
    let message = "Backend domain `no-such-host.invalid` resolve failed";
    proxy.get("/", "").assert_refused("504", "D504RE", message);
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_service_that_does_not_answer_is_d504to() {
    let silent = Service::playing(|connection, tell| {
        while let Some(received) = connection.request() {
            tell(received);
        }
    });
    let proxy = Proxy::with(&silent.url, &["--answer-secs", "1"]);
    let lines = format!("{CLOSE}Content-Length: 3\r\n");
    for _ in 0..2 {
        let answer = proxy.send(request("POST", "/", &lines) + "abc");
        answer.assert_refused("504", "D504TO", "Backend service request timeout");
        assert_eq!(silent.received().body, b"abc");
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_caller_that_stops_in_its_body_is_not_the_services_fault() {
    let service = Service::ok();
    let proxy = Proxy::with(&service.url, &["--answer-secs", "1", "--pause-secs", "2"]);
    let stopped = request("POST", "/", &format!("{CLOSE}Content-Length: 9\r\n")) + "abc";
    let answer = proxy.send(stopped);
    answer.assert_refused("400", "I400BD", "Invalid Body: it did not arrive in time");
    assert_eq!(proxy.get("/next", "").status(), "200");
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_connection_that_ends_before_the_answer_is_d504co_and_nothing_is_sent_twice() {
    for start in ["", "HTTP/1.1 200 OK\r\nContent-Le"] {
        let closing = Service::playing(move |connection, tell| {
            if let Some(received) = connection.request() {
                tell(received);
                connection.write(start);
            }
        });
        let proxy = Proxy::before(&closing.url);
        let message = "Backend service connect failed `the connection ended before the answer`";
        proxy.get("/once", "").assert_refused("504", "D504CO", message);
        assert_eq!(closing.received().line(), "GET /once HTTP/1.1");
        closing.assert_nothing_received();
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn an_answer_that_is_none_is_d504co() {
    for (answer, reason) in [
        ("SSH-2.0-OpenSSH_9.6\r\n", "the answer is no HTTP"),
        ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "the answer is no HTTP"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "the answer is no HTTP",
        ),
        ("HTTP/1.1 200 OK\r\nBad Name: 1\r\n\r\n", "the answer is no HTTP"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "the answer has a transfer coding",
        ),
        (
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
            "it switched protocols",
        ),
    ] {
        let service = Service::answering(answer);
        let proxy = Proxy::before(&service.url);
        let message = format!("Backend service connect failed `{reason}`");
        proxy.get("/", "").assert_refused("504", "D504CO", &message);
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn an_answer_that_breaks_off_is_cut_off_for_the_caller_too() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ] {
        let service = Service::playing(move |connection, tell| {
            if let Some(received) = connection.request() {
                tell(received);
                connection.write(answer);
            }
        });
        let proxy = Proxy::before(&service.url);
        let text = proxy.send(request("GET", "/", "")).text();
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("abc"), "{text}");
        assert!(!text.ends_with("0\r\n\r\n") && !text.contains("X-Ca-Error-Code"), "{text}");
        assert_eq!(proxy.counted("reverse_proxy_broken"), ["reverse_proxy_broken_answers_total 1"]);
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn an_answer_that_stops_is_cut_off_after_its_time() {
    let service = Service::playing(|connection, tell| {
        if let Some(received) = connection.request() {
            tell(received);
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
            connection.wait_for_end();
        }
    });
    let proxy = Proxy::with(&service.url, &["--pause-secs", "1"]);
    let text = proxy.send(request("GET", "/", "")).text();
    assert!(text.ends_with("\r\n\r\nabc"), "{text}");
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_request_that_comes_back_is_i508ld() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let upstream = format!("http://{address}");
    let apps = apps_file().to_str().unwrap();
    let args = ["--listen", &address, "--upstream", &upstream, "--apps", apps];
    let mut process = command("reverse_proxy").args(args).spawn().unwrap();
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let mut stream = connect(&address);
    stream.write_all(request("GET", "/", CLOSE).as_bytes()).unwrap();
    let answer = Answer::rest_of(&mut stream);
    process.kill().unwrap();
    process.wait().unwrap();
    answer.assert_refused("508", "I508LD", "Loop Detected");
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_loop_through_another_proxy_of_the_same_name_is_found() {
    let service = Service::ok();
    let inner = Proxy::with(&service.url, &["--via", "edge"]);
    let forwarding = ["--via", "edge", "--forward-credentials"];
    let outer = Proxy::with(&inner.server.url, &forwarding);
    outer.get("/", "").assert_refused("508", "I508LD", "Loop Detected");
    service.assert_nothing_received();
    let other = Proxy::with(&inner.server.url, &["--via", "other", "--forward-credentials"]);
    assert_eq!(other.get("/", "").status(), "200");
}
