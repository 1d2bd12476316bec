//! Callers that are slow, greedy or gone.

use std::io::{Read, Write};

use crate::proxy::{Answer, Proxy, request};
use crate::service::Service;

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_caller_that_expects_100_continue_is_told_to_when_the_service_is_there() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    let mut stream = proxy.connect();
    let lines = "Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n";
    stream.write_all(request("POST", "/", lines).as_bytes()).unwrap();
    let mut told = [0; 25];
    stream.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"abc").unwrap();
    assert_eq!(Answer::rest_of(&mut stream).status(), "200");
    let received = service.received();
    assert_eq!((received.header("Expect"), &*received.body), (None, &b"abc"[..]));

    let down = Proxy::before("http://127.0.0.1:1");
    let mut stream = down.connect();
    stream.write_all(request("POST", "/", lines).as_bytes()).unwrap();
    let answer = Answer::rest_of(&mut stream);
    assert_eq!((answer.count(), answer.code().as_str()), (1, "D504CO"), "{}", answer.text());
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn interim_answers_of_the_service_are_not_the_answer() {
    let service = Service::answering(
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n\
         HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    );
    let answer = Proxy::before(&service.url).get("/", "");
    assert_eq!((answer.count(), answer.body().as_str()), (1, "ok"), "{}", answer.text());
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_caller_that_does_not_get_to_the_end_of_its_head_is_cut_off() {
    let service = Service::ok();
    let proxy = Proxy::with(&service.url, &["--head-secs", "1"]);
    for start in ["", "P", "PRI * HTTP", "GET / HTTP/1.1\r\nHost: h\r\n"] {
        let answer = proxy.send(start);
        assert!(["", "408"].contains(&answer.status().as_str()), "{start:?}: {}", answer.text());
    }
    service.assert_nothing_received();
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_head_that_is_too_long_is_refused() {
    let service = Service::ok();
    let proxy = Proxy::with(&service.url, &["--max-head", "16384"]);
    let long = |bytes: usize| format!("X-Long: {}\r\n", "x".repeat(bytes));
    assert_eq!(proxy.get("/", &long(10_000)).status(), "200");
    assert_eq!(proxy.get("/", &long(20_000)).status(), "431");
    let many = "X-Many: 1\r\n".repeat(200);
    assert_eq!(proxy.get("/", &many).status(), "431");
    let target = format!("/{}", "x".repeat(9000));
    proxy.get(&target, "").assert_refused("413", "I413UL", "Request URL too Large");
    service.received();
    service.assert_nothing_received();
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_body_that_is_too_long_is_refused_however_it_is_told() {
    let service = Service::ok();
    let proxy = Proxy::with(&service.url, &["--max-body", "10"]);
    let close = "Connection: close\r\n";
    let told = request("POST", "/", &format!("{close}Content-Length: 11\r\n")) + "12345678901";
    proxy.send(told).assert_refused("413", "I413RL", "Request body too Large");
    let chunks = "b\r\n12345678901\r\n0\r\n\r\n";
    let untold = request("POST", "/", &format!("{close}Transfer-Encoding: chunked\r\n")) + chunks;
    proxy.send(untold).assert_refused("413", "I413RL", "Request body too Large");
    service.assert_nothing_received();
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_caller_that_goes_away_ends_the_request_at_the_service() {
    let service = Service::playing(|connection, tell| {
        if let Some(received) = connection.request() {
            tell(received.clone());
            connection.wait_for_end();
            tell(received);
        }
    });
    let proxy = Proxy::before(&service.url);
    let mut stream = proxy.connect();
    stream.write_all(request("GET", "/", "").as_bytes()).unwrap();
    service.received();
    drop(stream);
    // The second time it is told is when the proxy has closed.
    service.received();
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_caller_that_takes_nothing_of_its_answer_is_cut_off() {
    let service = Service::playing(|connection, tell| {
        let received = connection.request().unwrap();
        tell(received.clone());
        connection.write("HTTP/1.1 200 OK\r\n\r\n");
        while connection.write([b'x'; 1 << 16]) {}
        tell(received);
    });
    let proxy = Proxy::with(&service.url, &["--pause-secs", "1"]);
    let mut stream = proxy.connect();
    stream.write_all(request("GET", "/", "").as_bytes()).unwrap();
    service.received();
    service.received();
    drop(stream);
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn connections_to_the_service_are_used_again() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let made = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let service = Service::playing(move |connection, tell| {
        count.fetch_add(1, Ordering::SeqCst);
        while let Some(received) = connection.request() {
            tell(received);
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    let proxy = Proxy::with(&service.url, &["--keep-secs", "60"]);
    for _ in 0..5 {
        assert_eq!(proxy.get("/", "").status(), "200");
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_connection_that_the_service_closed_meanwhile_is_not_used() {
    let service = Service::playing(|connection, tell| {
        if let Some(received) = connection.request() {
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            connection.close();
            tell(received);
        }
    });
    let proxy = Proxy::before(&service.url);
    for _ in 0..20 {
        assert_eq!(proxy.get("/", "").status(), "200");
        service.received();
    }
}
