//! Example servers that share one Redis, as an operator runs them.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

#[path = "example_server/asking.rs"]
mod asking;
mod example_server;
mod redis_server;
mod support;

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use asking::{ask, code_of, signed_now};
use example_server::{ExampleServer, SERVERS, apps_file, command, shell, stdout_of};
use redis_server::tls::Authority;
use redis_server::{Server, until};
use support::{Call, Wire};
use tokio::net::TcpListener;

/// `axum_server` and `hyper_server`, with one Redis.
fn both(redis: &Server) -> [ExampleServer; 2] {
    SERVERS.map(|name| ExampleServer::with_apps(name, &["--redis", &redis.url()]))
}

#[track_caller]
fn assert_code(server: &ExampleServer, wire: &Wire, code: &str) {
    assert_eq!(code_of(server, wire).as_deref(), Some(code));
}

#[test]
#[ignore = "needs redis-server and the example servers: run scripts/test"]
fn lesson_24_what_one_server_accepts_the_other_refuses() {
    let redis = Server::start();
    let [axum, hyper] = both(&redis);
    for (one, other) in [(&axum, &hyper), (&hyper, &axum)] {
        let wire = signed_now();
        assert_eq!(code_of(one, &wire), None);
        assert_code(other, &wire, "S403NU");
        assert_code(one, &wire, "S403NU");
    }
    // Whatever becomes of the servers.
    let (used, unused) = (signed_now(), signed_now());
    assert_eq!(code_of(&axum, &used), None);
    drop((axum, hyper));
    for server in both(&redis) {
        assert_code(&server, &used, "S403NU");
    }
    let [axum, hyper] = both(&redis);
    assert_eq!(code_of(&axum, &unused), None, "it was signed before the restart");
    assert_code(&hyper, &unused, "S403NU");
}

#[test]
#[ignore = "needs openssl, redis-server and the example servers: run scripts/test"]
fn lesson_24_a_token_that_one_server_took_is_used_on_the_other() {
    let redis = Server::start();
    let args = ["--jwt", "examples/jwt.yaml", "--redis", &redis.url()];
    let [axum, hyper] = SERVERS.map(|name| ExampleServer::start(name, &args));
    for (one, other) in [(&axum, &hyper), (&hyper, &axum)] {
        let token = stdout_of(shell("examples/demo_token"));
        let bearer = format!("Bearer {}", token.trim_end());
        let wire = Call::get("/hello").header("authorization", bearer).sign();
        assert_eq!(code_of(one, &wire), None);
        assert_code(other, &wire, "A403SV");
        assert_code(one, &wire, "A403SV");
    }
}

#[test]
#[ignore = "needs curl, redis-server and the example servers: run scripts/test"]
fn the_printed_curl_works_once_though_the_memory_begins_with_the_server() {
    let redis = Server::start();
    for name in SERVERS {
        for _ in 0..5 {
            let _: () = redis.run(&["FLUSHALL"]);
            let mut server = ExampleServer::start(name, &["--redis", &redis.url()]);
            let signed = server.line("curl ");
            let first = stdout_of(shell(&signed));
            assert!(first.starts_with("HTTP/1.1 200 OK\r\n"), "{first}");
            assert!(stdout_of(shell(&signed)).contains("X-Ca-Error-Code: S403NU\r\n"));
        }
    }
}

