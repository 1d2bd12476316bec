//! What the Redis replay store costs beside a bare socket that sends the same to the same server.
//!
//! `cargo bench --bench redis --features redis`. It starts a `redis-server` of its own; without one it
//! says so and measures nothing. Client and server have a thread each: on a machine that gives them
//! less than a core each, read the processor times, not the claims per second.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

#[path = "../harness/cpu.rs"]
mod cpu;
mod measure;
mod server;
mod socket;
mod store;

use measure::{Measured, median};
use server::Server;
use store::{Front, Store, Traffic};

const ROUNDS: usize = 20;

fn main() {
    claims();
    front();
}

/// The store beside a socket.
fn claims() {
    println!(
        "{:>9} {:>18} {:>9} {:>6} {:>8} {:>8} {:>10} {:>10}",
        "in flight", "", "claims/s", "ratio", "p50", "p99", "client cpu", "redis cpu"
    );
    for in_flight in [1, 64, 512] {
        // One for each, so that none holds more claims than another.
        let Some(server) = Server::start() else {
            println!("redis-server is not installed: nothing is measured");
            return;
        };
        let claims = if in_flight == 1 { 2_000 } else { 10_000 };
        let mut store = Store::connect(&server, &Front::Nothing);
        let mut script = socket::Client::connect(&server, socket::Command::Script);
        let mut set = socket::Client::connect(&server, socket::Command::Set);
        let mut rounds: Vec<[Measured; 3]> = Vec::new();
        for round in 0..ROUNDS {
            let mut measured = [(); 3].map(|()| None);
            for turn in 0..3 {
                let which = (turn + round) % 3;
                measured[which] = Some(server.measure(|| match which {
                    0 => script.claim(claims, in_flight),
                    1 => store.claim(Traffic::Fresh, claims, in_flight),
                    _ => set.claim(claims, in_flight),
                }));
            }
            rounds.push(measured.map(Option::unwrap));
        }
        for (which, name) in ["socket, EVALSHA", "store", "socket, SET NX"].iter().enumerate() {
            let of =
                |pick: &dyn Fn(&[Measured; 3]) -> f64| median(rounds.iter().map(pick).collect());
            println!(
                "{in_flight:>9} {name:>18} {:>9.0} {:>6.2} {:>5.0} µs {:>5.0} µs {:>7.2} µs {:>7.2} µs",
                of(&|round| round[which].per_second),
                of(&|round| round[which].per_second / round[0].per_second),
                of(&|round| round[which].p50),
                of(&|round| round[which].p99),
                of(&|round| round[which].client),
                of(&|round| round[which].server),
            );
        }
    }
}

/// Whether a memory store before Redis would pay: with the traffic of honest callers, and with that of
/// somebody who replays to this node.
fn front() {
    const IN_FLIGHT: usize = 64;
    println!("\n{:>12} {:>18} {:>10} {:>10}", "", "", "client cpu", "redis cpu");
    for (name, traffic) in [("fresh", Traffic::Fresh), ("replays", Traffic::Replays)] {
        for (front_name, front) in [("Redis", Front::Nothing), ("memory before it", Front::Memory)]
        {
            let Some(server) = Server::start() else { return };
            let mut store = Store::connect(&server, &front);
            store.claim(Traffic::Fresh, 1_000, IN_FLIGHT);
            let rounds: Vec<_> = (0..ROUNDS)
                .map(|_| server.measure(|| store.claim(traffic, 10_000, IN_FLIGHT)))
                .collect();
            let of = |pick: fn(&Measured) -> f64| median(rounds.iter().map(pick).collect());
            let (client, redis) = (of(|round| round.client), of(|round| round.server));
            println!("{name:>12} {front_name:>18} {client:>7.2} µs {redis:>7.2} µs");
        }
    }
}
