//! Reading all of it, whole.
//!
//! A file that is being written may be half there, and a folder may be swapped between two of its
//! files. So what was read counts only if the files still say the same afterwards; otherwise it is
//! read again.

use std::path::Path;
use std::str;

use super::error::AppsFileError;
use super::parse;
use super::secret::Kept;
use super::sources::Sources;
use crate::clock::UnixMillis;
use crate::store::MemoryCredentials;

/// How often a load begins again.
const ATTEMPTS: usize = 8;

/// Apps or what is wrong, and the files that said so.
pub(super) struct Load {
    pub(super) sources: Sources,
    pub(super) apps: Result<MemoryCredentials, AppsFileError>,
}

/// What has ended at `now` is a warning.
pub(super) fn load(file: &Path, now: UnixMillis) -> Load {
    let mut load = once(file, now);
    for _ in 1..ATTEMPTS {
        if load.sources.change().is_none() {
            return load;
        }
        load = once(file, now);
    }
    if load.sources.change().is_some() {
        load.apps = Err(AppsFileError::at("", "it changes while it is read").of(file));
    }
    load
}

fn once(file: &Path, now: UnixMillis) -> Load {
    let mut sources = Sources::beside(file);
    let apps = apps(file, &mut sources, now).map_err(|error| error.of(file));
    Load { sources, apps }
}

fn apps(
    file: &Path,
    sources: &mut Sources,
    now: UnixMillis,
) -> Result<MemoryCredentials, AppsFileError> {
    let (bytes, mode) = sources
        .read_apps(file)
        .map_err(|error| AppsFileError::at("", format!("it cannot be read: {error}")))?;
    let text = str::from_utf8(&bytes).map_err(|_| AppsFileError::at("", "it is not UTF-8"))?;
    let document = parse::document(text)?;
    if document.kept() == Kept::InTheFile {
        sources.warn_if_open(file, mode);
    }
    document.apps(sources, now)
}
