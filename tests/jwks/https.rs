//! The transport, over real sockets.

use std::time::Duration;

use countersign::error::{ErrorCode, StoreError};
use countersign::jwt::RemoteKeys;
use countersign::jwt::remote::{FetchError, FetchKeySet, HttpsKeySet};
use futures_util::future::join_all;
use rcgen::{CertifiedKey, KeyPair};

use crate::endpoint::{Endpoint, Reply};
use crate::issuer::{Key, ask, code, jwks, verifier};

const LIMIT: usize = 256 * 1024;
const HEAD: &str = "HTTP/1.1 200 OK\r\n";

fn over_http(endpoint: &Endpoint) -> HttpsKeySet {
    let builder = HttpsKeySet::builder(endpoint.url("/keys?q=1"));
    builder.with_dangerous_loopback_http().build().unwrap()
}

fn certified(name: &str) -> CertifiedKey<KeyPair> {
    rcgen::generate_simple_self_signed([name.to_owned()]).unwrap()
}

async fn fetched(reply: Reply) -> Result<Vec<u8>, FetchError> {
    let endpoint = Endpoint::http(move |_| reply.clone()).await;
    over_http(&endpoint).fetch().await
}

#[test]
fn lesson_32_only_https_is_asked() {
    for url in
        ["http://issuer.example/keys", "http://127.0.0.1/", "ftp://issuer.example/", "file:///k"]
    {
        let refused = HttpsKeySet::builder(url).build().unwrap_err();
        assert_eq!(refused.to_string(), "url: the scheme is not https", "{url}");
    }
    assert_eq!(HttpsKeySet::builder("keys").build().unwrap_err().path(), "url");
    let dangerous = |url| HttpsKeySet::builder(url).with_dangerous_loopback_http().build();
    for url in ["http://127.0.0.1:1/", "http://[::1]/", "http://localhost/", "https://a.example/"] {
        assert!(dangerous(url).is_ok(), "{url}");
    }
    for url in
        ["http://issuer.example/", "http://10.0.0.1/", "http://localhost.example/", "ftp://[::1]/"]
    {
        assert_eq!(dangerous(url).unwrap_err().path(), "url", "{url}");
    }
}

#[tokio::test]
async fn lesson_32_the_status_must_be_200_and_the_content_type_may_be_anything() {
    let json = r#"{"keys":[]}"#;
    for headers in ["", "content-type: text/html\r\n", "content-type: ?\r\n"] {
        let document = fetched(Reply::status("200 OK", headers, json)).await.unwrap();
        assert_eq!(document, json.as_bytes());
    }
    for line in ["201 Created", "206 Partial Content", "304 Not Modified", "404 Not Found", "500 X"]
    {
        let error = fetched(Reply::status(line, "", json)).await.unwrap_err();
        assert!(matches!(error, FetchError::Status(status) if line.starts_with(status.as_str())));
    }
    let error = fetched(Reply::status("302 Found", "", json)).await.unwrap_err();
    assert!(matches!(error, FetchError::Status(_)), "a redirect to nowhere");
}

#[tokio::test]
async fn lesson_32_what_is_no_http_or_breaks_off_is_an_error() {
    for text in ["", "garbage\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
        let error = fetched(Reply::Close(text.into())).await.unwrap_err();
        assert!(matches!(error, FetchError::Transport(_)), "{text:?}");
    }
}

#[tokio::test]
async fn lesson_32_the_document_is_counted_while_it_comes() {
    let body = |bytes: usize| " ".repeat(bytes);
    assert_eq!(fetched(Reply::ok(&body(LIMIT))).await.unwrap().len(), LIMIT);
    let chunked =
        format!("{HEAD}transfer-encoding: chunked\r\n\r\n40001\r\n{}\r\n0\r\n\r\n", body(0x40001));
    for reply in [
        Reply::ok(&body(LIMIT + 1)),
        Reply::Close(format!("{HEAD}\r\n{}", body(LIMIT + 1)).into()),
        Reply::Close(chunked.into()),
        // Without an end: whoever reads it to the end does not come back.
        Reply::Flood(format!("{HEAD}\r\n").into()),
        Reply::Flood(format!("{HEAD}content-length: 1000000000000\r\n\r\n").into()),
    ] {
        let error = fetched(reply).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLong(LIMIT)), "{error:?}");
    }
    let endpoint = Endpoint::http(|_| Reply::ok("12345")).await;
    let builder = HttpsKeySet::builder(endpoint.url("/")).with_dangerous_loopback_http();
    let error = builder.with_max_document(4).build().unwrap().fetch().await.unwrap_err();
    assert!(matches!(error, FetchError::TooLong(4)));
}

#[tokio::test]
async fn lesson_32_an_endpoint_that_hangs_anywhere_takes_one_timeout() {
    let key = Key::new("a");
    for reply in [
        Reply::Hang(Vec::new()),
        Reply::Hang(HEAD.into()),
        Reply::Hang(format!("{HEAD}content-length: 9\r\n\r\n").into()),
        Reply::Hang(format!("{HEAD}\r\n{}", jwks([&key])).into()),
        Reply::Drip(format!("{HEAD}x-slow: ").into()),
        Reply::Drip(format!("{HEAD}\r\n{}", jwks([&key])).into()),
    ] {
        let endpoint = Endpoint::http(move |_| reply.clone()).await;
        let keys = RemoteKeys::builder(over_http(&endpoint));
        let keys = keys.with_fetch_timeout(Duration::from_millis(100)).start().unwrap();
        let refused = ask(&verifier(&keys), &key.token()).await.unwrap_err();
        let Some(StoreError::Unavailable(source)) = refused.store_error() else {
            panic!("{refused:?}");
        };
        assert!(matches!(source.downcast_ref(), Some(FetchError::Timeout(_))), "{source:?}");
    }
}

