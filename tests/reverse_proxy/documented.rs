//! The services of `docs/REVERSE_PROXY.md`, as they stand there.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use countersign::clock::{Clock, SystemClock};

use crate::example_server::{KEY, SECRET};
use crate::proxy::{Proxy, connect, request};
use crate::support::Call;

const PAGE: &str = include_str!("../../docs/REVERSE_PROXY.md");

/// The blocks of a language, in their order.
fn blocks(language: &str) -> Vec<&'static str> {
    let start = format!("```{language}\n");
    PAGE.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// A documented service. It is killed on drop.
struct Documented {
    process: Child,
    url: String,
}

impl Documented {
    fn start(program: &str, file: &str, code: &str) -> Self {
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
        std::fs::write(&path, code).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut command = Command::new(program);
        command.arg(&path).arg(address.port().to_string());
        let process = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let started = Self { process, url: format!("http://{address}") };
        while std::net::TcpStream::connect(address).is_err() {
            std::thread::yield_now();
        }
        started
    }
}

impl Drop for Documented {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
#[ignore = "needs python3 and the reverse proxy: run scripts/test"]
fn the_python_service_is_protected() {
    let service = Documented::start("python3", "service.py", blocks("python")[0]);
    let proxy = Proxy::before(&service.url);
    let wire = Call::get("/hello?from=curl").key(KEY, SECRET).timestamp(SystemClock.wall()).sign();
    let signed = wire.http1_head("X-Authenticated-App-Id: root\r\nConnection: close\r\n");
    let answer = proxy.send(&signed);
    assert_eq!(answer.body(), r#"{"app": "client", "path": "/hello?from=curl"}"#);
    proxy.send(&signed).assert_refused("403", "S403NU", "Nonce Used");

    let sized = "Connection: close\r\nContent-Length: 5\r\n";
    let answer = proxy.send(request("POST", "/", sized) + "abcde");
    assert_eq!(answer.body(), r#"{"app": "client", "bytes": 5}"#);
    let chunked = "Connection: close\r\nTransfer-Encoding: chunked\r\n";
    let answer = proxy.send(request("POST", "/", chunked) + "5\r\nabcde\r\n0\r\n\r\n");
    assert_eq!(answer.status(), "411");
    assert_eq!(proxy.get("/next", "").status(), "200");
}

#[test]
#[ignore = "needs node and the reverse proxy: run scripts/test"]
fn the_node_service_is_protected() {
    let service = Documented::start("node", "service.js", blocks("js")[0]);
    let proxy = Proxy::before(&service.url);
    for (lines, body) in [
        ("Content-Length: 5\r\n", "abcde"),
        ("Transfer-Encoding: chunked\r\n", "5\r\nabcde\r\n0\r\n\r\n"),
    ] {
        let answer =
            proxy.send(request("POST", "/a?b", &format!("Connection: close\r\n{lines}")) + body);
        assert!(
            answer.body().contains(r#"{"app":"client","path":"/a?b","bytes":5}"#),
            "{}",
            answer.text()
        );
    }
    proxy.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").assert_refused(
        "400",
        "A400MA",
        "Need authorization, `X-Ca-Key` or `Authorization: APPCODE ...` is required",
    );
}

#[test]
#[ignore = "needs python3 and the reverse proxy: run scripts/test"]
fn the_python_service_can_verify_the_proxy() {
    // The documented service, with the documented check in front of its answers.
    let (service, check) = (blocks("python")[0], blocks("python")[1]);
    let guard = "
def guarded(method):
    def handler(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        if not comes_from_proxy(method, self.path, self.headers, body, 'SampleSecret'):
            return self.answer(403, {'error': 'not by way of the proxy'})
        self.answer(200, {'app': self.headers['X-Authenticated-App-Id'], 'bytes': len(body)})
    return handler

Orders.do_GET, Orders.do_POST = guarded('GET'), guarded('POST')
";
    let (class, main) = service.split_once("\nport = ").unwrap();
    let code = format!("{class}\n{check}\n{guard}\nport = {main}");
    let service = Documented::start("python3", "verifying.py", &code);
    let pair = ["--backend-key", "SampleKey", "--backend-secret", "SampleSecret"];
    let proxy = Proxy::with(&service.url, &pair);
    for target in ["/", "/a%2Fb/%E4%BD%A0?z=1&y=%20x&w=&v", "/a%3Fb?c=1", "/%61-%7e", "/100%25"] {
        let answer = proxy.get(target, "");
        assert_eq!(answer.body(), r#"{"app": "client", "bytes": 0}"#, "{target}");
    }
    let lines = "Connection: close\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n";
    let answer = proxy.send(request("POST", "/", lines) + "abcde");
    assert_eq!(answer.body(), r#"{"app": "client", "bytes": 5}"#);

    let mut direct = connect(service.url.strip_prefix("http://").unwrap());
    let raw = request("GET", "/", "X-Authenticated-App-Id: root\r\nConnection: close\r\n");
    std::io::Write::write_all(&mut direct, raw.as_bytes()).unwrap();
    assert_eq!(crate::proxy::Answer::rest_of(&mut direct).status(), "403");
    let wrong = Proxy::with(&service.url, &[pair[0], pair[1], pair[2], "WrongSecret"]);
    assert_eq!(wrong.get("/", "").status(), "403");
}
