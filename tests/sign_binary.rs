//! `examples/sign` as a process, against the example servers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod example_server;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use tokio_rustls::rustls;

use example_server::{ExampleServer, KEY, SECRET, command, shell, stdout_of};

/// Its exit code and what it prints, with the secret of the example servers' app.
#[track_caller]
fn sign(args: &[&str]) -> (i32, String) {
    told("", args)
}

/// The same; `input` is its standard input.
#[track_caller]
fn told(input: &str, args: &[&str]) -> (i32, String) {
    let mut process = command("sign");
    process.env("COUNTERSIGN_SECRET", SECRET).stdin(Stdio::piped()).args(args);
    let mut process = process.spawn().unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let Output { status, stdout, stderr } = process.wait_with_output().unwrap();
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(!stdout.contains(SECRET) && !stderr.contains(SECRET), "it prints the secret");
    let code = status.code().unwrap();
    assert_eq!(stderr.lines().count(), usize::from(code == 2), "{args:?}: {stderr}");
    (code, stdout + &stderr)
}

fn curl_of(printed: &str) -> String {
    let at = printed.find("\ncurl ").unwrap_or_else(|| panic!("no curl command: {printed}"));
    printed[at + 1..].to_owned()
}

#[test]
#[ignore = "needs curl and the example servers: run scripts/test"]
fn the_printed_curl_is_accepted_by_the_strict_policy_once() {
    let server = ExampleServer::with_apps("axum_server", &[]);
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sign-body.bin");
    std::fs::write(&file, b"a\r\n\0\xff").unwrap();
    let from_file = format!("@{}", file.display());
    let cases: [(&[&str], &str, &str, usize); 10] = [
        (&["/a?b=1&a=x%20y+z&e=&%E4%BD%A0=%26"], "GET", "/a", 0),
        (&["HEAD", "/a"], "", "", 0),
        (&["DELETE", "/a/./b//c?x[]=1&y={2}"], "DELETE", "/a/./b//c", 0),
        (
            &["/", "-d", "{\"it's\": \"$HOME\"}\n", "-H", "Content-Type: application/json"],
            "POST",
            "/",
            18,
        ),
        (&["PUT", "/a", "-d", &from_file], "PUT", "/a", 5),
        (&["/a?b=c", "--form", "d=e&f", "--form", "g=你 好"], "POST", "/a", 31),
        (
            &[
                "/a",
                "-H",
                "X-Trace: 你",
                "-H",
                "X-Empty:",
                "--sign-header",
                "x-trace",
                "--sign-header",
                "x-empty",
            ],
            "GET",
            "/a",
            0,
        ),
        (&["/a", "--stage", "pre", "--accept", ""], "GET", "/a", 0),
        (&["/%E4%BD%A0/%61", "--raw-path"], "GET", "/%E4%BD%A0/%61", 0),
        (&["/a", "-d", ""], "GET", "/a", 0),
    ];
    for (args, method, path, bytes) in cases {
        let mut args = args.to_vec();
        let at = usize::from(!args[0].starts_with('/'));
        let url = format!("{}{}", server.url, args[at]);
        args[at] = &url;
        let (code, printed) = sign(&[&args[..], &["--key", KEY]].concat());
        assert_eq!(code, 0, "{args:?}: {printed}");
        let curl = curl_of(&printed);
        let answer = stdout_of(shell(&curl)).replace('\r', "");
        assert!(answer.starts_with("HTTP/1.1 200 OK\n"), "{curl}\n{answer}");
        let echo = format!(
            r#"{{"app":"client","method":"{method}","path":"{path}","body_bytes":{bytes}}}"#
        );
        assert!(method.is_empty() || answer.ends_with(&echo), "{curl}\n{answer}");
        let again = stdout_of(shell(&curl));
        assert!(again.contains("S403NU"), "it works once: {again}");
    }
}

