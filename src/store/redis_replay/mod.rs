//! The replay store of many nodes: in one Redis or Valkey (feature `redis`; 6.2 or later).
//!
//! [`RedisReplayStore`] decides a claim in this order; 3 to 9 are one script, hence one atomic step:
//!
//! 1. `until` is before this machine's clock, or was, also by the monotonic one, before the clock went
//!    back → [`Claimed::Expired`]; Redis is not asked;
//! 2. the breaker is open → [`StoreError::Unavailable`], at once;
//! 3. Redis's clock and this machine's differ by more than is tolerated →
//!    [`StoreError::Unavailable`];
//! 4. the memory is not the one that the connection was checked for → a new connection, once;
//! 5. the memory's record is missing, or Redis's clock was further ahead than keys outlive their
//!    `until` → the memory begins now;
//! 6. `until` is before Redis's clock → [`Claimed::Expired`];
//! 7. the claim demands a memory that reaches back before this one begins → [`Claimed::Expired`];
//! 8. the key is there → [`Claimed::Used`];
//! 9. `SET key token NX PXAT until + 60 s` → [`Claimed::Fresh`]; out of memory →
//!    [`StoreError::Full`].
//!
//! Whatever else happens, the deadline included, is [`StoreError::Unavailable`], or
//! [`StoreError::Misconfigured`] if it does not pass by itself: the request is refused with `X503BZ`
//! and `Retry-After`. [`DangerouslyFailOpen`] says otherwise.
//!
//! ```no_run
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use countersign::store::{MemoryCredentials, RedisReplayStore};
//! use countersign::verify::Verifier;
//!
//! let replay = RedisReplayStore::new("redis://:password@redis.internal:6379")?;
//! // Tells at start-up what every request would be refused for.
//! replay.ready().await?;
//! let verifier = Verifier::new(MemoryCredentials::default(), replay).with_name("orders");
//! # let _ = verifier;
//! # Ok(()) }
//! ```
//!
//! With other settings, and what it is like while nobody answers:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use countersign::clock::UnixMillis;
//! use countersign::store::{Claim, RedisReplayStore, ReplayStore, StoreError};
//! use std::time::Duration;
//!
//! let replay = RedisReplayStore::builder("redis://127.0.0.1:1")
//!     .with_prefix("orders")
//!     .with_deadline(Duration::from_millis(100))
//!     .with_breaker(3, Duration::from_millis(500))
//!     .build()?;
//! let claim = Claim::new("orders", "203710001", b"a3c5", UnixMillis::MAX);
//! assert!(matches!(replay.claim(claim).await, Err(StoreError::Unavailable(_))));
//! # Ok(()) }
//! ```
//!
//! # Knobs
//!
//! | knob | default | why |
//! |---|---|---|
//! | [`with_prefix`] | `countersign` | services that share a Redis and not their nonces have verifiers of other names, or other prefixes |
//! | [`with_deadline`] | 250 ms | a hundred times what Redis needs in a data centre, and hardly noticed |
//! | [`with_breaker`] | 5 failures, 1 s | in an outage a request costs microseconds, and each node one attempt in a second |
//! | [`with_clock_tolerance`] | 2 s | more than synchronised clocks and a slow network differ by, far less than the minute that keys outlive their `until` |
//! | [`with_check_interval`] | 5 s | how long a change of the server's settings may go unnoticed; the next claim waits for a check |
//! | [`with_longest_window`] | zero | for services with different windows under one verifier name |
//! | [`with_acknowledging_replicas`] | 0 | `WAIT` holds up all claims of a node |
//! | [`with_clock`] | [`SystemClock`] | tests bring a clock that they move themselves |
//! | [`dangerously_assume_server_is_sound`] | checked | for users who may not call `INFO` |
//!
//! [`DangerouslyFailOpen`]: super::DangerouslyFailOpen
//! [`with_prefix`]: RedisReplayStoreBuilder::with_prefix
//! [`with_deadline`]: RedisReplayStoreBuilder::with_deadline
//! [`with_breaker`]: RedisReplayStoreBuilder::with_breaker
//! [`with_clock_tolerance`]: RedisReplayStoreBuilder::with_clock_tolerance
//! [`with_check_interval`]: RedisReplayStoreBuilder::with_check_interval
//! [`with_longest_window`]: RedisReplayStoreBuilder::with_longest_window
//! [`with_acknowledging_replicas`]: RedisReplayStoreBuilder::with_acknowledging_replicas
//! [`with_clock`]: RedisReplayStoreBuilder::with_clock
//! [`dangerously_assume_server_is_sound`]: RedisReplayStoreBuilder::dangerously_assume_server_is_sound
//! [`SystemClock`]: crate::clock::SystemClock
//!
//! # The server
//!
//! - `maxmemory-policy noeviction`, checked on every connection, and before the next claim when the
//!   last check was 5 s ago: any other lets a full server forget claims. `volatile-*` does, too: every claim has an expiry.
//! - Enough memory: about 200 bytes for each request of a window and a minute. Full, it refuses.
//! - A synchronised clock, as on every node.
//! - Persistence as you like: it spares callers a new timestamp after a planned restart and protects
//!   nothing more, see below.
//! - A user who may `+evalsha +script|load +info +time +get +set +pttl +hget +hmget +hset` on
//!   `~{countersign}:*`, and `+wait` for [`with_acknowledging_replicas`].
//! - A connection to the server itself. Behind a proxy that hides which server answers, a failover
//!   goes unnoticed.
//!
//! # The memory
//!
//! All nodes share one memory and its record, `{prefix}:memory`: since when it remembers, what Redis's
//! clock showed last, and the name of the server that held it, made of its run id, replication id and
//! number of evicted keys. A connection to a server of another name begins the memory anew, because
//! claims may be missing:
//!
//! | event | what may be missing | what happens |
//! |---|---|---|
//! | restart, from nothing, a snapshot or an append-only file | the last claims, or all | the name differs: begun anew |
//! | failover to a replica, or back | what was not replicated yet | the name differs: begun anew |
//! | keys were evicted under another policy | any | the number differs: begun anew at the next check |
//! | `FLUSHALL`, or somebody deletes the record | all | no record: begun anew by the next claim |
//! | Redis's clock jumps ahead by more than a minute, and back | what expired meanwhile | begun anew by the next claim, if one came meanwhile, refused or not |
//!
//! A memory begins by the later of both clocks, Redis's and a node's, and only while they agree: until
//! then every claim is refused (step 3). Where Redis's clock had been further than it is now, claims
//! of then may be missing, so what began by the clock that is behind begins once more when it is there
//! again.
//!
//! A memory that begins anew is the restart rule's business: the strict policy refuses what was
//! signed before (`S403TE`; a newly signed request passes), the compatible one accepts it, replays
//! included. The first start is such an event, too: [`ready`](RedisReplayStore::ready) makes it
//! happen before the first request is signed.
//!
//! A failover therefore loses nothing under the strict policy but what is stamped *ahead* of Redis's
//! clock: such a request, accepted before, is accepted once more. [`with_acknowledging_replicas`]
//! narrows that, and what the compatible policy loses, to failovers to a replica that had not
//! acknowledged. It does not exclude them: Redis promotes whom it is told to.
//!
//! That is so once nobody asks the old master any more: it is dead, demoted or paused (Redis's
//! `FAILOVER` pauses it) before a replica is promoted. While a partition lets two servers take
//! themselves for the master, a request passes once on each. A node that waits for replicas refuses
//! as soon as its master has lost them; wait for all that could be promoted.
//!
//! A server that goes back without a restart has the name that it had, and nobody notices: its machine
//! is resumed from a snapshot, or `CONFIG RESETSTAT` hides an eviction.
//!
//! # Faults
//!
//! | fault | answer |
//! |---|---|
//! | refused, reset, timed out, frozen, unknown host | `Unavailable`; after a few the breaker opens, and the next attempt makes a new connection |
//! | `READONLY`, `LOADING`, `MISCONF`, `MOVED` and every other error reply | `Unavailable`, and a new connection with all checks |
//! | a wrong password, `NOPERM`, another eviction policy, no `INFO` | [`StoreError::Misconfigured`], until it is mended |
//! | `ASK`, `TRYAGAIN`: the slot is being moved | `Unavailable`, until it is there |
//! | `OOM` | [`StoreError::Full`] for a new nonce; a used one is `Used` |
//! | the reply is lost | the nonce may be used: nothing is sent twice, because a second write could not be told from a replay |
//! | Redis reads a claim later than is tolerated | nothing is written (step 3) |
//! | the server forgot its scripts | the script is sent again: it has not run |
//!
//! # Cluster
//!
//! `{prefix}` is a hash tag, so a store is in one slot: a script then sees the claim and the memory's
//! record in one step. The store finds the slot's master by following `MOVED` when it connects, and
//! again when the slot has moved; the memory then begins anew. One store takes one master's memory
//! and speed; services with prefixes of their own spread. Let the URL name the cluster and not one
//! node: it is where every search begins.
//!
//! # Cost
//!
//! One round trip. The connection is shared by all claims of the store. With 64 claims in flight a claim
//! takes the node 3 µs of processor time, and Redis 7 µs, against 2 µs for a bare `SET … NX`: it is a
//! script that reads the clock and the memory's record first. One Redis serves about 100,000 claims in a
//! second, which is 0.85 to 0.9 of what a bare socket gets with the same script (`cargo bench --bench
//! redis`). It needs a tokio runtime with IO and timers.
//!
//! # Why there is no memory in front of it
//!
//! A node could remember what it has claimed, and refuse it again without asking Redis. Measured (the
//! same benchmark), that serves nobody honest: a fresh request asks Redis as before, and costs its node
//! 1.1 to 1.2 of what it did. Each node would hold the nonces of a window once more, against a full
//! store of its own.
//!
//! It saves the replays that come back to the node that they were first sent to. They cost Redis three
//! quarters of a fresh claim, and less than they cost the node, which reads and verifies each of them
//! before. Against one who repeats a captured request a rate limit outside helps on all nodes.
//!
//! And the answers would be other ones: a claim that is remembered before Redis has answered is used
//! even if Redis was never reached; what was used here may have been released since, by whoever has
//! the token; and after Redis was emptied, what was signed before is expired there and used here.
//!
//! # What is told
//!
//! Counters (feature `metrics`): `countersign_redis_claims_total{outcome}`,
//! `countersign_redis_releases_total{outcome}`, `countersign_redis_errors_total{kind}`,
//! `countersign_redis_memories_begun_total`; the histogram `countersign_redis_seconds`; the gauge
//! `countersign_redis_breaker_open`. Warnings (feature `tracing`) when the breaker opens and when a
//! memory begins. Alert on the breaker, on `kind="full"` and on `kind="clock"`.
//!
//! # Security
//!
//! - Keys are digests of (scope, AppKey, nonce): Redis is told none of them. Values are random.
//! - Whoever can write to Redis can delete claims. Give the store a user, and TLS (`rediss://`,
//!   feature `redis-tls`) where the network is not yours alone. `#insecure` is refused.
//! - With [`dangerously_assume_server_is_sound`] no restart, failover or eviction is noticed.

