//! What operators are told, and what they cannot start.

use crate::example_server::{ExampleServer, command, stdout_of};
use crate::proxy::{Proxy, request};
use crate::service::Service;

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn what_happened_is_counted_and_told_to_operators_only() {
    let service = Service::ok();
    let proxy = Proxy::before(&service.url);
    for _ in 0..3 {
        proxy.get("/metrics", "");
        assert_eq!(service.received().line(), "GET /metrics HTTP/1.1");
    }
    proxy.get("/", "Upgrade: websocket\r\n");
    proxy.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert_eq!(
        proxy.counted("reverse_proxy_answers_total"),
        [
            r#"reverse_proxy_answers_total{status="200"} 3"#,
            r#"reverse_proxy_answers_total{status="400"} 1"#,
            r#"reverse_proxy_answers_total{status="403"} 1"#,
        ]
    );
    let refusals = [r#"reverse_proxy_refusals_total{code="I403PT"} 1"#];
    assert_eq!(proxy.counted("reverse_proxy_refusals_total"), refusals);
    assert_eq!(
        proxy.counted("reverse_proxy_answer_seconds_count"),
        ["reverse_proxy_answer_seconds_count 3"]
    );
    let layers = proxy.counted("countersign_requests_total");
    assert!(
        layers.iter().any(|line| line.contains("accepted") && line.ends_with(" 3")),
        "{layers:?}"
    );
    let text = proxy.admin("/metrics").text();
    assert!(text.contains("\r\nContent-Type: text/plain; version=0.0.4\r\n"), "{text}");
    assert_eq!(proxy.admin("/").status(), "404");
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn without_an_address_for_operators_there_is_none() {
    let service = Service::ok();
    let server = ExampleServer::with_apps("reverse_proxy", &["--upstream", &service.url]);
    let mut stream = crate::proxy::connect(server.address());
    std::io::Write::write_all(
        &mut stream,
        request("GET", "/healthz", "Connection: close\r\n").as_bytes(),
    )
    .unwrap();
    crate::proxy::Answer::rest_of(&mut stream);
    assert_eq!(service.received().line(), "GET /healthz HTTP/1.1");
}

#[test]
#[ignore = "needs the reverse proxy: run scripts/test"]
fn anything_wrong_is_one_line_and_exit_code_2() {
    let help = stdout_of(command("reverse_proxy").arg("--help").output().unwrap());
    for flag in ["--upstream URL", "--apps FILE", "--redis URL", "--drain-secs"] {
        assert!(help.contains(flag), "{help}");
    }
    let upstream = ["--upstream", "http://127.0.0.1:1"];
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let cases: [(&[&str], &str); 5] = [
        (&[], "--upstream is missing"),
        (&["--upstream", "https://h"], "https is not spoken to services"),
        (&[upstream[0], upstream[1], "--admin", &taken], &taken),
        (
            &[
                upstream[0],
                upstream[1],
                "--backend-key",
                "SampleKey",
                "--backend-secret-env",
                "NO_SUCH",
            ],
            "NO_SUCH",
        ),
        (
            &[upstream[0], upstream[1], "--backend-key", "SampleKey", "--backend-secret", "hush"],
            "secret",
        ),
    ];
    for (args, named) in cases {
        let output = command("reverse_proxy").args(["--listen", "127.0.0.1:0"]).args(args).output();
        let output = output.unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.starts_with("reverse_proxy: ") && stderr.contains(named), "{stderr}");
        assert!(!stderr.contains("hush") && stderr.lines().count() == 1, "{stderr}");
        assert!(output.stdout.is_empty());
    }
}
