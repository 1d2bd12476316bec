//! What reaches the service, and what comes back.

use countersign::clock::{Clock, SystemClock};

use crate::example_server::{APP_CODE, KEY, SECRET};
use crate::proxy::{Proxy, request};
use crate::service::Service;
use crate::support::Call;

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_forged_identity_does_not_reach_the_service_and_the_verified_one_does() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    let forged = "X-Authenticated-App-Id: root\r\nx_authenticated_app_id: root\r\n\
                  X-Authenticated-App-Key: 1\r\nX-Authenticated-Mechanism: signature\r\n\
                  X-Ca-Proxy-Signature: s\r\nX-Ca-Request-Id: mine\r\n\
                  X_Ca_Request_Id: mine\r\nX-Original-URL: /admin\r\nProxy: http://evil\r\n";
    let answer = proxy.get("/a", forged);
    assert_eq!((answer.status(), answer.body()), ("200".to_owned(), "ok".to_owned()));

    let received = service.received();
    assert_eq!(received.header("X-Authenticated-App-Id"), Some("client"));
    assert_eq!(received.header("X-Authenticated-App-Key"), Some(KEY));
    assert_eq!(received.header("X-Authenticated-Mechanism"), Some("app_code"));
    assert_eq!(
        received.header("X-Ca-Request-Id").map(str::to_owned),
        answer.header("X-Ca-Request-Id")
    );
    let names = received.names();
    for name in ["Proxy", "X-Original-Url", "X-Ca-Proxy-Signature"] {
        assert!(!names.contains(&name), "{names:?}");
    }
    assert!(names.iter().all(|name| !name.contains('_')), "{names:?}");
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_token_alone_brings_no_identity_of_an_app_and_none_is_forged() {
    let service = Service::ok();
    let args = ["--upstream", &service.url, "--jwt", "examples/jwt.yaml"];
    let server = crate::example_server::ExampleServer::start("reverse_proxy", &args);
    let token = std::process::Command::new("examples/demo_token").output().unwrap();
    let token = String::from_utf8(token.stdout).unwrap();
    let mut stream = crate::proxy::connect(server.address());
    let head = format!(
        "POST / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\nX-Authenticated-App-Id: root\r\n\
         Transfer-Encoding: chunked\r\nTrailer: X-Sum, X-Authenticated-App-Id\r\n\
         Connection: close\r\n\r\n0\r\nX-Sum: 1\r\nX-Authenticated-App-Id: root\r\n\r\n",
        token.trim_end()
    );
    std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
    let answer = crate::proxy::Answer::rest_of(&mut stream);
    assert_eq!(answer.status(), "200", "{}", answer.text());
    let received = service.received();
    assert_eq!(received.header("X-Authenticated-App-Id"), None);
    assert_eq!(received.header("Authorization"), None, "the token is withheld");
    assert_eq!(String::from_utf8(received.body).unwrap(), "0\r\nX-Sum: 1\r\n\r\n");
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn a_signed_target_reaches_the_service_byte_for_byte() {
    let service = Service::ok();
    let proxy = Proxy::with(&service.url, &["--policy", "gateway"]);
    let based = Proxy::with(&format!("{}/base/", service.url), &["--policy", "gateway"]);
    for target in [
        "/",
        "/a//b/?",
        "/%7Euser/a%2Fb/%E4%BD%A0?b=2&a=%61&&c=+&d",
        "/a/../b/./c",
        "//elsewhere/x?y=/..//",
        "/;p=1?q='{}|",
    ] {
        for (proxy, base) in [(&proxy, ""), (&based, "/base")] {
            let wire = Call::get("/").key(KEY, SECRET).timestamp(SystemClock.wall());
            let wire = wire.change(|wire| wire.to(target)).sign();
            let answer = proxy.send(wire.http1_head("Connection: close\r\n"));
            if !base.is_empty() && target.starts_with("/a/../") {
                answer.assert_refused(
                    "400",
                    "I400PA",
                    "Invalid Request Path `it has a dot segment`",
                );
                continue;
            }
            assert_eq!(answer.status(), "200", "{target}: {}", answer.text());
            assert_eq!(service.received().line(), format!("GET {base}{target} HTTP/1.1"));
        }
    }
    service.assert_nothing_received();
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn targets_of_other_forms_lead_to_the_service_too() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    let close = "Connection: close\r\n";
    assert_eq!(proxy.send(request("GET", "http://other.example:81/a?b", close)).status(), "200");
    let received = service.received();
    assert_eq!(received.line(), "GET /a?b HTTP/1.1");
    assert_eq!(received.header("X-Forwarded-Host"), Some("other.example:81"));
    assert_eq!(received.header("Host"), service.url.strip_prefix("http://"));

    assert_eq!(proxy.send(request("GET", "http://other.example", close)).status(), "200");
    assert_eq!(service.received().line(), "GET / HTTP/1.1");
    // As bytes that many clients send, though they should not.
    assert_eq!(proxy.send(request("GET", "/你?好=吗", close)).status(), "200");
    assert_eq!(service.received().line(), "GET /你?好=吗 HTTP/1.1");
    assert_eq!(proxy.send(request("OPTIONS", "*", close)).status(), "200");
    assert_eq!(service.received().line(), "OPTIONS * HTTP/1.1");

    let refused = proxy.send(request("CONNECT", "other.example:443", close));
    refused.assert_refused("405", "I405UM", "Unsupported Method `CONNECT`");
    let refused = proxy.send(request("TRACE", "/", close));
    refused.assert_refused("405", "I405UM", "Unsupported Method `TRACE`");
    service.assert_nothing_received();
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn the_service_is_told_where_a_request_came_from_and_not_what_the_caller_says_of_it() {
    let service = Service::ok();
    let said = "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\n\
                X-Forwarded-Port: 1\r\nForwarded: for=1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\n\
                Via: 1.0 other\r\n";
    let proxy = Proxy::with(&service.url, &["--via", "edge"]);
    proxy.get("/", said);
    let received = service.received();
    for (name, value) in [
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Host", "api.example"),
        ("Via", "1.0 other, 1.1 edge"),
    ] {
        assert_eq!(received.header(name), Some(value), "{name}");
    }
    for name in ["X-Forwarded-Port", "Forwarded", "X-Real-Ip"] {
        assert_eq!(received.header(name), None);
    }

    let trusting = Proxy::with(&service.url, &["--trust-forwarded", "--preserve-host"]);
    trusting.get("/", said);
    let received = service.received();
    for (name, value) in [
        ("X-Forwarded-For", "1.2.3.4, 127.0.0.1"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "evil"),
        ("X-Forwarded-Port", "1"),
        ("Host", "api.example"),
    ] {
        assert_eq!(received.header(name), Some(value), "{name}");
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn credentials_stay_at_the_proxy_unless_the_service_wants_them() {
    let service = Service::ok();
    let withheld = Proxy::before(&service.url);
    let wire = || {
        let wire = Call::get("/a").key(KEY, SECRET).timestamp(SystemClock.wall());
        wire.sign().http1_head("Connection: close\r\n")
    };
    assert_eq!(withheld.send(wire()).status(), "200");
    let received = service.received();
    assert_eq!((received.header("X-Ca-Key"), received.header("X-Ca-Signature")), (Some(KEY), None));
    withheld.get("/a", "");
    assert!(!service.received().head.contains(APP_CODE));

    let forwarded = Proxy::with(&service.url, &["--forward-credentials", "--policy", "gateway"]);
    assert_eq!(forwarded.send(wire()).status(), "200");
    assert!(service.received().header("X-Ca-Signature").is_some());
    forwarded.get("/a", "");
    assert!(service.received().head.contains(&format!("Authorization: APPCODE {APP_CODE}")));
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn what_is_of_one_connection_ends_with_it_in_both_directions() {
    let service = Service::answering(
        "HTTP/1.1 200 OK\r\nConnection: close, X-Debug\r\nKeep-Alive: timeout=5\r\nX-Debug: 1\r\n\
         Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\nServer: s\r\nContent-Length: 0\r\n\r\n",
    );
    let proxy = Proxy::before(&service.url);
    let lines = "Connection: keep-alive, te, close\r\nKeep-Alive: 5\r\nTE: gzip, trailers\r\n\
                 Proxy-Authorization: Basic eA==\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    let answer = proxy.send(request("GET", "/", lines));
    assert_eq!(answer.status(), "200");
    assert_eq!(answer.header("Server").as_deref(), Some("s"));
    for name in ["Keep-Alive", "X-Debug", "Proxy-Authenticate", "Upgrade"] {
        assert_eq!(answer.header(name), None, "{}", answer.text());
    }
    let received = service.received();
    assert_eq!(received.header("Te"), Some("trailers"));
    assert_eq!(received.header("Connection"), Some("te"));
    for name in ["Keep-Alive", "Proxy-Authorization", "Upgrade", "Http2-Settings"] {
        assert_eq!(received.header(name), None, "{}", received.head);
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn an_offer_of_http_2_is_left_unanswered_and_the_connection_goes_on() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    let offer =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    let sized = format!("{offer}Content-Length: 3\r\n");
    let requests = request("POST", "/1", &sized) + "abc" + &request("GET", "/2", offer);
    let answer = proxy.send(requests + &request("GET", "/3", "Connection: close\r\n"));
    assert_eq!(answer.count(), 3, "{}", answer.text());
    assert_eq!(service.received().body, b"abc");
    for line in ["GET /2 HTTP/1.1", "GET /3 HTTP/1.1"] {
        let received = service.received();
        assert_eq!((received.line(), received.header("Upgrade")), (line, None));
    }
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn what_the_head_alone_forbids_is_refused_before_a_nonce_is_spent() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    let wire = Call::get("/a").key(KEY, SECRET).timestamp(SystemClock.wall()).sign();
    let send = |lines: &str| proxy.send(wire.http1_head(&format!("{lines}Connection: close\r\n")));
    send("Connection: X-Ca-Stage\r\n").assert_refused(
        "400",
        "I400HD",
        "Invalid Header `Connection` must not name `X-Ca-Stage`",
    );
    send("Connection: upgrade\r\nUpgrade: websocket\r\n").assert_refused(
        "403",
        "I403PT",
        "Invalid protocol websocket unsupported",
    );
    send("Host: other\r\n").assert_refused("400", "I400HD", "Invalid Header `Host` occurs twice");
    service.assert_nothing_received();
    assert_eq!(send("").status(), "200");
    send("").assert_refused("403", "S403NU", "Nonce Used");
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn answers_without_a_body_have_none() {
    for (method, status, length) in
        [("HEAD", "200 OK", "5"), ("GET", "204 No Content", ""), ("GET", "304 Not Modified", "")]
    {
        let service = Service::playing(move |connection, tell| {
            while let Some(received) = connection.request() {
                tell(received);
                let length = match length {
                    "" => String::new(),
                    length => format!("Content-Length: {length}\r\n"),
                };
                connection.write(format!("HTTP/1.1 {status}\r\nETag: \"1\"\r\n{length}\r\n"));
            }
        });
        let proxy = Proxy::before(&service.url);
        for _ in 0..2 {
            let answer = proxy.send(request(method, "/", "Connection: close\r\n"));
            assert!(status.starts_with(&answer.status()), "{}", answer.text());
            assert_eq!(answer.header("Content-Length").unwrap_or_default(), length);
            assert_eq!(
                (answer.body().as_str(), answer.header("ETag").as_deref()),
                ("", Some("\"1\""))
            );
            assert_eq!(answer.header("Transfer-Encoding"), None);
        }
    }
}
