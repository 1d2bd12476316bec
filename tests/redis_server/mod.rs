//! Redis servers of the tests' own, on free ports, in folders that go with them.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

pub(crate) mod proxy;
pub(crate) mod tls;

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use countersign::clock::{Clock, SystemClock, UnixMillis};
use countersign::store::{
    Claim, Claimed, RedisReplayStore, RedisReplayStoreBuilder, ReplayStore, StoreError,
};

pub(crate) use crate::support::until;

/// A running `redis-server`. It is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
    args: Vec<String>,
}

impl Server {
    /// A master with nothing in it, which writes nothing to disk.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(args: &[&str]) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("redis-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let args: Vec<_> = args.iter().map(|&arg| arg.to_owned()).collect();
        let port = free_port();
        Self { child: launch(port, &folder, &args), port, folder, args }
    }

    /// A replica that has all that its master has.
    pub(crate) async fn replica_of(master: &Self) -> Self {
        let replica = Self::with(&["--replicaof", "127.0.0.1", &master.port().to_string()]);
        until(|| replica.info("master_link_status") == "up").await;
        replica
    }

    /// Makes a master of a replica, for good.
    pub(crate) fn promote(&mut self) {
        let _: () = self.run(&["REPLICAOF", "NO", "ONE"]);
        self.args.clear();
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn socket(&self) -> String {
        self.folder.join("socket").to_str().unwrap().to_owned()
    }

    /// A store with a deadline that a busy machine keeps.
    pub(crate) fn builder(&self) -> RedisReplayStoreBuilder {
        patient(RedisReplayStore::builder(self.url()))
    }

    /// A store whose memory reaches back to before this returns.
    pub(crate) async fn store(&self) -> RedisReplayStore {
        ready(self.builder()).await
    }

    /// Runs a command, like `CONFIG SET save ''` in words.
    pub(crate) fn run<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        self.try_run(words).unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    pub(crate) fn try_run<T: redis::FromRedisValue>(
        &self,
        words: &[&str],
    ) -> redis::RedisResult<T> {
        let mut connection = redis::Client::open(self.url())?.get_connection()?;
        redis::cmd(words[0]).arg(&words[1..]).query(&mut connection)
    }

    /// What `INFO` says of `field`.
    pub(crate) fn info(&self, field: &str) -> String {
        let info: String = self.run(&["INFO"]);
        let of_field = |line: &str| Some(line.strip_prefix(field)?.strip_prefix(':')?.to_owned());
        info.lines().find_map(of_field).unwrap_or_else(|| panic!("INFO has no {field}"))
    }

    /// SIGKILL: no good-bye, nothing written.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops it as an administrator does who wants nothing kept.
    pub(crate) fn shut_down(&mut self) {
        // It hangs up instead of answering.
        let _ = self.try_run::<()>(&["SHUTDOWN", "NOSAVE"]);
        self.child.wait().unwrap();
        let _ = std::fs::remove_file(self.folder.join("dump.rdb"));
    }

    /// As it was started, with what it finds on disk.
    pub(crate) fn restart(&mut self) {
        self.child = launch(self.port, &self.folder, &self.args);
    }

    /// Neither runs nor hangs up.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let done = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Returns when the server takes connections.
fn launch(port: u16, folder: &PathBuf, args: &[String]) -> Child {
    let mut child = Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--unixsocket", "socket", "--save", "", "--appendonly", "no"])
        .args(["--repl-diskless-sync-delay", "0"])
        .args(args)
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("redis-server is installed: run scripts/test");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.by_ref().map_while(Result::ok).any(|line| line.contains("eady to accept"));
    assert!(ready, "redis-server did not start with {args:?}");
    thread::spawn(move || lines.for_each(drop));
    child
}

pub(crate) async fn ready(builder: RedisReplayStoreBuilder) -> RedisReplayStore {
    let store = builder.build().unwrap();
    store.ready().await.unwrap();
    later().await;
    store
}

/// Lets a millisecond end and another begin, so that before and after can be told apart.
pub(crate) async fn later() -> UnixMillis {
    let before = now();
    until(|| now().since(before) > Duration::from_millis(1)).await;
    now()
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A deadline that only a frozen server misses.
pub(crate) fn patient(builder: RedisReplayStoreBuilder) -> RedisReplayStoreBuilder {
    builder.with_deadline(Duration::from_secs(2))
}

/// Lets nobody wait for a server that is known to be frozen, and asks again soon.
pub(crate) fn impatient(builder: RedisReplayStoreBuilder) -> RedisReplayStoreBuilder {
    builder.with_deadline(Duration::from_millis(150)).with_breaker(3, Duration::from_millis(50))
}

pub(crate) fn now() -> UnixMillis {
    SystemClock.wall()
}

/// A claim of a request that was signed now, under the strict policy's window and restart rule.
pub(crate) fn signed_now(nonce: &[u8]) -> Claim<'_> {
    signed_at(nonce, now())
}

pub(crate) fn signed_at(nonce: &[u8], at: UnixMillis) -> Claim<'_> {
    unvouched(nonce, at).remembered_since(at)
}

/// The same under a policy that accepts after a restart.
pub(crate) fn unvouched(nonce: &[u8], at: UnixMillis) -> Claim<'_> {
    Claim::new("orders", "203710001", nonce, at.saturating_add(Duration::from_secs(900)))
        .signed_at(at)
}

/// A store's error with all its sources.
pub(crate) fn told(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

#[track_caller]
pub(crate) fn assert_error(answer: Result<Claimed, StoreError>, part: &str) {
    let text = told(&answer.unwrap_err());
    assert!(text.contains(part), "{text}");
}

/// Claims new nonces until the store answers as `is_it` wants, and returns that answer.
pub(crate) async fn eventually(
    store: &impl ReplayStore,
    is_it: impl Fn(&Result<Claimed, StoreError>) -> bool,
) -> Result<Claimed, StoreError> {
    let claiming = async {
        for number in 0_u64.. {
            let nonce = [b"eventually".as_slice(), &number.to_be_bytes()].concat();
            let answer = store.claim(signed_now(&nonce)).await;
            if is_it(&answer) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        unreachable!("the numbers do not end")
    };
    tokio::time::timeout(Duration::from_secs(30), claiming).await.expect("it never does")
}

pub(crate) fn is_fresh(answer: &Result<Claimed, StoreError>) -> bool {
    matches!(answer, Ok(Claimed::Fresh))
}