#[tokio::test]
async fn lesson_32_a_hundred_first_requests_are_one_request_to_the_issuer() {
    let key = Key::new("a");
    let document = jwks([&key]);
    let endpoint = Endpoint::http(move |_| Reply::ok(&document)).await;
    let keys = RemoteKeys::builder(over_http(&endpoint)).start().unwrap();
    let (verifier, token) = (verifier(&keys), key.token());
    let codes = join_all((0..100).map(|_| code(&verifier, &token))).await;
    assert_eq!(codes, [None; 100]);
    assert_eq!(endpoint.requests(), 1);
}

#[tokio::test]
async fn lesson_32_redirects_are_followed_within_the_origin_and_not_for_ever() {
    let endpoint = Endpoint::http(|path| match path {
        "/keys?q=1" => Reply::redirect("/2"),
        "/2" => Reply::redirect("3?x"),
        "/3?x" => Reply::redirect("/4"),
        _ => Reply::ok("there"),
    });
    let endpoint = endpoint.await;
    assert_eq!(over_http(&endpoint).fetch().await.unwrap(), b"there");
    assert_eq!(endpoint.requests(), 4);

    let round = Endpoint::http(|_| Reply::redirect("/keys?q=1")).await;
    let error = over_http(&round).fetch().await.unwrap_err();
    assert!(matches!(error, FetchError::Redirect(_)), "{error:?}");
    assert_eq!(round.requests(), 4);
}

#[tokio::test]
async fn lesson_32_a_redirect_to_another_origin_is_not_followed() {
    let elsewhere = Endpoint::http(|_| Reply::ok("there")).await;
    let port = elsewhere.port;
    let endpoint = Endpoint::http(move |path| match path {
        "/port" => Reply::redirect(&format!("http://localhost:{port}/")),
        "/host" => Reply::redirect(&format!("http://127.0.0.1:{port}/")),
        "/scheme" => Reply::redirect(&format!("https://localhost:{port}/")),
        "/relative" => Reply::redirect(&format!("//localhost:{port}/")),
        "/there" => Reply::redirect("/port"),
        _ => Reply::redirect("ftp://localhost/"),
    });
    let endpoint = endpoint.await;
    for path in ["/port", "/host", "/scheme", "/relative", "/there", "/ftp"] {
        let fetcher = HttpsKeySet::builder(endpoint.url(path)).with_dangerous_loopback_http();
        let error = fetcher.build().unwrap().fetch().await.unwrap_err();
        assert!(matches!(error, FetchError::Redirect(_)), "{path}: {error:?}");
    }
    assert_eq!(elsewhere.requests(), 0);
}

#[tokio::test]
async fn lesson_32_no_redirect_leads_from_https_to_http() {
    let plain = Endpoint::http(|_| Reply::ok("there")).await;
    let (certified, to) = (certified("localhost"), plain.url("/"));
    let endpoint = Endpoint::https(&certified, move |_| Reply::redirect(&to)).await;
    let fetcher = HttpsKeySet::builder(endpoint.url("/")).with_dangerous_loopback_http();
    let fetcher = fetcher.with_root_certificates(certified.cert.pem()).build().unwrap();
    let error = fetcher.fetch().await.unwrap_err();
    assert!(matches!(error, FetchError::Redirect(_)), "{error:?}");
    assert_eq!((endpoint.requests(), plain.requests()), (1, 0));
}

#[tokio::test]
async fn lesson_32_a_private_authority_is_trusted_where_it_is_given_and_nowhere_else() {
    let key = Key::new("a");
    let document = jwks([&key]);
    let ours = certified("localhost");
    let endpoint = Endpoint::https(&ours, move |_| Reply::ok(&document)).await;
    let url = endpoint.url("/keys");

    let trusting = HttpsKeySet::builder(&*url).with_root_certificates(ours.cert.pem());
    let keys = RemoteKeys::builder(trusting.build().unwrap()).start().unwrap();
    assert_eq!(ask(&verifier(&keys), &key.token()).await.unwrap().kid(), Some("a"));
    assert_eq!(endpoint.requests(), 1);

    let other =
        HttpsKeySet::builder(&*url).with_root_certificates(certified("localhost").cert.pem());
    let by_address = HttpsKeySet::builder(url.replace("localhost", "127.0.0.1"));
    let by_address = by_address.with_root_certificates(ours.cert.pem());
    let public = HttpsKeySet::builder(&*url);
    for fetcher in [public, other, by_address] {
        let Ok(fetcher) = fetcher.build() else {
            continue; // A system without any authority trusts nobody at all.
        };
        let keys = RemoteKeys::builder(fetcher).start().unwrap();
        let refused = ask(&verifier(&keys), &key.token()).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::X503BZ);
    }
    assert_eq!(endpoint.requests(), 1);

    let none = HttpsKeySet::builder(&*url).with_root_certificates("no certificate").build();
    assert_eq!(none.unwrap_err().path(), "root_certificates");
}

#[tokio::test]
async fn lesson_37_neither_debug_output_nor_an_error_shows_the_urls_credentials() {
    let url = "https://user-secret:secret@localhost:1/secret/keys?secret=1#secret";
    let builder = HttpsKeySet::builder(url).with_root_certificates(certified("x").cert.pem());
    let mut shown = format!("{builder:?}");
    let fetcher = builder.build().unwrap();
    shown += &format!("{fetcher:?}");
    assert!(shown.contains(r#""https://localhost:1""#));
    let error = fetcher.fetch().await.unwrap_err();
    shown += &format!("{error} {error:?}");
    assert!(!shown.contains("secret"), "{shown}");
}
