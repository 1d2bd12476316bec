//! `rediss://`.

use std::path::Path;
use std::process::Command;

use countersign::store::{Claimed, RedisReplayStore, ReplayStore};
use redis::{Client, TlsCertificates};

use crate::server::{Server, assert_error, free_port, patient, ready, signed_now};

/// An authority and a server's certificate in `folder`.
fn certificates(folder: &Path) {
    let openssl = |arguments: &str| {
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
        let line = format!("req -x509 {key} {arguments}");
        let run = Command::new("openssl").args(line.split(' ')).current_dir(folder).output();
        let run = run.expect("openssl is installed: run scripts/test");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    };
    openssl("-subj /CN=authority -keyout authority.key -out authority.crt");
    openssl(
        "-subj /CN=server -keyout server.key -out server.crt -CA authority.crt \
         -CAkey authority.key -addext subjectAltName=IP:127.0.0.1 \
         -addext basicConstraints=critical,CA:FALSE",
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server and openssl: run scripts/test"]
async fn a_certificate_is_verified() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("redis_tls");
    std::fs::create_dir_all(&folder).unwrap();
    certificates(&folder);
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let port = free_port();
    let _server = Server::with(&[
        "--tls-port",
        &port.to_string(),
        "--tls-cert-file",
        &file("server.crt"),
        "--tls-key-file",
        &file("server.key"),
        "--tls-ca-cert-file",
        &file("authority.crt"),
        "--tls-auth-clients",
        "no",
    ]);
    let url = format!("rediss://127.0.0.1:{port}");

    // The system's authorities have not signed it.
    let stranger = patient(RedisReplayStore::builder(url.as_str())).build().unwrap();
    assert_error(stranger.claim(signed_now(b"n")).await, "connection to Redis failed");

    let authority = std::fs::read(folder.join("authority.crt")).unwrap();
    let trusted = TlsCertificates { client_tls: None, root_cert: Some(authority) };
    let client = Client::build_with_tls(url, trusted).unwrap();
    let store = ready(patient(RedisReplayStore::builder(client.get_connection_info().clone())));
    let store = store.await;
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Fresh);
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Used);
}
