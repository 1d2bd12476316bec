//! Texts that may be in a file, and the secret, which nothing prints.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::Problem;

/// A text on the command line, or where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    Itself(String),
    File(PathBuf),
    StandardInput,
}

impl Text {
    pub(crate) fn parse(word: String) -> Self {
        match word.strip_prefix('@') {
            Some("-") => Self::StandardInput,
            Some(path) => Self::File(path.into()),
            None => Self::Itself(word),
        }
    }

    pub(crate) fn bytes(&self) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Itself(text) => Ok(text.clone().into_bytes()),
            Self::File(path) => read(path),
            Self::StandardInput => {
                let mut bytes = Vec::new();
                let read = std::io::stdin().lock().read_to_end(&mut bytes);
                read.map_err(|error| Problem(format!("cannot read standard input: {error}")))?;
                Ok(bytes)
            }
        }
    }

    pub(crate) fn text(&self) -> Result<String, Problem> {
        self.bytes().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    std::fs::read(path).map_err(|error| Problem(format!("cannot read {}: {error}", path.display())))
}

/// An AppSecret's text, which nothing prints.
#[derive(PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) String);

impl Secret {
    /// Where no shell remembers it.
    pub(crate) fn of_environment() -> Option<Self> {
        std::env::var("COUNTERSIGN_SECRET").ok().map(Self)
    }

    pub(crate) fn of_file(path: PathBuf) -> Result<Self, Problem> {
        let text = String::from_utf8(read(&path)?)
            .map_err(|_| Problem(format!("{} is not UTF-8", path.display())))?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        Ok(Self(text.strip_suffix('\r').unwrap_or(text).to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_file_loses_its_line_end_and_nothing_else_and_is_not_printed() {
        let path = std::env::temp_dir().join(format!("sign-secret-{}", std::process::id()));
        for (text, secret) in [("a b \r\n", "a b "), ("c\n", "c"), ("d\n\n", "d\n"), ("e", "e")] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(Secret::of_file(path.clone()), Ok(Secret(secret.to_owned())));
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(format!("{:?}", Secret("hush".to_owned())), "Secret(…)");
    }
}