#[test]
#[ignore = "needs the example servers: run scripts/test"]
fn a_call_that_is_sent_is_accepted_or_explained() {
    let server = ExampleServer::with_apps("hyper_server", &[]);
    let signed = format!("{}/a?b=c", server.url);
    let against = |more: &[&str]| {
        sign(&[&[signed.as_str(), "--key", KEY, "--against", &server.url], more].concat())
    };
    let (code, text) = against(&[]);
    assert!(code == 0 && text.ends_with("\naccepted: 200\n"), "{text}");
    let (code, text) = against(&["-d", "x", "--sign-header", "x-not-there"]);
    assert!(code == 0, "{text}");

    let other_path = format!("{}/api/a?b=c", server.url);
    for (args, parts) in [
        (&["--secret", "another"][..], ["A403IS", "no difference", "wrong-secret:"]),
        (&["--against", &other_path], ["server  \"/api/a\"", "path-prefix:", "let the proxy"]),
        (&["--timestamp", "1700000000000"], ["S403TE", "behind the answer's Date", "sign anew"]),
        (&["--timestamp", "1700000000"], ["S403TE", "seconds: multiply by 1000", "sign anew"]),
        (&["--sha1"], ["I400HD", "use HmacSHA256", "remedy"]),
        (
            &["--nonce", "a", "-H", "X-Ca-Signature: hush"],
            ["I400MH", "`X-Ca-Key` is Required", "remedy"],
        ),
    ] {
        let mut all = vec![signed.as_str(), "--key", KEY];
        if !args.contains(&"--against") {
            all.extend(["--against", &server.url]);
        }
        let (code, text) = sign(&[&all, args].concat());
        for part in parts {
            assert!(text.contains(part), "{args:?}: {part:?} is not in:\n{text}");
        }
        assert_eq!(code, 1, "{text}");
    }
    let unknown = sign(&[&signed, "--key", "unknown", "--against", &server.url]);
    assert!(unknown.0 == 1 && unknown.1.contains("A400IK"), "{}", unknown.1);
}

/// A client that is refused, its answer copied.
#[track_caller]
fn refused(line: &str) -> String {
    let answer = stdout_of(shell(line));
    assert!(answer.contains("A403IS"), "{answer}");
    answer
}

#[test]
#[ignore = "needs curl and the example servers: run scripts/test"]
fn a_copied_answer_is_explained() {
    let server = ExampleServer::with_apps("axum_server", &[]);
    let url = format!("{}/a?b=1&c=2", server.url);
    let (_, printed) = sign(&[&url, "--key", KEY, "--accept", "text/html"]);
    let answer = refused(&curl_of(&printed).replace("accept: text/html", "accept: */*"));

    // What the call is meant to be, without nonce, timestamp, key or secret.
    let explained = told(&answer, &[&url, "--accept", "text/html", "--explain", "@-"]);
    assert_eq!(explained.0, 1);
    let lines: Vec<_> = explained.1.lines().collect();
    assert_eq!(lines[0], "refused: A403IS, wrong signature");
    assert_eq!(
        lines[1..4].concat(),
        "first difference: the Accept line  client  \"text/html\"  server  \"*/*\""
    );
    assert!(lines[4].starts_with("cause   accept-changed: "), "{}", explained.1);
    let taken = "taken   from the server's string: x-ca-key, x-ca-nonce, ";
    assert!(lines.last().unwrap().starts_with(taken), "{}", explained.1);

    // What another program has signed.
    let string: Vec<_> = printed.lines().skip(1).take_while(|line| !line.is_empty()).collect();
    let string: Vec<_> = string.iter().map(|line| line.get(16..).unwrap_or_default()).collect();
    let string = string.join("\r\n");
    let own = told(&answer, &["--string", &string, "--explain", "@-"]);
    assert!(own.0 == 1 && own.1.contains("carriage-returns: "), "{}", own.1);

    // Its signature.
    let signature =
        printed.lines().find_map(|line| line.strip_prefix("  x-ca-signature: ")).unwrap();
    let header = format!("X-Ca-Signature: {}", signature.trim_end_matches('='));
    let same = answer.replace("*/*", "text/html");
    let args = [&url, "--accept", "text/html", "-H", &header, "--explain", "@-"];
    let (code, text) = told(&same, &args);
    assert!(code == 1 && text.contains("signature-encoding: "), "{text}");

    let polluted = sign(&["/a?b=1&b=2", "--explain", "X-Ca-Error-Code: I400IP"]);
    assert!(polluted.0 == 1 && polluted.1.contains("a parameter occurs twice"), "{}", polluted.1);
    let (code, text) = sign(&["--string", "x", "--explain", "Nonce Used"]);
    assert!(code == 1 && text.starts_with("refused: S403NU, Nonce Used\ncause   "), "{text}");
}

