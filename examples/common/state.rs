//! What outlives the process: opened before the first request, closed after the last.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use countersign::store::MemoryReplayStore;
use countersign::store::memory_replay::{StartedFrom, StateFile, StateFileError};

use super::Problem;

/// A replay store with the memory of the one before it.
pub(crate) fn open(name: &str, path: &Path) -> Result<MemoryReplayStore, Problem> {
    let store = MemoryReplayStore::builder().open(StateFile::new(path))?;
    let reason = match store.started_from() {
        StartedFrom::Mark => "the server before this one did not stop by itself".to_owned(),
        StartedFrom::Unusable(reason) => format!("{} is not believed: {reason}", path.display()),
        _ => return Ok(store),
    };
    // There is nobody to warn if stderr is closed.
    let _ = writeln!(
        io::stderr(),
        "{name}: warning: {reason}; what may have been accepted before is refused (S403TE)"
    );
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
