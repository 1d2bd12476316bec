//! Making a connection that may be used: to where the keys are, on a server that was checked.
//!
//! 1. connect, authenticate, choose the database;
//! 2. in a cluster, go on to the master that has the store's slot: the server names it (`MOVED`);
//! 3. check the server (`examine`), unless somebody has vouched for it;
//! 4. name the memory after it (`begin.lua`): if it had another name or none, it begins anew, here or
//!    with the first claim for which the clocks agree.
//!
//! 3 and 4 come again, before the next claim, when a connection was not checked for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, FromRedisValue, RedisResult,
};

use super::examine::{MemoryId, examine};
use super::fault::{self, Fault};
use super::keys::Keys;
use super::scripts::{BEGIN, Call, LAST};
use super::telemetry;
use crate::clock::{Clock, UnixMillis};

/// How far from one server to the next a cluster may send us before it has the slot.
const HOPS: usize = 4;

/// Commands that may wait for the socket. Enough that claims do not wait for each other.
const PIPELINE: usize = 1_024;

/// Whether a server's role and eviction policy are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Soundness {
    Checked,
    Assumed,
}

/// What it takes to connect.
pub(super) struct Target {
    pub(super) info: ConnectionInfo,
    pub(super) keys: Keys,
    pub(super) soundness: Soundness,
    pub(super) clock_tolerance: Duration,
    pub(super) clock: Arc<dyn Clock>,
}

/// A connection to a server that was found sound.
pub(super) struct Live {
    connection: MultiplexedConnection,
    memory: MemoryId,
    /// When it was checked last, in milliseconds of the monotonic clock.
    checked_at: AtomicU64,
}

impl Target {
    pub(super) async fn connect(&self) -> Result<Live, Fault> {
        let now = self.clock.monotonic();
        let mut info = self.info.clone();
        for _ in 0..HOPS {
            let client = Client::open(info.clone()).map_err(Fault::of)?;
            let mut connection = client
                .get_multiplexed_async_connection_with_config(&config())
                .await
                .map_err(Fault::of)?;
            let mut where_is = redis::cmd("HGET");
            where_is.arg(self.keys.memory()).arg("id");
            match where_is.exec_async(&mut connection).await {
                Err(error) if error.code() == Some("MOVED") => info = moved(&info, &error)?,
                asked => {
                    asked.map_err(Fault::of)?;
                    let memory = self.check(&mut connection).await?;
                    return Ok(Live {
                        connection,
                        memory,
                        checked_at: AtomicU64::new(millis(now)),
                    });
                }
            }
        }
        Err(Fault::Circles)
    }

    async fn check(&self, connection: &mut MultiplexedConnection) -> Result<MemoryId, Fault> {
        let memory = match self.soundness {
            Soundness::Assumed => MemoryId::UNKNOWN,
            Soundness::Checked => {
                let info: RedisResult<String> = redis::cmd("INFO").query_async(connection).await;
                examine(&info.map_err(|error| match fault::is_forbidden(&error) {
                    true => Fault::Unverifiable(error),
                    false => Fault::of(error),
                })?)?
            }
        };
        let begin = Call::new(&BEGIN, &[self.keys.memory()])
            .arg(memory.as_str())
            .arg(self.clock.wall().min(LAST).get())
            .arg(millis(self.clock_tolerance));
        let begun: bool = begin.invoke(connection).await.map_err(Fault::of)?;
        if begun {
            telemetry::memory_begun();
        }
        Ok(memory)
    }
}

impl Live {
    pub(super) fn memory(&self) -> &MemoryId {
        &self.memory
    }

    pub(super) async fn invoke<T: FromRedisValue>(&self, call: &Call) -> Result<T, Fault> {
        call.invoke(&mut self.connection.clone()).await.map_err(Fault::of)
    }

    /// Waits until `replicas` have acknowledged all that was written through this connection.
    pub(super) async fn wait(&self, replicas: u32, at_most: Duration) -> Result<(), Fault> {
        let mut wait = redis::cmd("WAIT");
        // To wait for no time at all is to wait without end.
        wait.arg(replicas).arg(millis(at_most).max(1));
        let got = wait.query_async(&mut self.connection.clone()).await.map_err(Fault::of)?;
        match got {
            got if got < replicas => Err(Fault::Replicas { got, wanted: replicas }),
            _ => Ok(()),
        }
    }

    /// What Redis's clock shows.
    pub(super) async fn clock(&self) -> Result<UnixMillis, Fault> {
        let time = redis::cmd("TIME").query_async(&mut self.connection.clone()).await;
        let (seconds, micros): (u64, u64) = time.map_err(Fault::of)?;
        Ok(UnixMillis::new(seconds.saturating_mul(1_000).saturating_add(micros / 1_000)))
    }

    /// Whether the server is to be checked again before it is asked.
    pub(super) fn is_due(&self, now: Duration, interval: Duration) -> bool {
        let checked_at = self.checked_at.load(Ordering::Relaxed);
        millis(now).saturating_sub(checked_at) >= millis(interval)
    }

    /// Checks the server again. A memory of another name is as good as another connection.
    pub(super) async fn is_still_sound(&self, target: &Target) -> bool {
        let now = target.clock.monotonic();
        let found = target.check(&mut self.connection.clone()).await;
        self.checked_at.store(millis(now), Ordering::Relaxed);
        found.is_ok_and(|memory| memory == self.memory)
    }
}

/// Without timeouts: the deadline of a claim and that of connecting stand above them.
fn config() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None)
        .set_pipeline_buffer_size(PIPELINE)
}

/// The same way of connecting, to where `error` points. A server that does not know its own name
/// means itself.
fn moved(from: &ConnectionInfo, error: &redis::RedisError) -> Result<ConnectionInfo, Fault> {
    let to = error.redirect_node().and_then(|(node, _)| node.rsplit_once(':'));
    let (to_host, to_port) = to
        .and_then(|(host, port)| Some((host.to_owned(), port.parse().ok()?)))
        .ok_or_else(|| Fault::of(error.clone()))?;
    let named = |host: &String| if to_host.is_empty() { host.clone() } else { to_host.clone() };
    let addr = match from.addr() {
        ConnectionAddr::Tcp(host, _) => ConnectionAddr::Tcp(named(host), to_port),
        ConnectionAddr::TcpTls { host, insecure, tls_params, .. } => ConnectionAddr::TcpTls {
            host: named(host),
            port: to_port,
            insecure: *insecure,
            tls_params: tls_params.clone(),
        },
        _ => return Err(Fault::of(error.clone())),
    };
    Ok(from.clone().set_addr(addr))
}

pub(super) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
