//! A network between a store and its server, which can lose answers and lead elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Forwards connections to a port of this machine.
pub(crate) struct Proxy {
    port: u16,
    /// Answers pass through connections of this age, and no longer through older ones.
    age: Arc<AtomicUsize>,
    server: watch::Sender<u16>,
}

impl Proxy {
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let age = Arc::new(AtomicUsize::new(0));
        let (server, leads_to) = watch::channel(server);
        let shared = Arc::clone(&age);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (age, mut leads_to) = (Arc::clone(&shared), leads_to.clone());
                let server = *leads_to.borrow_and_update();
                tokio::spawn(async move {
                    tokio::select! {
                        () = forward(client, server, age) => {}
                        _ = leads_to.changed() => {}
                    }
                });
            }
        });
        Self { port, age, server }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// From now on connections that stand take requests and lose the answers, without an error.
    pub(crate) fn lose_answers(&self) {
        self.age.fetch_add(1, Ordering::SeqCst);
    }

    /// From now on connections lead to another port. Those that stand are cut.
    pub(crate) fn lead_to(&self, server: u16) {
        self.server.send_replace(server);
    }
}

/// Until either side hangs up.
async fn forward(client: TcpStream, server: u16, age: Arc<AtomicUsize>) {
    let own = age.load(Ordering::SeqCst);
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers = async {
        let mut answer = [0; 4_096];
        while let Ok(length @ 1..) = from_server.read(&mut answer).await {
            if age.load(Ordering::SeqCst) == own
                && to_client.write_all(&answer[..length]).await.is_err()
            {
                return;
            }
        }
    };
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        () = answers => {}
    }
}