mod asking;
mod breaker;
mod builder;
mod connect;
mod examine;
mod fault;
mod keys;
mod link;
mod passed;
mod scripts;
mod telemetry;
#[cfg(feature = "redis-tls")]
mod tls;

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use redis::IntoConnectionInfo;

pub use builder::{RedisConfigError, RedisReplayStoreBuilder};

use self::breaker::{Breaker, Change, Outcome};
use self::fault::Fault;
use self::keys::Keys;
use self::link::Link;
use self::passed::Passed;
use self::telemetry::Label;
use super::{
    Claim, ClaimToken, Claimed, Released, ReplayStore, Reserved, StoreError, TwoPhaseReplayStore,
};
use crate::clock::Clock;

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
    passed: Passed,
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

    /// Connects and checks the server now, rather than with the first claim: a wrong password, eviction
    /// policy or clock shows at start-up, and a new memory begins before the first request is signed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Misconfigured`] if somebody has to mend the log-in or the server's settings, and
    /// [`StoreError::Unavailable`] if the server is not there or not yet a master; with what is wrong.
    /// The store may be used nevertheless: it refuses claims until the server is right.
    pub async fn ready(&self) -> Result<(), StoreError> {
        let live = self.link.live().await?;
        Ok(self.compare_clocks(&live).await?)
    }

    async fn decide(&self, claim: Claim<'_>, token: ClaimToken) -> Result<Claimed, StoreError> {
        // Nobody is asked, so it says nothing about Redis to the breaker.
        if claim.until < self.passed.now(&*self.clock) {
            telemetry::answered(&Ok::<_, Fault>(Claimed::Expired));
            return Ok(Claimed::Expired);
        }
        self.guard(self.ask_to_claim(claim, token)).await
    }

    /// Lets `asking` go on as long as the breaker and the deadline allow.
    async fn guard<T: Label>(
        &self,
        asking: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, StoreError> {
        // What asks is large: it stays where it is.
        let answer = self.within_deadline(pin!(asking)).await;
        telemetry::answered(&answer);
        answer.map_err(StoreError::from)
    }

    async fn within_deadline<T>(
        &self,
        asking: Pin<&mut impl Future<Output = Result<T, Fault>>>,
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
        self.decide(claim, ClaimToken::random()).await
    }
}

impl TwoPhaseReplayStore for RedisReplayStore {
    async fn reserve(&self, claim: Claim<'_>) -> Result<Reserved, StoreError> {
        let token = ClaimToken::random();
        Ok(match self.decide(claim, token).await? {
            Claimed::Fresh => Reserved::Fresh(token),
            Claimed::Used => Reserved::Used,
            Claimed::Expired => Reserved::Expired,
        })
    }

    async fn release(&self, claim: Claim<'_>, token: ClaimToken) -> Result<Released, StoreError> {
        self.guard(self.ask_to_release(claim, token)).await
    }
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
