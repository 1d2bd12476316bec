//! The files that apps were read from.
//!
//! 1. Contents are compared, not times: a time has a resolution and a backup has an old one, and
//!    these files are small. So a file that is renamed over, written in place, restored, or swapped
//!    with its folder's symbolic link (as Kubernetes does) has changed if and only if it says
//!    something else, or its permissions do.
//! 2. Only regular files of a bounded length are read: a pipe would hold a thread for good.
//! 3. A file that holds secrets and that others may read is a warning. Windows has no such bits.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The longest file: about 100,000 apps in JSON. Of YAML the parser takes a third of that.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What a file said when it was read, or that it could not be.
pub(super) type Print = [u8; 32];

#[derive(Debug)]
pub(super) struct Sources {
    folder: PathBuf,
    files: Vec<(PathBuf, Print)>,
    warnings: Vec<String>,
}

struct Content {
    bytes: Zeroizing<Vec<u8>>,
    mode: u32,
}

impl Sources {
    /// No file yet; relative paths begin at the folder of `apps_file`.
    pub(super) fn beside(apps_file: &Path) -> Self {
        let folder = apps_file.parent().unwrap_or(Path::new("")).to_owned();
        Self { folder, files: Vec::new(), warnings: Vec::new() }
    }

    /// Reads the apps file.
    pub(super) fn read_apps(&mut self, path: &Path) -> io::Result<(Zeroizing<Vec<u8>>, u32)> {
        self.read(path.to_owned()).map(|content| (content.bytes, content.mode))
    }

    /// Reads a file that holds a secret.
    pub(super) fn read_secret(&mut self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        let path = self.folder.join(path);
        let content = self.read(path.clone())?;
        self.warn_if_open(&path, content.mode);
        Ok(content.bytes)
    }

    /// Notes a file with secrets that others may read or write.
    pub(super) fn warn_if_open(&mut self, path: &Path, mode: u32) {
        const OF_OTHERS: u32 = 0o066;
        if mode & OF_OTHERS != 0 {
            let path = path.display();
            self.warnings.push(format!(
                "{path}: it holds secrets, and its mode {mode:04o} opens it to group or others"
            ));
        }
    }

    /// Notes what is doubtful about the apps file.
    pub(super) fn warn(&mut self, warning: fmt::Arguments<'_>) {
        if let Some((apps_file, _)) = self.files.first() {
            self.warnings.push(format!("{}: {warning}", apps_file.display()));
        }
    }

    pub(super) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What the same files say now, if that is something else.
    pub(super) fn change(&self) -> Option<Vec<Print>> {
        let now: Vec<_> = self.files.iter().map(|(path, _)| print(&read(path))).collect();
        let changed = now.iter().zip(&self.files).any(|(now, (_, then))| now != then);
        changed.then_some(now)
    }

    fn read(&mut self, path: PathBuf) -> io::Result<Content> {
        let content = read(&path);
        self.files.push((path, print(&content)));
        content
    }
}

fn read(path: &Path) -> io::Result<Content> {
    let meta = fs::metadata(path)?;
    if !meta.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    // With room for all of it, so that growing leaves no copy behind.
    let room = usize::try_from(meta.len().min(MAX_BYTES)).unwrap_or_default() + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let file = File::open(path)?;
    let mode = mode(&file.metadata()?);
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 16 MiB"));
    }
    Ok(Content { bytes, mode })
}

fn print(content: &io::Result<Content>) -> Print {
    let digest = Sha256::new();
    let digest = match content {
        Ok(content) => digest.chain_update(content.mode.to_be_bytes()).chain_update(&content.bytes),
        Err(error) => digest.chain_update(error.to_string()),
    };
    digest.finalize().into()
}

#[cfg(unix)]
fn mode(meta: &fs::Metadata) -> u32 {
    const PERMISSIONS: u32 = 0o7777;
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & PERMISSIONS
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> u32 {
    0
}
