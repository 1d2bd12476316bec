//! The files: locked, replaced as a whole, consumed.
//!
//! | name | what |
//! |---|---|
//! | `FILE` | the mark |
//! | `FILE.snapshot` | what was remembered when the store was closed; gone while it runs |
//! | `FILE.lock` | empty; whoever has it locked may touch the others |
//! | `FILE.unusable` | a mark that was not believed, set aside |

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::codec::Magic;
use super::error::{StateFileError, Unusable};

/// What is found of a file.
pub(super) enum Found<T> {
    Missing,
    Unusable(Unusable),
    Intact(T),
}

impl<T> Found<T> {
    pub(super) fn and_then<U>(self, read: impl FnOnce(T) -> Result<U, Unusable>) -> Found<U> {
        match self {
            Self::Missing => Found::Missing,
            Self::Unusable(reason) => Found::Unusable(reason),
            Self::Intact(found) => read(found).map_or_else(Found::Unusable, Found::Intact),
        }
    }

    pub(super) fn as_ref(&self) -> Found<&T> {
        match self {
            Self::Missing => Found::Missing,
            Self::Unusable(reason) => Found::Unusable(*reason),
            Self::Intact(found) => Found::Intact(found),
        }
    }

    pub(super) fn intact(&self) -> Option<&T> {
        match self {
            Self::Intact(found) => Some(found),
            Self::Missing | Self::Unusable(_) => None,
        }
    }

    pub(super) fn into_intact(self) -> Option<T> {
        match self {
            Self::Intact(found) => Some(found),
            Self::Missing | Self::Unusable(_) => None,
        }
    }
}

/// The files of one store, locked as long as this lives.
pub(super) struct Files {
    folder: PathBuf,
    mark: PathBuf,
    lock: File,
}

/// A process that another thread is just starting has the file open, too, until it is there. So
/// closing it might not be enough.
impl Drop for Files {
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}

impl Files {
    /// A mark is shorter than this; more than this is not read of what should be one.
    const LONGEST_MARK: u64 = 4_096;

    /// The folder is resolved once, so that the files stay where they are if the process changes
    /// its own.
    pub(super) fn lock(path: &Path) -> Result<Self, StateFileError> {
        let not_a_file = || StateFileError::NotAFile { path: path.to_owned() };
        let name = path.file_name().ok_or_else(not_a_file)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new("."));
        let folder = fs::canonicalize(folder).map_err(StateFileError::io("find", folder))?;
        let mark = folder.join(name);
        let lock = with_suffix(&mark, "lock");
        for path in [&mark, &with_suffix(&mark, "snapshot"), &lock] {
            check_regular(path)?;
        }
        let mut options = OpenOptions::new();
        let file = private(options.write(true).create(true).truncate(false)).open(&lock);
        let file = file.map_err(StateFileError::io("open", &lock))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { folder, mark, lock: file }),
            Err(TryLockError::WouldBlock) => Err(StateFileError::Locked { path: mark }),
            Err(TryLockError::Error(error)) => Err(StateFileError::io("lock", &lock)(error)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.mark
    }

    pub(super) fn read_mark(&self) -> Found<Vec<u8>> {
        found(File::open(&self.mark).and_then(|file| {
            let mut bytes = Vec::new();
            file.take(Self::LONGEST_MARK).read_to_end(&mut bytes)?;
            Ok(bytes)
        }))
    }

    /// What does not begin with `magic` is not read further: it may be anything, of any length.
    pub(super) fn read_snapshot(&self, magic: &Magic) -> Found<Vec<u8>> {
        found(File::open(self.snapshot()).and_then(|mut file| {
            let mut bytes = Vec::new();
            (&file).take(magic.len() as u64).read_to_end(&mut bytes)?;
            if bytes == magic {
                file.read_to_end(&mut bytes)?;
            }
            Ok(bytes)
        }))
    }

    pub(super) fn replace_mark(&self, bytes: &[u8]) -> Result<(), StateFileError> {
        self.replace(&self.mark, |file| file.write_all(bytes))
    }

    pub(super) fn replace_snapshot(
        &self,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<(), StateFileError> {
        self.replace(&self.snapshot(), write)
    }

    /// Takes a mark that is not believed out of the way: it may be somebody else's file.
    pub(super) fn set_mark_aside(&self) -> Result<(), StateFileError> {
        let aside = with_suffix(&self.mark, "unusable");
        fs::rename(&self.mark, aside).map_err(StateFileError::io("rename", &self.mark))
    }

    /// After this there is no snapshot, whatever happens.
    pub(super) fn consume_snapshot(&self) -> Result<(), StateFileError> {
        let snapshot = self.snapshot();
        let used = with_suffix(&snapshot, "used");
        match fs::rename(&snapshot, &used) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            renamed => renamed.map_err(StateFileError::io("rename", &snapshot))?,
        }
        self.sync_folder()?;
        // Nothing reads it any more; it only takes room.
        let _ = fs::remove_file(used);
        Ok(())
    }

    /// The file is there as a whole, durably, or as it was before.
    fn replace(
        &self,
        path: &Path,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<(), StateFileError> {
        let new = with_suffix(path, "new");
        // A crash may have left it behind: nobody else writes it, because of the lock.
        let _ = fs::remove_file(&new);
        let written = private(OpenOptions::new().write(true).create_new(true))
            .open(&new)
            .and_then(|mut file| write(&mut file).and_then(|()| file.sync_all()));
        if written.is_err() {
            // What there is of it only takes room, on a disk that may be full.
            let _ = fs::remove_file(&new);
        }
        written.map_err(StateFileError::io("write", &new))?;
        fs::rename(&new, path).map_err(StateFileError::io("replace", path))?;
        self.sync_folder()
    }

    /// A name is durable when its folder is. Elsewhere than on Unix a folder cannot be opened.
    fn sync_folder(&self) -> Result<(), StateFileError> {
        if !cfg!(unix) {
            return Ok(());
        }
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.map_err(StateFileError::io("sync", &self.folder))
    }

    fn snapshot(&self) -> PathBuf {
        with_suffix(&self.mark, "snapshot")
    }
}

fn found(read: io::Result<Vec<u8>>) -> Found<Vec<u8>> {
    match read {
        Ok(bytes) => Found::Intact(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Found::Missing,
        Err(_) => Found::Unusable(Unusable::Unreadable),
    }
}

/// A symbolic link would be replaced, not followed, and could lead a file with secrets elsewhere.
fn check_regular(path: &Path) -> Result<(), StateFileError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(StateFileError::NotAFile { path: path.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StateFileError::io("look at", path)(error)),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(suffix);
    name.into()
}

/// A snapshot has the fingerprint key in it.
#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &OpenOptions {
    options
}
