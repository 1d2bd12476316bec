//! What a look-up asks for.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::credential::{App, AppCode};

/// An AppKey or an AppCode, of which only the digest is known.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    Key(&'a str),
    Code(&'a AppCode),
}

/// A [`Wanted`] that is kept.
#[derive(Clone)]
pub(super) enum Name {
    Key(Arc<str>),
    Code(AppCode),
}

impl Wanted<'_> {
    pub(super) fn name(self) -> Name {
        match self {
            Self::Key(key) => Name::Key(key.into()),
            Self::Code(code) => Name::Code(code.clone()),
        }
    }
}

impl Name {
    pub(super) fn wanted(&self) -> Wanted<'_> {
        match self {
            Self::Key(key) => Wanted::Key(key),
            Self::Code(code) => Wanted::Code(code),
        }
    }

    /// Whether it is this app's. A store may find by a prefix or a collation, and what it finds so is
    /// nobody's: under its own name it would answer for another.
    pub(super) fn is_of(&self, app: &App) -> bool {
        match self {
            Self::Key(key) => app.key().as_str() == &**key,
            Self::Code(code) => owns(app, code),
        }
    }
}

/// Compares with every AppCode of the app, in constant time.
pub(super) fn owns(app: &App, code: &AppCode) -> bool {
    app.app_codes().iter().fold(false, |found, own| found | own.matches(code))
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Key(one), Self::Key(other)) => one == other,
            (Self::Code(one), Self::Code(other)) => one.matches(other),
            _ => false,
        }
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Key(key) => key.hash(state),
            Self::Code(code) => code.digest().hash(state),
        }
    }
}