#[test]
#[ignore = "needs curl and the example servers: run scripts/test"]
fn a_wrong_secret_is_found_from_the_answer_to_a_printed_call() {
    let server = ExampleServer::with_apps("axum_server", &[]);
    let url = format!("{}/orders/7", server.url);
    let call = ["PUT", &url, "-d", r#"{"count":2}"#, "--key", KEY];
    let (_, printed) = sign(&[&call[..], &["--secret", "another"]].concat());
    let answer = refused(&curl_of(&printed));
    let explain = |more: &[&str]| {
        let (code, text) = told(&answer, &[&call[..], &["--explain", "@-"], more].concat());
        assert_eq!(code, 1, "{text}");
        text
    };

    // The AppKey and the call alone: not even the headers that signing added are told.
    let text = explain(&[]);
    assert!(text.contains("\nno difference\ncause   same-string: "), "{text}");
    assert!(
        text.contains("\nassumed Accept `*/*`, ") && text.contains("\nnext    give "),
        "{text}"
    );
    let text = explain(&["--accept", ""]);
    assert!(text.contains("\ncause   accept-added: ") && !text.contains("assumed"), "{text}");

    // All that was sent, and the secret: that is judged.
    let headers = printed.split("\nheaders\n").nth(1).unwrap();
    let headers: Vec<_> = headers.lines().take_while(|line| !line.is_empty()).collect();
    let mut whole: Vec<_> = headers.iter().flat_map(|line| ["-H", line.trim()]).collect();
    whole.extend(["--secret", "another"]);
    let text = explain(&whole);
    assert!(text.contains("\nno difference\ncause   wrong-secret: "), "{text}");
    assert!(!text.contains("assumed") && !text.contains("\nnext "), "{text}");
}

/// A server that answers every request with this.
fn answering(response: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(response.as_bytes());
        }
    });
    url
}

#[test]
#[ignore = "needs the sign example: run scripts/test"]
fn other_kinds_of_servers_are_understood() {
    for (response, outcome, part) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", 0, "accepted: 204"),
        ("HTTP/1.1 308 x\r\nLocation: /a/\r\nContent-Length: 0\r\n\r\n", 1, "sign that URL anew"),
        (
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
            1,
            "answered: 502, without X-Ca-Error-Code",
        ),
        (
            "HTTP/1.1 400 x\r\nX-Ca-Error-Message: Server StringToSign:`GET#*/*####/other`\r\nContent-Length: 17\r\n\r\nInvalid Signature",
            1,
            "no-signature-headers: ",
        ),
        (
            "HTTP/1.1 403 x\r\nContent-Length: 40\r\n\r\n{\"code\":\"S403NU\",\"message\":\"Nonce Used\"}",
            1,
            "refused: S403NU",
        ),
        (
            "HTTP/1.1 403 x\r\nX-Ca-Error-Code: A403IS\r\nContent-Length: 0\r\n\r\n",
            1,
            "does not show the server's string",
        ),
    ] {
        let url = answering(response);
        let (code, text) = sign(&["/a", "--key", KEY, "--against", &url]);
        assert!(code == outcome && text.contains(part), "{response}\n{text}");
    }
}

/// One connection over TLS, answered; the certificate's file.
fn answering_over_tls() -> (String, std::path::PathBuf) {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let name = format!("sign-ca-{}.pem", std::process::id());
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, certified.cert.pem()).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key.into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream.unwrap());
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
        }
    });
    (url, file)
}

#[test]
#[ignore = "needs the sign example: run scripts/test"]
fn a_call_is_sent_over_tls_to_whom_the_system_trusts() {
    let (url, certificate) = answering_over_tls();
    let call = ["/a", "--key", KEY, "--against", &url];
    let (code, text) = sign(&call);
    assert!(code == 2 && text.contains("certificate"), "{text}");
    let mut trusting = command("sign");
    trusting.env("COUNTERSIGN_SECRET", SECRET).env("SSL_CERT_FILE", certificate).args(call);
    let text = stdout_of(trusting.output().unwrap());
    assert!(text.ends_with("accepted: 204\n"), "{text}");
}

#[test]
#[ignore = "needs the sign example: run scripts/test"]
fn what_cannot_be_done_is_one_line_and_exit_code_2() {
    let (code, help) = sign(&["--help"]);
    assert!(code == 0 && help.starts_with("Usage: sign "), "{help}");
    for (args, part) in [
        (&[][..], "there is no URL"),
        (&["/a", "--verbose"], "--verbose"),
        (&["/a"], "--key is missing"),
        (&["/a", "--key", KEY, "-d", "@no/such"], "cannot read no/such"),
        (&["/a?b=1&b=2", "--key", KEY], "`b` occurs twice with different values"),
        (&["/a", "--key", KEY, "--sign-header", "host"], "`host` cannot be a signed header"),
        (
            &["/a", "--key", KEY, "--against", "http://127.0.0.1:1"],
            "cannot reach http://127.0.0.1:1",
        ),
    ] {
        let (code, text) = sign(args);
        assert!(code == 2 && text.contains(part), "{args:?}: {text}");
    }
    let mut without: Command = command("sign");
    let output =
        without.env_remove("COUNTERSIGN_SECRET").args(["/a", "--key", KEY]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text.contains("the AppSecret is missing: COUNTERSIGN_SECRET"), "{text}");
}
