//! What outlives the process: opened before the first request, closed after the last.

use std::error::Error;
use std::path::Path;

use countersign::clock::{Clock, SystemClock};
use countersign::store::MemoryReplayStore;
use countersign::store::memory_replay::{StartedFrom, StateFile, StateFileError};

use super::{Problem, warn};

/// A replay store with the memory of the one before it.
pub(crate) fn open(name: &str, path: &Path) -> Result<MemoryReplayStore, Problem> {
    let store = MemoryReplayStore::builder().open(StateFile::new(path))?;
    let file = path.display();
    let reason = match store.started_from() {
        StartedFrom::Mark => Some("the server before this one did not stop by itself".to_owned()),
        StartedFrom::Unusable(reason) => Some(format!("{file} is not believed: {reason}")),
        _ => None,
    };
    if let Some(reason) = reason {
        let refused = "what may have been accepted before is refused (S403TE)";
        warn(name, format_args!("{reason}; {refused}"));
    }
    // By this server or an earlier one: a stop in good order does not move the mark back.
    let refused = store.refuses_through().unwrap_or_default().since(SystemClock.wall());
    if !refused.is_zero() {
        let seconds = refused.as_millis().div_ceil(1_000);
        warn(
            name,
            format_args!(
                "for {seconds} s, what is signed now is refused too (S403TE), unless the restart rule \
                 is to accept: requests stamped that far ahead may have been accepted. A smaller \
                 --window-secs (max_ahead) keeps it shorter the next time; to end it now, stop the \
                 server, delete {file} and {file}.snapshot, and start again: what was stamped ahead \
                 then passes once more"
            ),
        );
    }
    Ok(store)
}

/// With its cause, in one line.
impl From<StateFileError> for Problem {
    fn from(error: StateFileError) -> Self {
        Self(match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        })
    }
}
