//! What the Redis replay store costs beside a bare socket that sends the same to the same server.
//!
//! `cargo bench --bench redis --features redis`. It starts a `redis-server` of its own; without one it
//! says so and measures nothing. With the name of a part: `-- claims`. Client and server have a thread each: on a machine that gives them
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

#[path = "../harness/mod.rs"]
mod harness;
mod measure;
mod server;
mod socket;
mod store;

use harness::{is_wanted, record, rounds};
use measure::Measured;
use server::Server;
use store::{Front, Store, Traffic};

const ROUNDS: usize = 20;

fn main() {
    let parts: [(&str, fn()); 3] = [("claims", claims), ("memory", memory), ("front", front)];
    for (name, part) in parts {
        if is_wanted(name) {
            part();
        }
    }
}

/// The median of the rounds.
fn median<R>(rounds: &[R], pick: impl Fn(&R) -> f64) -> f64 {
    rounds::median(rounds.iter().map(pick))
}

/// The store beside a socket.
fn claims() {
    println!(
        "{:>9} {:>18} {:>9} {:>6} {:>8} {:>8} {:>10} {:>10} {:>10}",
        "in flight", "", "claims/s", "ratio", "p50", "p99", "client cpu", "added", "redis cpu"
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
        let title = format!("claims, {in_flight} in flight");
        for (which, name) in ["socket, EVALSHA", "store", "socket, SET NX"].iter().enumerate() {
            let of = |pick: fn(&Measured) -> f64| median(&rounds, |round| pick(&round[which]));
            let ratio = median(&rounds, |round| round[which].per_second / round[0].per_second);
            let added = median(&rounds, |round| round[which].client - round[0].client);
            let row = [
                ("per_second", of(|measured| measured.per_second)),
                ("ratio", ratio),
                ("p50_us", of(|measured| measured.p50)),
                ("p99_us", of(|measured| measured.p99)),
                ("client_us", of(|measured| measured.client)),
                ("added_us", added),
                ("redis_us", of(|measured| measured.server)),
            ];
            for (unit, value) in row {
                record::value(&title, name, unit, value);
            }
            let [per_second, ratio, p50, p99, client, added, redis] = row.map(|(_, value)| value);
            println!(
                "{in_flight:>9} {name:>18} {per_second:>9.0} {ratio:>6.2} {p50:>5.0} µs {p99:>5.0} µs {client:>7.2} µs {added:>7.2} µs {redis:>7.2} µs"
            );
        }
    }
}

/// What a nonce takes in Redis.
fn memory() {
    const CLAIMS: usize = 100_000;
    let Some(server) = Server::start() else { return };
    let mut store = Store::connect(&server, &Front::Nothing);
    store.claim(Traffic::Fresh, 1_000, 64);
    let before = socket::memory(&server);
    store.claim(Traffic::Fresh, CLAIMS, 64);
    let bytes = (socket::memory(&server) - before) / CLAIMS as f64;
    println!("\n{bytes:.0} bytes of Redis's memory for a nonce, {CLAIMS} live");
    record::value("memory in Redis", "store", "bytes", bytes);
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
            let client = median(&rounds, |round| round.client);
            let redis = median(&rounds, |round| round.server);
            let title = format!("before Redis, {name}");
            record::value(&title, front_name, "client_us", client);
            record::value(&title, front_name, "redis_us", redis);
            println!("{name:>12} {front_name:>18} {client:>7.2} µs {redis:>7.2} µs");
        }
    }
}
