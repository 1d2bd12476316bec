//! The example servers as a new user runs them.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

#[path = "example_server/asking.rs"]
mod asking;
mod example_server;
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use asking::{code_of, signed_now};
use countersign::clock::{Clock, SystemClock};
use example_server::{
    APP_CODE, ExampleServer, KEY, SECRET, SERVERS, apps_file, command, keep_to_the_owner, shell,
    stdout_of,
};
use support::Call;

fn each(test: impl Fn(&str)) {
    SERVERS.into_iter().for_each(test);
}

/// What `curl -i` shows of a response: status line, headers as they stand on the wire, body.
fn curl(line: &str) -> String {
    stdout_of(shell(line)).replace("\r\n", "\n")
}

fn app_code_curl(options: &str, url: &str) -> String {
    curl(&format!("curl -sS -i -H 'Authorization: APPCODE {APP_CODE}' {options} '{url}/a?b=c'"))
}

#[track_caller]
fn assert_refused(response: &str, status: &str, code: &str, message: &str) {
    let headers = format!("X-Ca-Error-Code: {code}\nX-Ca-Error-Message: {message}\n");
    assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{response}");
    assert!(response.contains(&headers), "{response}");
}

#[test]
#[ignore = "needs curl and the example servers: run scripts/test"]
fn the_printed_curl_works_exactly_once_and_the_app_code_always() {
    let longest = u64::MAX.to_string();
    each(|name| {
        for args in [
            &["--policy", "strict"][..],
            &["--policy", "gateway"],
            &["--window-secs", &longest],
            &["--policy", "gateway", "--restart-rule", "refuse"],
        ] {
            let mut server = ExampleServer::start(name, args);
            let signed = server.line("curl ");
            let with_app_code = server.line("curl ");
            let echo = r#"{"app":"demo","method":"GET","path":"/hello","body_bytes":0}"#;

            let first = curl(&signed);
            assert!(first.starts_with("HTTP/1.1 200 OK\n"), "{first}");
            assert!(first.contains("\nX-Ca-Request-Id: ") && first.ends_with(echo), "{first}");
            assert_refused(&curl(&signed), "403", "S403NU", "Nonce Used");

            let tampered = signed.replace("from=curl", "from=mallory");
            let refused = curl(&tampered);
            assert!(refused.contains("X-Ca-Error-Code: A403IS\n"), "{refused}");

            for _ in 0..2 {
                assert!(curl(&with_app_code).ends_with(echo));
            }
            // What one start printed is worth nothing to the next.
            let other = ExampleServer::start(name, args);
            let moved = with_app_code.replace(server.address(), other.address());
            assert_refused(&curl(&moved), "401", "A401AC", "Invalid AppCode");
        }
    });
}

#[test]
#[ignore = "needs the example servers: run scripts/test"]
fn help_is_printed_and_anything_wrong_is_one_line_and_exit_code_2() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let bad_apps = folder.join("bad_apps.yaml");
    std::fs::write(&bad_apps, "apps:\n  - {appId: a, appKey: '', appSecret: hush}\n").unwrap();
    let bad_apps = bad_apps.to_str().unwrap();
    let bad_plugin = folder.join("bad_plugin.yaml");
    std::fs::write(&bad_plugin, "parameter: a\njwk: {kty: OKP, crv: Ed25519, d: hush}\n").unwrap();
    let bad_plugin = bad_plugin.to_str().unwrap();

    each(|name| {
        let help = stdout_of(command(name).arg("--help").output().unwrap());
        assert!(help.starts_with(&format!("Usage: {name} ")), "{help}");

        let running = ExampleServer::start(name, &[]);
        let cases: [(&[&str], &str); 16] = [
            (&["--verbose"], "--verbose"),
            (&["file"], "file"),
            (&["--policy", "lax"], "strict or gateway"),
            (&["--window-secs", "soon"], "--window-secs"),
            (&["--max-body", "-1"], "--max-body"),
            (&["--jwt", "no/such.yaml"], "cannot read no/such.yaml"),
            (&["--jwt", bad_plugin], "bad_plugin.yaml: jwk.d: this is a private key"),
            (&["--redis", "http://:hush@h"], "--redis: the Redis URL cannot be used"),
            (&["--redis", "127.0.0.1:6390"], "its form is redis://[[USER]:PASSWORD@]HOST[:PORT]"),
            (&["--redis", "redis://:hush@h", "--state", "f"], "--state and --redis"),
            (&["--state", "no/such/file"], "cannot find no/such"),
            (&["--state", "tests"], "tests is not a regular file"),
            (&["--apps", "no/such.yaml"], "no/such.yaml"),
            (&["--apps", bad_apps], "bad_apps.yaml: apps[0].appKey: the AppKey is empty"),
            (&["--listen", running.address()], running.address()),
            (&["--listen", "nowhere"], "cannot listen on nowhere"),
        ];
        for (args, named) in cases {
            let output = command(name).args(args).output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
            assert!(stderr.starts_with(&format!("{name}: ")), "{args:?}: {stderr}");
            assert!(stderr.contains(named) && !stderr.contains("hush"), "{args:?}: {stderr}");
            assert_eq!(stderr.lines().count(), 1, "{args:?}: {stderr}");
            assert!(output.stdout.is_empty(), "{args:?}");
        }
    });
}

