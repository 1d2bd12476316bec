//! Example servers that are killed, stopped and started again while many call them.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]
#![cfg(unix)]

mod example_server;
mod support;
mod swarm;

use std::path::Path;
use std::sync::Arc;

use countersign::clock::{Clock, SystemClock, UnixMillis};
use example_server::{ExampleServer, KEY, SECRET, SERVERS};
use swarm::{Places, Swarm};

/// Clients and replayers of each server.
const CALLERS: (usize, usize) = (40, 40);
const ROUNDS: usize = 6;

/// What the next start knows of what was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Memory {
    Process,
    File,
}

/// A life that ended so that the next one cannot know what was accepted in it: whatever was signed
/// before its end is refused from then on.
struct Forgotten {
    life: usize,
    end: UnixMillis,
}

fn address(server: &ExampleServer) -> std::net::SocketAddr {
    server.address().parse().unwrap()
}

async fn no_nonce_is_accepted_twice(name: &str, memory: Memory) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("restarts").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("replay");
    let args: &[&str] = match memory {
        Memory::Process => &[],
        Memory::File => &["--state", file.to_str().unwrap()],
    };
    let start = || ExampleServer::with_apps(name, args);

    let mut server = start();
    let places = Arc::new(Places::of([address(&server)]));
    let swarm = Swarm::start((KEY, SECRET), Arc::new(SystemClock), Arc::clone(&places), CALLERS);
    let mut forgotten = Vec::new();
    for life in 0..ROUNDS {
        swarm.flows().await;
        swarm.answered("S403NU", 50).await;
        let (end, killed) = (SystemClock.wall(), life % 2 == 0);
        if killed {
            // `kill -9`.
            drop(server);
        } else {
            server.terminate();
            assert_eq!(server.wait().0, Some(0));
        }
        if killed || memory == Memory::Process {
            forgotten.push(Forgotten { life, end });
        }
        server = start();
        places.move_to(0, address(&server));
    }
    swarm.flows().await;
    swarm.stop().await;

    swarm.ledger.assert_none_twice();
    for acceptance in swarm.ledger.acceptances() {
        // Accepted before or not: the answer may have been lost.
        for Forgotten { life, end } in &forgotten {
            let from_before = acceptance.life > *life && acceptance.signed < *end;
            assert!(!from_before, "{acceptance:?}, after life {life} ended at {end}");
        }
    }
}

async fn on_both_servers(memory: Memory) {
    let [axum, hyper] = SERVERS.map(|name| no_nonce_is_accepted_twice(name, memory));
    tokio::join!(axum, hyper);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the example servers: run scripts/test"]
async fn lesson_25_killed_and_stopped_under_load_a_server_accepts_no_nonce_twice() {
    on_both_servers(Memory::Process).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the example servers: run scripts/test"]
async fn lesson_25_nor_does_a_server_with_a_state_file() {
    on_both_servers(Memory::File).await;
}