/// In Redis's place: takes connections, counts them and hangs up.
struct Nobody {
    called: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Nobody {
    async fn at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let called = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&called);
        let task = tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { called, task }
    }

    /// Leaves the port, and tells how often it was called.
    async fn leave(self) -> usize {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
        self.called.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server and the example servers: run scripts/test"]
async fn lesson_23_while_redis_is_away_all_are_refused_and_it_is_hardly_asked() {
    const REQUESTS: usize = 200;
    let mut redis = Server::start();
    let servers = both(&redis);
    let used = signed_now();
    assert_eq!(code_of(&servers[0], &used), None);

    redis.kill();
    let nobody = Nobody::at(redis.port()).await;
    for server in &servers {
        for _ in 0..REQUESTS {
            let answer = ask(server, &signed_now());
            assert_eq!(answer.header("X-Ca-Error-Code"), Some("X503BZ"));
            assert_eq!(answer.header("X-Ca-Error-Message"), Some("Service Busy"));
            assert!(answer.header("Retry-After").unwrap().parse::<u64>().unwrap() > 0);
        }
    }
    // Each asked a few times, and then once in a second for all.
    let calls = nobody.leave().await;
    assert!((2..REQUESTS / 4).contains(&calls), "{calls} calls for {REQUESTS} requests each");

    // It comes back with nothing in it, and the servers need nobody to tell them.
    redis.restart();
    for server in &servers {
        until(|| code_of(server, &signed_now()).is_none()).await;
        assert_code(server, &used, "S403TE");
    }
    let [axum, hyper] = &servers;
    let wire = signed_now();
    assert_eq!(code_of(axum, &wire), None);
    assert_code(hyper, &wire, "S403NU");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server and the example servers: run scripts/test"]
async fn lesson_23_that_redis_goes_and_comes_back_is_a_line_each_however_many_are_refused() {
    for name in SERVERS {
        let mut redis = Server::start();
        let mut process = command(name)
            .args(["--listen", "127.0.0.1:0", "--redis", &redis.url()])
            .args(["--apps".as_ref(), apps_file().as_os_str()])
            .spawn()
            .unwrap();
        let mut stderr = process.stderr.take().unwrap();
        let server = ExampleServer::listening(process);
        assert_eq!(code_of(&server, &signed_now()), None);
        redis.kill();
        for _ in 0..100 {
            assert_code(&server, &signed_now(), "X503BZ");
        }
        redis.restart();
        until(|| code_of(&server, &signed_now()).is_none()).await;

        drop(server);
        let mut said = String::new();
        stderr.read_to_string(&mut said).unwrap();
        // Of its first memory, of the outage, of its end, and of the memory after it.
        const BEGINS: &str = "the memory in Redis begins now: what was claimed before may be lost";
        let lines: Vec<_> = said.lines().collect();
        let count = |what: &str| lines.iter().filter(|line| line.contains(what)).count();
        assert_eq!(count("Redis fails: it is not asked for a while"), 1, "{said}");
        assert_eq!(count("Redis answers again"), 1, "{said}");
        assert_eq!(count(BEGINS), 2, "{said}");
        assert_eq!(lines.len(), 4, "{said}");
        assert_eq!(lines[0], format!("{name}: warning: {BEGINS}"));
        assert!(count(&format!("{name}: warning: ")) == 4 && !said.contains('\u{1b}'), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server and the example servers: run scripts/test"]
async fn lesson_23_a_redis_that_is_away_at_the_start_is_warned_of_and_waited_for() {
    for name in SERVERS {
        let mut redis = Server::with(&["--requirepass", "hush"]);
        redis.kill();
        let url = format!("redis://:hush@127.0.0.1:{}", redis.port());
        let mut process = command(name)
            .args(["--listen", "127.0.0.1:0", "--redis", &url])
            .args(["--apps".as_ref(), apps_file().as_os_str()])
            .spawn()
            .unwrap();
        let mut stderr = process.stderr.take().unwrap();
        let server = ExampleServer::listening(process);
        assert_code(&server, &signed_now(), "X503BZ");
        redis.restart();
        until(|| code_of(&server, &signed_now()).is_none()).await;

        drop(server);
        let mut said = String::new();
        stderr.read_to_string(&mut said).unwrap();
        let first = said.lines().next().unwrap();
        assert!(
            first.starts_with(&format!("{name}: warning: the connection to Redis fa")),
            "{said}"
        );
        assert!(first.ends_with("; until that is mended requests get X503BZ"), "{said}");
        assert!(!said.contains("hush"), "{said}");
    }
}

#[test]
#[ignore = "needs redis-server and the example servers: run scripts/test"]
fn lesson_23_what_somebody_has_to_mend_is_one_line_and_exit_code_2() {
    let cache = Server::with(&["--maxmemory-policy", "allkeys-lru"]);
    let locked = Server::with(&["--requirepass", "right"]);
    let with_password = format!("redis://:hush@127.0.0.1:{}", locked.port());
    for name in SERVERS {
        for (url, said) in [
            (cache.url(), "the server's maxmemory-policy is allkeys-lru"),
            (with_password.clone(), "Password authentication failed"),
            (locked.url(), "NOAUTH"),
        ] {
            let output = command(name).args(["--redis", &url]).output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{stderr}");
            assert!(stderr.starts_with(&format!("{name}: --redis: ")), "{stderr}");
            assert!(stderr.contains(said) && !stderr.contains("hush"), "{stderr}");
            assert!(stderr.lines().count() == 1 && output.stdout.is_empty(), "{stderr}");
        }
    }
}

#[test]
#[ignore = "needs openssl, redis-server and the example servers: run scripts/test"]
fn the_connection_may_be_encrypted_and_no_password_is_printed() {
    let authority = Authority::new("example_redis_tls");
    let (redis, port) = authority.server(&["--requirepass", "hush"]);
    let url = format!("rediss://:hush@127.0.0.1:{port}");
    for name in SERVERS {
        let mut process = command(name)
            .args(["--listen", "127.0.0.1:0", "--redis", &url])
            .args(["--apps".as_ref(), apps_file().as_os_str()])
            .env("SSL_CERT_FILE", authority.certificate())
            .spawn()
            .unwrap();
        let stderr = process.stderr.take().unwrap();
        let server = ExampleServer::listening(process);
        let wire = signed_now();
        assert_eq!(code_of(&server, &wire), None);
        assert_code(&server, &wire, "S403NU");
        server.terminate();
        let (code, stdout) = server.wait();
        assert_eq!(code, Some(0));
        let stderr: Vec<_> = BufReader::new(stderr).lines().map(Result::unwrap).collect();
        let begins = |line: &String| line.contains("the memory in Redis begins now");
        assert!(stderr.iter().all(begins) && !stdout.contains("hush"), "{stderr:?} {stdout}");
    }
    drop(redis);
}
