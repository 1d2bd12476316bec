//! What is measured of some claims.

use std::time::{Duration, Instant};

use crate::harness::cpu;
use crate::server::Server;

/// Per second, and in microseconds of one claim.
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) client: f64,
    pub(crate) server: f64,
}

impl Server {
    /// Measures claims that this thread makes. They say how long each took.
    pub(crate) fn measure(&self, claim: impl FnOnce() -> Vec<Duration>) -> Measured {
        let start = (Instant::now(), cpu::now(), self.cpu());
        let mut times = claim();
        let span = start.0.elapsed();
        let (client, server) = (cpu::now() - start.1, self.cpu() - start.2);
        times.sort_unstable();
        let claims = times.len();
        Measured {
            per_second: claims as f64 / span.as_secs_f64(),
            p50: micros(times[claims / 2]),
            p99: micros(times[claims * 99 / 100]),
            client: micros(client) / claims as f64,
            server: micros(server) / claims as f64,
        }
    }
}

fn micros(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e3
}
