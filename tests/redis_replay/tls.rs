//! `rediss://`.

use countersign::store::{Claimed, RedisReplayStore, ReplayStore};
use redis::{Client, TlsCertificates};

use crate::server::tls::Authority;
use crate::server::{assert_error, patient, ready, signed_now};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server and openssl: run scripts/test"]
async fn a_certificate_is_verified() {
    let authority = Authority::new("redis_tls");
    let (_server, port) = authority.server(&[]);
    let url = format!("rediss://127.0.0.1:{port}");

    // The system's authorities have not signed it.
    let stranger = patient(RedisReplayStore::builder(url.as_str())).build().unwrap();
    assert_error(stranger.claim(signed_now(b"n")).await, "connection to Redis failed");

    let certificate = std::fs::read(authority.certificate()).unwrap();
    let trusted = TlsCertificates { client_tls: None, root_cert: Some(certificate) };
    let client = Client::build_with_tls(url, trusted).unwrap();
    let store = ready(patient(RedisReplayStore::builder(client.get_connection_info().clone())));
    let store = store.await;
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Fresh);
    assert_eq!(store.claim(signed_now(b"n")).await.unwrap(), Claimed::Used);
}
