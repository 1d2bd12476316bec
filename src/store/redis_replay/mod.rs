//! The replay store of many nodes: in one Redis or Valkey (feature `redis`).
//!
//! TODO

mod asking;
mod breaker;
mod builder;
mod connect;
mod examine;
mod fault;
mod keys;
mod link;
mod scripts;
mod telemetry;
#[cfg(feature = "redis-tls")]
mod tls;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::IntoConnectionInfo;

pub use builder::{RedisConfigError, RedisReplayStoreBuilder};

use self::breaker::{Breaker, Change, Outcome};
use self::fault::Fault;
use self::keys::Keys;
use self::link::Link;
use self::telemetry::Label;
use super::{
    Claim, ClaimToken, Claimed, Released, ReplayStore, Reserved, StoreError, TwoPhaseReplayStore,
};
use crate::clock::Clock;
use crate::random;

/// A [`ReplayStore`] in Redis or Valkey. See the [module](self) for what it decides.
pub struct RedisReplayStore {
    link: Arc<Link>,
    breaker: Breaker,
    keys: Keys,
    deadline: Duration,
    clock_tolerance: Duration,
    longest_window: Duration,
    replicas: u32,
    clock: Arc<dyn Clock>,
}

impl RedisReplayStore {
    /// A store with the defaults. `server` is a URL (`redis://`, `rediss://` with the feature
    /// `redis-tls`, `redis+unix://`) or whatever else the client library connects to.
    ///
    /// # Errors
    ///
    /// [`RedisConfigError`]. Whether the server is there is not asked yet.
    pub fn new(server: impl IntoConnectionInfo) -> Result<Self, RedisConfigError> {
        Self::builder(server).build()
    }

    /// Starts from the defaults.
    pub fn builder(server: impl IntoConnectionInfo) -> RedisReplayStoreBuilder {
        RedisReplayStoreBuilder::new(server)
    }

    /// Connects and checks the server now, rather than with the first claim: a wrong password or
    /// eviction policy shows at start-up, and a new memory begins before the first request is signed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] with what is wrong with the server. The store may be used nevertheless: it
    /// refuses claims until the server is right.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.link.live().await.map(|_| ()).map_err(StoreError::from)
    }

    /// Lets `asking` go on as long as the breaker and the deadline allow.
    async fn guard<T: Label>(
        &self,
        asking: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, StoreError> {
        let answer = self.within_deadline(asking).await;
        telemetry::answered(&answer);
        answer.map_err(StoreError::from)
    }

    async fn within_deadline<T>(
        &self,
        asking: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        tokio::runtime::Handle::try_current().map_err(|_| Fault::NoRuntime)?;
        let start = self.clock.monotonic();
        let permit = self.breaker.admit(start).map_err(Fault::BreakerOpen)?;
        let answer = match tokio::time::timeout(self.deadline, asking).await {
            Ok(answer) => answer,
            Err(_) => Err(Fault::Deadline(self.deadline)),
        };
        let end = self.clock.monotonic();
        telemetry::waited(end.saturating_sub(start));
        let fault = answer.as_ref().err().filter(|fault| !fault.is_answer());
        let outcome = fault.map_or(Outcome::Answered, |_| Outcome::Failed);
        let change = permit.settle(outcome, end);
        if change == Change::Opened {
            // It may lead nowhere without saying so.
            self.link.reset();
        }
        telemetry::breaker(change, fault);
        answer
    }
}

impl ReplayStore for RedisReplayStore {
    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        self.guard(self.ask_to_claim(claim, random_token())).await
    }
}

impl TwoPhaseReplayStore for RedisReplayStore {
    async fn reserve(&self, claim: Claim<'_>) -> Result<Reserved, StoreError> {
        let token = random_token();
        Ok(match self.guard(self.ask_to_claim(claim, token)).await? {
            Claimed::Fresh => Reserved::Fresh(token),
            Claimed::Used => Reserved::Used,
            Claimed::Expired => Reserved::Expired,
        })
    }

    async fn release(&self, claim: Claim<'_>, token: ClaimToken) -> Result<Released, StoreError> {
        self.guard(self.ask_to_release(claim, token)).await
    }
}

fn random_token() -> ClaimToken {
    ClaimToken::new(u128::from(random::hash_key()) << 64 | u128::from(random::hash_key()))
}

/// Shows where the server is and the configuration; no password.
impl fmt::Debug for RedisReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisReplayStore")
            .field("server", &self.link.target().info.addr().to_string())
            .field("keys", &self.keys)
            .field("deadline", &self.deadline)
            .field("clock_tolerance", &self.clock_tolerance)
            .field("longest_window", &self.longest_window)
            .field("replicas", &self.replicas)
            .field("breaker", &self.breaker)
            .finish_non_exhaustive()
    }
}
