//! What is wrong with an apps file.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

/// An apps file that cannot be used, with the place of the problem, in one line. It shows no secret.
///
/// ```
/// use countersign::store::FileCredentials;
///
/// let error = FileCredentials::open("no/such.yaml").unwrap_err();
/// assert!(error.to_string().starts_with("no/such.yaml: it cannot be read: "));
/// assert_eq!(error.place(), "", "the whole file");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppsFileError {
    file: PathBuf,
    place: String,
    problem: Cow<'static, str>,
}

impl AppsFileError {
    /// A problem at a place of a file that the caller will [name](Self::of).
    pub(super) fn at(place: impl Into<String>, problem: impl Into<Cow<'static, str>>) -> Self {
        Self { file: PathBuf::new(), place: place.into(), problem: problem.into() }
    }

    /// The same problem, inside `outer`.
    pub(super) fn within(mut self, outer: &str) -> Self {
        let point = if self.place.is_empty() || self.place.starts_with('[') { "" } else { "." };
        self.place = format!("{outer}{point}{}", self.place);
        self
    }

    /// The same problem, of this file.
    pub(super) fn of(mut self, file: &Path) -> Self {
        self.file = file.to_owned();
        self
    }

    /// The apps file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Where in the file the problem is, like `apps[1].appKey`; empty if it is the whole.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What is wrong there.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for AppsFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for AppsFileError {}