#[test]
#[ignore = "needs curl and the example servers: run scripts/test"]
fn an_apps_file_names_who_may_call_and_no_secret_is_printed() {
    each(|name| {
        let server = ExampleServer::with_apps(name, &["--window-secs", &u64::MAX.to_string()]);
        let accepted = app_code_curl("--data-binary 12345", &server.url);
        let echo = r#"{"app":"client","method":"POST","path":"/a","body_bytes":5}"#;
        assert!(accepted.ends_with(echo), "{accepted}");
        let head = app_code_curl("--head", &server.url);
        assert!(head.contains("\nContent-Length: 59\n") && head.ends_with("\n\n"), "{head}");

        server.terminate();
        let (_, printed) = server.wait();
        let file = std::fs::read_to_string(apps_file()).unwrap();
        for secret in [example_server::SECRET, APP_CODE] {
            assert!(file.contains(secret) && !printed.contains(secret), "{printed}");
        }
    });
}

#[test]
#[ignore = "needs curl and the example servers: run scripts/test"]
fn an_apps_file_that_changes_is_read_again_and_a_bad_one_changes_nothing() {
    let path = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("changing.yaml");
    let write = |code: &str| {
        std::fs::write(&path, format!("apps: [{{appId: a, appKey: k, appCode: {code}}}]")).unwrap();
        keep_to_the_owner(&path);
    };
    each(|name| {
        write("first");
        let server = ExampleServer::start(name, &["--apps", path.to_str().unwrap()]);
        let call = |code: &str| {
            curl(&format!("curl -sS -i -H 'Authorization: APPCODE {code}' '{}/'", server.url))
        };
        let accepted = |code: &str| call(code).starts_with("HTTP/1.1 200 OK\n");
        assert!(accepted("first"));
        write("second");
        while !accepted("second") {}
        assert_refused(&call("first"), "401", "A401AC", "Invalid AppCode");

        let mut command = command(name);
        write("''");
        let refused = command.args(["--apps", path.to_str().unwrap()]).output().unwrap();
        assert_eq!(refused.status.code(), Some(2));
        assert!(accepted("second"));
    });
}

