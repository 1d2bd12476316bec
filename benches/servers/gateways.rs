//! Requests per second of whole servers with a core each: `scripts/compare-gateways` starts them, and
//! this to send them requests that were signed before.
//!
//! * `serve ADDRESS`: axum with the layer, on one thread; `serve-open ADDRESS`: without it
//! * `load NAME=ADDRESS=PID=SCHEME …`: asks them in turn, in rounds. A scheme is `ca`, `open` for the
//!   same requests where nobody looks, or `hmac` as hmac-auth-express has it.
//!
//! Without either it does nothing: a comparison needs the script.

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

#[allow(dead_code, reason = "each benchmark takes its part")]
mod apps;
#[allow(dead_code, reason = "each benchmark takes its part")]
mod around;
#[path = "../harness/mod.rs"]
mod harness;
mod load;
#[path = "../verify/plain.rs"]
mod plain;
#[path = "../verify/request/mod.rs"]
mod request;
mod rival;
#[path = "../verify/subject.rs"]
mod subject;
mod wire;

use std::time::{Duration, Instant};

use harness::rounds::{median, numbers};
use harness::{cpu, record};
use load::Load;
use request::Kind;
use rival::Rival;

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 5;
const SPAN: Duration = Duration::from_secs(1);
/// Of the round that warms up: it tells how many to sign for the others.
const REQUESTS: usize = 20_000;

fn main() {
    // cargo adds `--bench`.
    let args: Vec<_> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.split_first() {
        Some((verb, rest)) if verb == "serve" => {
            serve(&rest[0], apps::router().layer(apps::countersign()));
        }
        Some((verb, rest)) if verb == "serve-open" => serve(&rest[0], apps::router()),
        Some((verb, rest)) if verb == "load" => {
            let rivals: Vec<_> = rest.iter().map(|text| Rival::parse(text)).collect();
            rivals.iter().for_each(Rival::check);
            for kind in [Kind::Get, Kind::Json(1 << 10)] {
                compare(&kind.name(), kind, &rivals);
            }
        }
        _ => println!("scripts/compare-gateways runs this"),
    }
}

fn serve(address: &str, app: axum::Router) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        axum::serve(listener, app).await.unwrap();
    });
}

/// Of one round: per second, in microseconds, and as shares of a core.
struct Measured {
    answered: usize,
    per_second: f64,
    p50: f64,
    p99: f64,
    server: f64,
    load: f64,
}

fn compare(title: &str, kind: Kind, rivals: &[Rival]) {
    let mut loads: Vec<_> =
        rivals.iter().map(|rival| Load::connect(rival.address, CONNECTIONS)).collect();
    let mut rounds: Vec<Vec<Measured>> = rivals.iter().map(|_| Vec::new()).collect();
    let mut enough = Vec::new();
    for (rival, load) in rivals.iter().zip(&mut loads) {
        let warm = measure(kind, rival, load, REQUESTS);
        enough.push((warm.per_second * SPAN.as_secs_f64() * 1.5) as usize);
    }
    for round in 0..ROUNDS {
        for turn in 0..rivals.len() {
            let at = (turn + round) % rivals.len();
            let measured = measure(kind, &rivals[at], &mut loads[at], enough[at]);
            enough[at] = enough[at].max(measured.answered * 3 / 2);
            rounds[at].push(measured);
        }
    }
    println!("\n{title}");
    println!(
        "{:<28}{:>12}{:>7}{:>10}{:>10}{:>12}{:>10}",
        "", "requests/s", "ratio", "p50", "p99", "server cpu", "load cpu"
    );
    for (rival, own) in rivals.iter().zip(&rounds) {
        let of = |pick: fn(&Measured) -> f64| median(own.iter().map(pick));
        let ratios =
            own.iter().zip(&rounds[0]).map(|(own, first)| own.per_second / first.per_second);
        let (per_second, ratio) = (of(|round| round.per_second), median(ratios));
        let (p50, p99) = (of(|round| round.p50), of(|round| round.p99));
        let (server, load) = (of(|round| round.server), of(|round| round.load));
        let name = rival.name.as_str();
        println!(
            "{name:<28}{per_second:>12.0}{ratio:>7.2}{p50:>7.0} µs{p99:>7.0} µs{:>10.0} %{:>8.0} %",
            server * 100.0,
            load * 100.0
        );
        record::value(title, name, "requests_per_s", per_second);
        record::value(title, name, "ratio", ratio);
        record::value(title, name, "p50_us", p50);
        record::value(title, name, "p99_us", p99);
        record::value(title, name, "server_cpu", server);
        record::value(title, name, "load_cpu", load);
    }
}

/// With so many requests ready, which may be all before the time is over.
fn measure(kind: Kind, rival: &Rival, load: &mut Load, ready: usize) -> Measured {
    let requests: Vec<_> =
        numbers(ready).map(|number| rival.scheme.request(kind, number)).collect();
    let start = (Instant::now(), cpu::now(), rival.cpu());
    let mut times = load.send(&requests, || start.0.elapsed() < SPAN);
    let span = start.0.elapsed().as_secs_f64();
    let (load, server) = (cpu::now() - start.1, rival.cpu() - start.2);
    times.sort_unstable();
    let micros = |time: Duration| time.as_nanos() as f64 / 1e3;
    Measured {
        answered: times.len(),
        per_second: times.len() as f64 / span,
        p50: micros(times[times.len() / 2]),
        p99: micros(times[times.len() * 99 / 100]),
        server: server.as_secs_f64() / span,
        load: load.as_secs_f64() / span,
    }
}
