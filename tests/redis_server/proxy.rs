//! A network between a store and its server, which can lose answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};

/// Forwards connections to a port of this machine.
pub(crate) struct Proxy {
    port: u16,
    /// Answers pass through connections of this age, and no longer through older ones.
    age: Arc<AtomicUsize>,
}

impl Proxy {
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let age = Arc::new(AtomicUsize::new(0));
        let shared = Arc::clone(&age);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                tokio::spawn(forward(client, server, Arc::clone(&shared)));
            }
        });
        Self { port, age }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// From now on connections that stand take requests and lose the answers, without an error.
    pub(crate) fn lose_answers(&self) {
        self.age.fetch_add(1, Ordering::SeqCst);
    }
}

async fn forward(client: TcpStream, server: TcpStream, age: Arc<AtomicUsize>) {
    let own = age.load(Ordering::SeqCst);
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { copy(&mut from_client, &mut to_server).await });
    let mut answer = [0; 4_096];
    while let Ok(length @ 1..) = from_server.read(&mut answer).await {
        if age.load(Ordering::SeqCst) == own {
            to_client.write_all(&answer[..length]).await.unwrap();
        }
    }
}
