//! An endpoint on a loopback socket that answers byte by byte what it is told, over TLS if wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{CertifiedKey, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What comes back for a path.
#[derive(Clone)]
pub(crate) enum Reply {
    /// These bytes, then the end of the connection.
    Close(Vec<u8>),
    /// These bytes, then nothing more.
    Hang(Vec<u8>),
    /// These bytes, then spaces without end: as fast as they are read, or one every millisecond.
    Flood(Vec<u8>),
    Drip(Vec<u8>),
}

impl Reply {
    pub(crate) fn status(line: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        let text = format!("HTTP/1.1 {line}\r\n{headers}content-length: {length}\r\n\r\n{body}");
        Self::Close(text.into_bytes())
    }

    pub(crate) fn ok(body: &str) -> Self {
        Self::status("200 OK", "", body)
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::status("302 Found", &format!("location: {to}\r\n"), "")
    }
}

/// An endpoint; it counts requests.
pub(crate) struct Endpoint {
    pub(crate) port: u16,
    requests: Arc<AtomicUsize>,
    scheme: &'static str,
}

impl Endpoint {
    pub(crate) async fn http(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(reply, None).await
    }

    pub(crate) async fn https(
        certified: &CertifiedKey<KeyPair>,
        reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        Self::serve(reply, Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn serve(
        reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(AtomicUsize::new(0));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (reply, count) = (Arc::new(reply), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (reply, count, tls) = (Arc::clone(&reply), Arc::clone(&count), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => answer(stream, &*reply, &count).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => answer(stream, &*reply, &count).await,
                            Err(_) => None, // The client does not trust us.
                        },
                    }
                });
            }
        });
        Self { port, requests, scheme }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://localhost:{}{path}", self.scheme, self.port)
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// Answers one request. `None`: the client has gone away.
async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    reply: &(impl Fn(&str) -> Reply + ?Sized),
    count: &AtomicUsize,
) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    count.fetch_add(1, Ordering::SeqCst);
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let reply = reply(&path);
    let (Reply::Close(bytes) | Reply::Hang(bytes) | Reply::Flood(bytes) | Reply::Drip(bytes)) =
        &reply;
    stream.write_all(bytes).await.ok()?;
    match reply {
        Reply::Close(_) => stream.shutdown().await.ok(),
        Reply::Hang(_) => stream.read_u8().await.ok().map(|_| ()),
        Reply::Flood(_) => loop {
            stream.write_all(&[b' '; 4096]).await.ok()?;
        },
        Reply::Drip(_) => loop {
            stream.write_all(b" ").await.ok()?;
            stream.flush().await.ok()?;
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        },
    }
}
