//! The end of the process.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Barrier};

use crate::proxy::{Proxy, request};
use crate::service::Service;

#[cfg(unix)]
#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn sigterm_turns_it_unhealthy_then_deaf_and_lets_running_requests_finish() {
    let finish = Arc::new(Barrier::new(2));
    let barrier = Arc::clone(&finish);
    let slow = Service::playing(move |connection, tell| {
        let received = connection.request().unwrap();
        tell(received);
        barrier.wait();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
    });

    let proxy = Proxy::with(&slow.url, &["--drain-delay-secs", "3"]);
    assert_eq!(proxy.admin("/healthz").body(), "ready\n");
    let mut running = proxy.connect();
    running.write_all(request("GET", "/slow", "").as_bytes()).unwrap();
    slow.received();

    proxy.server.terminate();
    while proxy.admin("/healthz").status() == "200" {}
    let health = proxy.admin("/healthz");
    assert_eq!((health.status(), health.body()), ("503".to_owned(), "draining\n".to_owned()));
    assert!(TcpStream::connect(proxy.server.address()).is_ok(), "it accepts for a while yet");
    while TcpStream::connect(proxy.server.address()).is_ok() {
        std::thread::yield_now();
    }
    assert_eq!(proxy.admin("/healthz").status(), "503", "the operator is answered to the end");

    finish.wait();
    let mut answer = String::new();
    running.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("late"), "{answer}");
    assert_eq!(proxy.server.wait().0, Some(0));
}

#[cfg(unix)]
#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_request_that_does_not_finish_does_not_keep_the_process() {
    let silent = Service::playing(|connection, tell| {
        if let Some(received) = connection.request() {
            tell(received);
            connection.wait_for_end();
        }
    });
    let proxy = Proxy::with(&silent.url, &["--drain-secs", "1"]);
    let mut running = proxy.connect();
    running.write_all(request("GET", "/", "").as_bytes()).unwrap();
    silent.received();
    proxy.server.terminate();
    assert_eq!(proxy.server.wait().0, Some(0));
}
