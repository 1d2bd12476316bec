//! One memory for many servers: what must be right with Redis before the first request, and what may
//! come right later.

use std::error::Error;
use std::time::Duration;

use countersign::store::{RedisReplayStore, StoreError};

use super::args::RedisUrl;
use super::{Problem, warn};

const FORM: &str = "redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS";

/// A store on a server that was looked at.
///
/// Settings that somebody has to mend (the URL, the log-in, the eviction policy) end the start: they
/// do not pass by themselves, and whoever rolls this out wants to know. An outage passes: the store
/// refuses every request until it is over (X503BZ), and then takes them without a restart.
pub(crate) async fn open(name: &str, url: &RedisUrl) -> Result<RedisReplayStore, Problem> {
    let store = RedisReplayStore::new(url.as_str())
        .map_err(|error| Problem(format!("--redis: {error}; its form is {FORM}")))?;
    match store.ready().await {
        Ok(()) => {}
        Err(error @ StoreError::Misconfigured(_)) => {
            return Err(Problem(format!("--redis: {}", cause(&error))));
        }
        Err(error) => {
            let cause = cause(&error);
            warn(name, format_args!("{cause}; until that is mended requests get X503BZ"));
        }
    }
    // A memory that has just begun remembers from the next millisecond on: what is signed then.
    tokio::time::sleep(Duration::from_millis(1)).await;
    Ok(store)
}

fn cause(error: &StoreError) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}
