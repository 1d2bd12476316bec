//! What Redis runs for us: each script is one atomic step on one hash slot.
//!
//! A script is sent by its digest, and once more with its text if the server does not know it: in
//! that case it has not run, so nothing is asked twice.

use std::sync::LazyLock;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, FromRedisValue, RedisResult, Script, ServerErrorKind, ToRedisArgs};

use crate::clock::UnixMillis;

/// The last instant that a script can tell from its neighbours: its numbers are floating-point. It
/// is in the year 287396.
pub(super) const LAST: UnixMillis = UnixMillis::new((1 << 53) - 1);

pub(super) static CLAIM: LazyLock<Script> = LazyLock::new(|| {
    Script::new(concat!(include_str!("lua/memory.lua"), include_str!("lua/claim.lua")))
});

pub(super) static RELEASE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("lua/release.lua")));

pub(super) static BEGIN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(concat!(include_str!("lua/memory.lua"), include_str!("lua/begin.lua")))
});

/// A call of a script. The client library's own keeps every argument in a place of its own: with
/// those of a claim it takes an eighth longer.
#[must_use]
pub(super) struct Call {
    script: &'static Script,
    command: Cmd,
}

impl Call {
    pub(super) fn new(script: &'static Script, keys: &[&str]) -> Self {
        let mut command = Cmd::with_capacity(16, 512);
        command.arg("EVALSHA").arg(script.get_hash()).arg(keys.len()).arg(keys);
        Self { script, command }
    }

    pub(super) fn arg(mut self, arg: impl ToRedisArgs) -> Self {
        self.command.arg(arg);
        self
    }

    pub(super) async fn invoke<T: FromRedisValue>(
        &self,
        connection: &mut MultiplexedConnection,
    ) -> RedisResult<T> {
        let answer = self.command.query_async(connection).await;
        match answer {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.script.load_async(connection).await?;
                self.command.query_async(connection).await
            }
            answer => answer,
        }
    }
}
