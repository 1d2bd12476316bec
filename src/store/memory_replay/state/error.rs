//! Why a state file cannot be used, and why one that is there is not believed.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A state file that cannot be opened or written.
///
/// While serving it is the source of a [`StoreError::Unavailable`](crate::store::StoreError): what
/// the mark does not cover is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateFileError {
    /// Another store, in this process or another, has it.
    #[error("{} is in use by another store", .path.display())]
    Locked {
        /// The state file.
        path: PathBuf,
    },
    /// A directory, a symbolic link, a device: nothing that may be replaced by a file.
    #[error("{} is not a regular file", .path.display())]
    NotAFile {
        /// What is not.
        path: PathBuf,
    },
    /// Another store has written it since this one did, although it was locked.
    #[error("{} was taken over by another store", .path.display())]
    TakenOver {
        /// The state file.
        path: PathBuf,
    },
    /// The file system refuses.
    #[error("cannot {action} {}", .path.display())]
    Io {
        /// What was tried: a verb.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
}

impl StateFileError {
    /// For `map_err`: what was tried with which file.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}

/// What a store's memory began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartedFrom {
    /// Nothing: there is no state file, or it is new.
    Nothing,
    /// All that the store before it remembered.
    Snapshot,
    /// The mark alone: the store before it was not closed.
    Mark,
    /// Less than there should be: a file is there, and is not believed.
    Unusable(Unusable),
}

/// Why a file is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unusable {
    /// It cannot be read.
    Unreadable,
    /// It does not begin like a state file, or its own length ends it too early.
    Foreign,
    /// Another version of this crate wrote it.
    Version,
    /// Its checksum is wrong; with a key: its authentication code.
    Seal,
    /// The snapshot is too old.
    Stale,
    /// The snapshot is of another run than the mark.
    OtherRun,
    /// The snapshot is of a store with another number of shards.
    OtherShards,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "it cannot be read",
            Self::Foreign => "it is no state file",
            Self::Version => "another version wrote it",
            Self::Seal => "its checksum or key is wrong",
            Self::Stale => "its snapshot is too old",
            Self::OtherRun => "its snapshot and its mark are of different runs",
            Self::OtherShards => "its snapshot is of a store of another size",
        })
    }
}