#[test]
#[ignore = "needs curl and the example servers: run scripts/test"]
fn max_body_bounds_every_body() {
    each(|name| {
        let server = ExampleServer::with_apps(name, &["--max-body", "10"]);
        let fits = app_code_curl("--data-binary 1234567890", &server.url);
        assert!(fits.ends_with(r#""body_bytes":10}"#), "{fits}");
        let declared = "--data-binary 12345678901";
        let chunked = "-H 'Transfer-Encoding: chunked' --data-binary 12345678901";
        for options in [declared, chunked] {
            let refused = app_code_curl(options, &server.url);
            assert_refused(&refused, "413", "I413RL", "Request body too Large");
        }
    });
}

#[test]
#[ignore = "needs curl and the example servers: run scripts/test"]
fn http_2_is_served_to_those_who_know() {
    each(|name| {
        let server = ExampleServer::with_apps(name, &[]);
        let accepted = app_code_curl("--http2-prior-knowledge -d a=b", &server.url);
        assert!(accepted.starts_with("HTTP/2 200"), "{accepted}");
        assert!(accepted.ends_with(r#""method":"POST","path":"/a","body_bytes":3}"#), "{accepted}");
        let head = app_code_curl("--http2-prior-knowledge --head", &server.url);
        assert!(head.contains("\ncontent-length: 59\n"), "{head}");

        let refused = curl(&format!("curl -sS -i --http2-prior-knowledge '{}/'", server.url));
        assert!(refused.starts_with("HTTP/2 400"), "{refused}");
        assert!(refused.contains("\nx-ca-error-code: A400MA\n"), "{refused}");
    });
}

#[test]
#[ignore = "needs the example servers: run scripts/test"]
fn header_names_are_in_title_case_on_the_http_1_wire() {
    each(|name| {
        let server = ExampleServer::start(name, &[]);
        let mut wire = TcpStream::connect(server.address()).unwrap();
        wire.write_all(b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        wire.read_to_string(&mut answer).unwrap();
        let message = "X-Ca-Error-Message: Need authorization, `X-Ca-Key` or \
                       `Authorization: APPCODE ...` is required";
        for line in ["HTTP/1.1 400 Bad Request", "X-Ca-Error-Code: A400MA", message] {
            assert!(answer.lines().any(|found| found == line), "{line}\n{answer}");
        }
        assert!(answer.contains("\r\nX-Ca-Request-Id: "), "{answer}");
    });
}

#[cfg(unix)]
#[test]
#[ignore = "needs the example servers: run scripts/test"]
fn sigterm_lets_a_running_request_finish() {
    each(|name| {
        let server = ExampleServer::with_apps(name, &[]);
        let address = server.address().to_owned();
        let idle = TcpStream::connect(&address).unwrap();
        let mut running = BufReader::new(TcpStream::connect(&address).unwrap());
        let head = format!(
            "POST /late HTTP/1.1\r\nHost: h\r\nAuthorization: APPCODE {APP_CODE}\r\n\
             Expect: 100-continue\r\nContent-Length: 4\r\n\r\n"
        );
        running.get_mut().write_all(head.as_bytes()).unwrap();
        // It says so once the handler reads the body.
        let mut line = String::new();
        running.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 100 Continue\r\n");

        server.terminate();
        while TcpStream::connect(&address).is_ok() {
            std::thread::yield_now();
        }
        running.get_mut().write_all(b"late").unwrap();
        let mut answer = String::new();
        running.read_to_string(&mut answer).unwrap();
        let echo = r#"{"app":"client","method":"POST","path":"/late","body_bytes":4}"#;
        assert!(answer.ends_with(echo), "{answer}");
        assert_eq!(server.wait().0, Some(0));
        drop(idle);
    });
}

/// A new token for `examples/jwt.yaml`, as the README makes one.
fn demo_token() -> String {
    stdout_of(shell("examples/demo_token")).trim_end().to_owned()
}

#[test]
#[ignore = "needs curl, openssl and the example servers: run scripts/test"]
fn a_plug_in_document_asks_for_a_token_that_works_once() {
    each(|name| {
        let server = ExampleServer::start(name, &["--jwt", "examples/jwt.yaml"]);
        let call = |options: &str| curl(&format!("curl -sS -i {options} '{}/hello'", server.url));
        let bearer = format!("-H 'Authorization: bearer {}'", demo_token());

        let first = call(&bearer);
        assert!(first.starts_with("HTTP/1.1 200 OK\n"), "{first}");
        let echo = r#"{"app":null,"method":"GET","path":"/hello","body_bytes":0,"claims":{"#;
        assert!(first.contains(echo) && first.contains(r#""sub":"demo""#), "{first}");
        assert_refused(&call(&bearer), "403", "A403SV", "Claim `jti` in JWT is used");
        assert_refused(&call(""), "400", "I400JR", "JWT required");
        let refused = call(&format!("{bearer}x"));
        assert!(refused.contains("X-Ca-Error-Code: "), "{refused}");
    });
}

#[test]
#[ignore = "needs curl, openssl and the example servers: run scripts/test"]
fn with_apps_a_token_is_asked_for_besides_or_instead() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let document = std::fs::read_to_string("examples/jwt.yaml").unwrap();
    let either = folder.join("either.yaml");
    std::fs::write(&either, format!("{document}orAppAuth: true\nflavour: mint\n")).unwrap();
    let either = either.to_str().unwrap();
    each(|name| {
        let app_code = format!("-H 'Authorization: APPCODE {APP_CODE}'");
        let bearer = || format!("-H 'Authorization: Bearer {}'", demo_token());

        let both = ExampleServer::with_apps(name, &["--jwt", "examples/jwt.yaml"]);
        let call = |options: &str| curl(&format!("curl -sS -i {options} '{}/'", both.url));
        assert!(call(&bearer()).contains("X-Ca-Error-Code: A400MA\n"));

        let either = ExampleServer::with_apps(name, &["--jwt", either]);
        let call = |options: &str| curl(&format!("curl -sS -i {options} '{}/'", either.url));
        assert!(call(&app_code).contains(r#"{"app":"client","#));
        assert!(call(&bearer()).contains(r#"{"app":null,"#));
        assert_refused(&call(""), "400", "I400JR", "JWT required");
    });
}

fn state_file(name: &str, test: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(test).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder.join("replay").into_os_string().into_string().unwrap()
}

#[cfg(unix)]
#[test]
#[ignore = "needs the example servers: run scripts/test"]
fn lesson_25_with_a_state_file_a_stopped_server_goes_on_where_it_was() {
    each(|name| {
        let file = state_file(name, "stopped");
        let start = || ExampleServer::with_apps(name, &["--state", &file]);
        let server = start();
        let (used, unused) = (signed_now(), signed_now());
        assert_eq!(code_of(&server, &used), None);
        server.terminate();
        assert_eq!(server.wait().0, Some(0));

        let server = start();
        assert_eq!(code_of(&server, &used).as_deref(), Some("S403NU"));
        assert_eq!(code_of(&server, &unused), None, "it was signed before the restart");
    });
}

#[test]
#[ignore = "needs the example servers: run scripts/test"]
fn lesson_25_with_a_state_file_a_killed_server_refuses_what_it_may_have_accepted() {
    each(|name| {
        let file = state_file(name, "killed");
        let start = || ExampleServer::with_apps(name, &["--state", &file]);
        let server = start();
        let ahead = SystemClock.wall().saturating_add(std::time::Duration::from_secs(300));
        let ahead = Call::get("/hello").key(KEY, SECRET).timestamp(ahead).sign();
        let used = signed_now();
        assert_eq!(code_of(&server, &used), None);
        assert_eq!(code_of(&server, &ahead), None);
        // `kill -9`.
        drop(server);

        let server = start();
        assert_eq!(code_of(&server, &used).as_deref(), Some("S403TE"));
        assert_eq!(code_of(&server, &ahead).as_deref(), Some("S403TE"));
    });
}

/// What a server warns of from its start until it is told to stop, after `ask` has run.
#[cfg(unix)]
fn warnings_of(name: &str, args: &[&str], ask: impl FnOnce(&ExampleServer)) -> String {
    let mut command = command(name);
    command.args(["--listen", "127.0.0.1:0"]).args(args);
    let mut process = command.spawn().unwrap();
    let mut stderr = process.stderr.take().unwrap();
    let server = ExampleServer::listening(process);
    ask(&server);
    server.terminate();
    assert_eq!(server.wait().0, Some(0));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    said
}

#[cfg(unix)]
#[test]
#[ignore = "needs the example servers: run scripts/test"]
fn lesson_25_until_when_all_are_refused_is_said_at_every_start_before_it() {
    each(|name| {
        let file = state_file(name, "ahead");
        let server = ExampleServer::with_apps(name, &["--state", &file]);
        let ahead = SystemClock.wall().saturating_add(std::time::Duration::from_secs(600));
        let ahead = Call::get("/hello").key(KEY, SECRET).timestamp(ahead).sign();
        assert_eq!(code_of(&server, &ahead), None);
        // `kill -9`.
        drop(server);

        let args = ["--apps", apps_file().to_str().unwrap(), "--state", &file];
        let refused = |server: &ExampleServer| {
            assert_eq!(code_of(server, &signed_now()).as_deref(), Some("S403TE"));
        };
        let killed = warnings_of(name, &args, refused);
        assert!(killed.starts_with(&format!("{name}: warning: the server before")), "{killed}");
        assert_eq!(killed.lines().count(), 2, "{killed}");
        let stopped = warnings_of(name, &args, refused);
        assert_eq!(stopped.lines().count(), 1, "{stopped}");
        for said in [killed, stopped] {
            let last = said.lines().last().unwrap();
            let seconds = last.strip_prefix(&format!("{name}: warning: for ")).unwrap();
            let seconds: u64 = seconds.split_once(" s, ").unwrap().0.parse().unwrap();
            assert!((1..=605).contains(&seconds), "{last}");
            let remedy = format!("delete {file} and {file}.snapshot, ");
            assert!(last.contains("max_ahead") && last.contains(&remedy), "{last}");
        }

        std::fs::remove_file(&file).unwrap();
        std::fs::remove_file(format!("{file}.snapshot")).unwrap();
        let passes = |server: &ExampleServer| assert_eq!(code_of(server, &signed_now()), None);
        assert_eq!(warnings_of(name, &args, passes), "");
    });
}

#[cfg(unix)]
#[test]
#[ignore = "needs the example servers: run scripts/test"]
fn that_an_apps_file_cannot_be_read_again_and_that_it_can_is_a_line_each() {
    each(|name| {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("told").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let (apps, new) = (folder.join("apps.yaml"), folder.join("new.yaml"));
        let put = |text: &str| {
            std::fs::write(&new, text).unwrap();
            keep_to_the_owner(&new);
            std::fs::rename(&new, &apps).unwrap();
        };
        put("apps: [{appId: a, appKey: k, appSecret: hush}]");
        let mut command = command(name);
        command.args(["--listen", "127.0.0.1:0", "--apps", apps.to_str().unwrap()]);
        let mut process = command.spawn().unwrap();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        let _server = ExampleServer::listening(process);
        let mut told = || {
            let mut line = String::new();
            stderr.read_line(&mut line).unwrap();
            line
        };
        put("apps: []");
        let refused = told();
        let expected = "warning: apps file refused: the apps from before are served";
        assert!(refused.starts_with(&format!("{name}: {expected}")), "{refused}");
        assert!(refused.contains("apps.yaml: apps: there is none"), "{refused}");
        put("apps: [{appId: b, appKey: k, appSecret: hush}]");
        let expected = "warning: apps file read again: what it says is served apps=1";
        assert_eq!(told(), format!("{name}: {expected}\n"));
    });
}

#[test]
#[ignore = "needs curl and the example servers: run scripts/test"]
fn with_a_state_file_the_printed_curl_works_after_every_stop() {
    each(|name| {
        let file = state_file(name, "printed");
        for _ in 0..3 {
            let mut server = ExampleServer::start(name, &["--state", &file]);
            let signed = server.line("curl ");
            assert!(curl(&signed).starts_with("HTTP/1.1 200 OK\n"));
            assert_refused(&curl(&signed), "403", "S403NU", "Nonce Used");
            server.terminate();
            assert_eq!(server.wait().0, Some(0));
        }
    });
}

#[test]
#[ignore = "needs the example servers: run scripts/test"]
fn a_state_file_that_is_in_use_is_one_line_and_exit_code_2() {
    each(|name| {
        let file = state_file(name, "in use");
        let running = ExampleServer::with_apps(name, &["--state", &file]);
        let output = command(name).args(["--state", &file]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.starts_with(&format!("{name}: ")), "{stderr}");
        assert!(stderr.ends_with("replay is in use by another store\n"), "{stderr}");
        assert_eq!(stderr.lines().count(), 1);
        let wire = signed_now();
        assert_eq!(code_of(&running, &wire), None);
        drop(running);

        // A file of somebody else is a warning, and kept.
        std::fs::write(&file, "what is this?").unwrap();
        let mut command = command(name);
        command.args(["--listen", "127.0.0.1:0", "--state", &file]);
        let mut process = command.spawn().unwrap();
        let mut warning = String::new();
        BufReader::new(process.stderr.take().unwrap()).read_line(&mut warning).unwrap();
        assert!(warning.contains("replay is not believed: it is no state file"), "{warning}");
        process.kill().unwrap();
        process.wait().unwrap();
        assert_eq!(std::fs::read(format!("{file}.unusable")).unwrap(), b"what is this?");
    });
}
