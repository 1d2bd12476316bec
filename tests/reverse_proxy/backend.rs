//! The service takes requests from the proxy only: it verifies the back-end signature.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use countersign::clock::{Clock, SystemClock};
use countersign::credential::{BackendKey, BackendPair, BackendSecret};
use countersign::middleware::{BackendSignatureLayer, RequestBody};
use countersign::store::MemoryReplayStore;
use countersign::verify::backend::{
    BackendPairs, BackendPolicy, BackendVerifier, ReplayProtection,
};
use http::{HeaderName, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{Layer, service_fn};

use crate::example_server::{KEY, SECRET};
use crate::proxy::{Answer, Proxy, connect, request};
use crate::support::Call;

const PAIR: [&str; 4] = ["--backend-key", "SampleKey", "--backend-secret", "SampleSecret"];

/// A service that believes who the proxy says is calling, and sends back the body.
async fn service() -> SocketAddr {
    let pair = BackendPair::new(
        BackendKey::new("SampleKey").unwrap(),
        BackendSecret::new("SampleSecret").unwrap(),
    );
    let told = [
        "x-authenticated-app-id",
        "x-authenticated-app-key",
        "x-authenticated-mechanism",
        "x-ca-request-id",
        "x-forwarded-for",
    ];
    let policy = BackendPolicy::strict().with_replay_protection(ReplayProtection::Required);
    let policy = told
        .into_iter()
        .map(HeaderName::from_static)
        .fold(policy, BackendPolicy::with_covered_header);
    let pairs = BackendPairs::new([pair]).unwrap();
    let verifier = BackendVerifier::new(pairs, MemoryReplayStore::new()).with_policy(policy);
    let echo = service_fn(async |request: Request<RequestBody<Incoming>>| {
        let app = request.headers()["x-authenticated-app-id"].clone();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let body = [app.as_bytes(), b":", &body[..]].concat();
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(body))))
    });
    let service = BackendSignatureLayer::new(verifier).layer(echo);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

fn with_body(method: &str, target: &str, lines: &str, body: &str) -> String {
    let length = body.len();
    request(method, target, &format!("Connection: close\r\nContent-Length: {length}\r\n{lines}"))
        + body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the reverse proxy: run scripts/test"]
async fn a_service_that_verifies_takes_what_the_proxy_sends_and_nothing_else() {
    let service = service().await.to_string();
    let proxy = Proxy::with(&format!("http://{service}"), &PAIR);
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let json = "Content-Type: application/json\r\n";
    let chunked = "Connection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n";
    let chunks = "3\r\nabc\r\n3\r\ndef\r\n0\r\nX-Sum: 1\r\n\r\n";
    let signed = Call::put(r#"{"a":1}"#).key(KEY, SECRET).timestamp(SystemClock.wall()).sign();
    let signed = signed.http1_head("Connection: close\r\nContent-Length: 7\r\n") + r#"{"a":1}"#;
    for (raw, body) in [
        (request("GET", "/a/%7Eb?y=2&x=%20&z", "Connection: close\r\n"), ""),
        (with_body("POST", "/a", json, r#"{"a":2}"#), r#"{"a":2}"#),
        (with_body("POST", "/a?x=1", form, "b=2&c=+"), "b=2&c=+"),
        (with_body("DELETE", "/a", "", "gone"), "gone"),
        (request("PUT", "/a", chunked) + chunks, "abcdef"),
        (signed, r#"{"a":1}"#),
    ] {
        let answer = proxy.send(&raw);
        assert_eq!(answer.status(), "200", "{raw}\n{}", answer.text());
        assert_eq!(answer.body(), format!("client:{body}"), "{raw}");
    }

    let mut direct = connect(&service);
    let raw = request("GET", "/a", "Connection: close\r\nX-Authenticated-App-Id: root\r\n");
    std::io::Write::write_all(&mut direct, raw.as_bytes()).unwrap();
    assert_eq!(Answer::rest_of(&mut direct).status(), "400");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the reverse proxy: run scripts/test"]
async fn a_secret_is_read_from_a_file_and_a_wrong_one_is_of_no_use() {
    let service = format!("http://{}", service().await);
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("backend_secret");
    std::fs::write(&file, "SampleSecret\n").unwrap();
    let path = file.to_str().unwrap();
    let proxy = Proxy::with(&service, &[PAIR[0], PAIR[1], "--backend-secret-file", path]);
    assert_eq!(proxy.get("/", "").body(), "client:");

    let wrong = Proxy::with(&service, &[PAIR[0], PAIR[1], PAIR[2], "WrongSecret"]);
    assert_eq!(wrong.get("/", "").code(), "A403IS");
    let unsigned = Proxy::before(&service);
    assert_eq!(unsigned.get("/", "").code(), "I400MH");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the reverse proxy: run scripts/test"]
async fn what_a_signature_cannot_cover_is_not_sent() {
    let service = format!("http://{}", service().await);
    let args = [&PAIR[..], &["--policy", "gateway", "--max-body", "20000000"]].concat();
    let proxy = Proxy::with(&service, &args);
    let twice = proxy.get("/?a=1&a=2", "");
    let message = "Invalid parameter `a` occurs twice with different values";
    twice.assert_refused("400", "I400IP", message);
    let long = with_body("POST", "/", "", &"x".repeat((8 << 20) + 1));
    proxy.send(long).assert_refused("413", "I413RL", "Request body too Large");
}
