//! Making a connection that may be used: to where the keys are, on a server that was checked.
//!
//! 1. connect, authenticate, choose the database;
//! 2. in a cluster, go on to the master that has the store's slot: the server names it (`MOVED`);
//! 3. check the server (`examine`), unless somebody has vouched for it;
//! 4. name the memory after it (`begin.lua`): if it had another name or none, it begins anew.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, FromRedisValue, RedisResult,
    ScriptInvocation,
};

use super::examine::{MemoryId, examine};
use super::fault::{self, Fault};
use super::keys::Keys;
use super::{scripts, telemetry};

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
#[derive(Clone)]
pub(super) struct Target {
    pub(super) info: ConnectionInfo,
    pub(super) keys: Keys,
    pub(super) soundness: Soundness,
}

/// A connection to a server that was found sound.
pub(super) struct Live {
    connection: MultiplexedConnection,
    memory: MemoryId,
    /// When it was checked last, in milliseconds of the monotonic clock.
    checked_at: AtomicU64,
}

impl Target {
    pub(super) async fn connect(&self, now: Duration) -> Result<Live, Fault> {
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
        let mut begin = scripts::BEGIN.key(self.keys.memory());
        begin.arg(memory.as_str());
        let begun: bool = begin.invoke_async(connection).await.map_err(Fault::of)?;
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

    pub(super) async fn invoke<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Fault> {
        script.invoke_async(&mut self.connection.clone()).await.map_err(Fault::of)
    }

    /// Waits until `replicas` have acknowledged all that was written through this connection.
    pub(super) async fn wait(&self, replicas: u32, at_most: Duration) -> Result<(), Fault> {
        let mut wait = redis::cmd("WAIT");
        wait.arg(replicas).arg(millis(at_most));
        let got = wait.query_async(&mut self.connection.clone()).await.map_err(Fault::of)?;
        match got {
            got if got < replicas => Err(Fault::Replicas { got, wanted: replicas }),
            _ => Ok(()),
        }
    }

    /// Whether the server is to be checked again. Says so to one of those who ask.
    pub(super) fn is_due(&self, now: Duration, interval: Duration) -> bool {
        let checked_at = self.checked_at.load(Ordering::Relaxed);
        millis(now).saturating_sub(checked_at) >= millis(interval)
            && self
                .checked_at
                .compare_exchange(checked_at, millis(now), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Checks the server again. A memory of another name is as good as another connection.
    pub(super) async fn recheck(&self, target: &Target) -> Result<(), Fault> {
        target.check(&mut self.connection.clone()).await.map(|_| ())
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

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
