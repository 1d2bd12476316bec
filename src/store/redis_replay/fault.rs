//! Why a claim was not answered, for the operator.

use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::store::{FullScope, StoreError};

/// The client library's errors are shown and not named as sources: theirs say the same once more.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("Redis did not answer within {0:?}")]
    Deadline(Duration),
    #[error("after repeated failures Redis is not asked for another {0:?}")]
    BreakerOpen(Duration),
    #[error("the connection to Redis failed: {0}")]
    Connection(RedisError),
    #[error("the connection to Redis was not made within {0:?}")]
    ConnectDeadline(Duration),
    #[error("Redis answered with an error: {0}")]
    Refused(RedisError),
    /// `maxmemory` is reached.
    #[error("Redis is full")]
    Full,
    #[error(
        "Redis's clock is {0} ms from this machine's, further than tolerated: keys cannot be \
         trusted to expire in time; synchronise both clocks"
    )]
    Clock(i64),
    #[error("the memory in Redis was taken over by another server, or lost, since it was checked")]
    OtherMemory,
    #[error("{got} instead of {wanted} replicas acknowledged the claim in time")]
    Replicas { got: u32, wanted: u32 },
    #[error("the server is a {0}, not a master: what it holds may be old, and it takes no claims")]
    NotMaster(String),
    #[error(
        "the server's maxmemory-policy is {0}, so it may forget a claim to make room: set it to \
         noeviction"
    )]
    Evicts(String),
    #[error(
        "the server cannot be checked, because it refuses INFO: allow it to this user, or vouch \
         for the server with `dangerously_assume_server_is_sound`: {0}"
    )]
    Unverifiable(RedisError),
    #[error("the server's INFO lacks {0}")]
    Unreadable(&'static str),
    #[error("the cluster points in circles to where the keys are")]
    Circles,
    #[error("the runtime that was connecting has shut down")]
    Aborted,
    #[error("there is no tokio runtime here")]
    NoRuntime,
}

impl Fault {
    /// What an error of the client library is to us.
    pub(super) fn of(error: RedisError) -> Self {
        match error.kind() {
            ErrorKind::Io => Self::Connection(error),
            _ if code(&error) == "OOM" => Self::Full,
            _ => Self::Refused(error),
        }
    }

    /// The fixed set of labels.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Deadline(_) => "deadline",
            Self::BreakerOpen(_) => "breaker_open",
            Self::Connection(_) | Self::ConnectDeadline(_) | Self::Aborted => "connection",
            Self::Full => "full",
            Self::Clock(_) => "clock",
            Self::OtherMemory => "memory",
            Self::Replicas { .. } => "replicas",
            Self::NotMaster(_) => "read_only",
            Self::Evicts(_) => "evicts",
            Self::Unverifiable(_) | Self::Unreadable(_) => "unverifiable",
            Self::Circles => "cluster",
            Self::NoRuntime => "no_runtime",
            Self::Refused(error) => match code(error) {
                "READONLY" | "MASTERDOWN" => "read_only",
                "LOADING" => "loading",
                "NOAUTH" | "WRONGPASS" => "authentication",
                _ if error.kind() == ErrorKind::AuthenticationFailed => "authentication",
                "NOPERM" => "permission",
                "MISCONF" => "misconfigured",
                "MOVED" | "ASK" | "TRYAGAIN" | "CLUSTERDOWN" | "CROSSSLOT" => "cluster",
                _ => "refused",
            },
        }
    }

    /// Whether somebody has to mend the server's settings, or this machine's: it does not pass by
    /// itself, as an outage, a start or a failover does.
    fn is_misconfiguration(&self) -> bool {
        matches!(self.kind(), "authentication" | "evicts" | "permission" | "unverifiable")
    }

    /// Whether Redis is there, sound and quick, although this claim got no answer.
    pub(super) fn is_answer(&self) -> bool {
        matches!(self, Self::Full | Self::Clock(_) | Self::OtherMemory)
    }

    /// Whether what is known of the connection's server may be wrong.
    pub(super) fn doubts_the_server(&self) -> bool {
        matches!(self, Self::Connection(_) | Self::Refused(_) | Self::OtherMemory)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Full => Self::Full { scope: FullScope::Store, retry_after: None },
            fault if fault.is_misconfiguration() => Self::misconfigured(fault),
            fault => Self::unavailable(fault),
        }
    }
}

/// Whether the server says that this user may not.
pub(super) fn is_forbidden(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm) || is_unknown_command(error)
}

/// A command that was renamed away.
fn is_unknown_command(error: &RedisError) -> bool {
    error.detail().is_some_and(|detail| detail.starts_with("unknown command"))
}

/// The server's code. What a script calls may fail with a code of its own, which servers before 7.0
/// wrap into one for the script: `ERR Error running script …: -OOM command not allowed …`.
fn code(error: &RedisError) -> &str {
    let code = error.code().unwrap_or_default();
    let wrapped = error.detail().filter(|_| code == "ERR").and_then(|detail| {
        let (_, inner) = detail.split_once(": -")?;
        inner.split(' ').next()
    });
    wrapped.unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use redis::RedisError;

    use super::Fault;

    /// As the client library reads an error from the wire.
    fn server_error(line: &str) -> RedisError {
        let wire = format!("-{line}\r\n");
        redis::parse_redis_value(wire.as_bytes()).unwrap().extract_error().unwrap_err()
    }

    #[test]
    fn every_error_reply_has_its_kind() {
        for (line, kind) in [
            ("OOM command not allowed when used memory > 'maxmemory'.", "full"),
            ("ERR Error running script (call to f_1): @user_script:9: -OOM command not", "full"),
            ("READONLY You can't write against a read only replica.", "read_only"),
            ("ERR Error running script (call to f_1): @user_script:9: -READONLY You", "read_only"),
            ("LOADING Redis is loading the dataset in memory", "loading"),
            ("MISCONF Redis is configured to save RDB snapshots", "misconfigured"),
            ("NOAUTH Authentication required.", "authentication"),
            ("WRONGPASS invalid username-password pair", "authentication"),
            ("NOPERM this user has no permissions", "permission"),
            ("MOVED 3999 127.0.0.1:6381", "cluster"),
            ("CLUSTERDOWN The cluster is down", "cluster"),
            ("ERR unknown", "refused"),
        ] {
            assert_eq!(Fault::of(server_error(line)).kind(), kind, "{line}");
        }
    }
}
