//! A folder with an apps file, for the tests that read one.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what fails here fails a test")]

use std::fs;
use std::path::{Path, PathBuf};

use countersign::credential::AppCode;
use countersign::store::{AppsFileError, FileCredentials};
use futures_util::FutureExt;

/// One app, `a`, with the key `k1`.
pub(crate) const MINIMAL: &str = "apps:\n  - {appId: a, appKey: k1, appSecret: hush}\n";

/// What a look-up answers at once: one that waits for anything fails the test.
pub(crate) fn now<T>(look_up: impl Future<Output = T>) -> T {
    look_up.now_or_never().expect("a look-up waits for nothing")
}

pub(crate) fn code(text: &str) -> AppCode {
    AppCode::new(text).unwrap()
}

/// It is removed on drop.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let name = format!("{name}-{}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The apps file.
    pub(crate) fn apps(&self) -> PathBuf {
        self.path("apps.yaml")
    }

    /// Writes a file in its place.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Puts a new file where the old one was.
    pub(crate) fn rename_over(&self, name: &str, text: &str) {
        self.write("new", text);
        fs::rename(self.path("new"), self.path(name)).unwrap();
    }

    /// Points the link `..data` to another folder in one step, as Kubernetes does.
    #[cfg(unix)]
    pub(crate) fn swap(&self, folder: &str) {
        std::os::unix::fs::symlink(folder, self.path("..data_tmp")).unwrap();
        fs::rename(self.path("..data_tmp"), self.path("..data")).unwrap();
    }

    #[cfg(unix)]
    pub(crate) fn chmod(&self, name: &str, mode: u32) {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(self.path(name), mode).unwrap();
    }

    /// Opens the apps file with this text.
    pub(crate) fn open(&self, text: &str) -> Result<FileCredentials, AppsFileError> {
        self.write("apps.yaml", text);
        FileCredentials::open(self.apps())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
