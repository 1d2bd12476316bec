//! What a look-up asks for.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::credential::{App, AppCode};

/// An AppKey, an AppCode, of which only the digest is known, or an AccessKeyId.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    Key(&'a str),
    Code(&'a AppCode),
    AccessKey(&'a str),
}

/// A [`Wanted`] that is kept.
#[derive(Clone)]
pub(super) enum Name {
    Key(Arc<str>),
    Code(AppCode),
    AccessKey(Arc<str>),
}

impl Wanted<'_> {
    /// The name under which a store is asked again for the app that was found. It knows that of an
    /// AccessKey, while the AppKey of an app that has no other is only a name.
    pub(super) fn name_of(self, app: &App) -> Name {
        match self {
            Self::Key(_) | Self::Code(_) => Name::Key(app.key().as_str().into()),
            Self::AccessKey(_) => self.name(),
        }
    }

    pub(super) fn name(self) -> Name {
        match self {
            Self::Key(key) => Name::Key(key.into()),
            Self::Code(code) => Name::Code(code.clone()),
            Self::AccessKey(id) => Name::AccessKey(id.into()),
        }
    }
}

impl Name {
    pub(super) fn wanted(&self) -> Wanted<'_> {
        match self {
            Self::Key(key) => Wanted::Key(key),
            Self::Code(code) => Wanted::Code(code),
            Self::AccessKey(id) => Wanted::AccessKey(id),
        }
    }

    /// Whether it is this app's. A store may find by a prefix or a collation, and what it finds so is
    /// nobody's: under its own name it would answer for another.
    pub(super) fn is_of(&self, app: &App) -> bool {
        match self {
            Self::Key(key) => app.key().as_str() == &**key,
            Self::Code(code) => owns(app, code),
            Self::AccessKey(id) => app.access_key(id).is_some(),
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
            (Self::Key(one), Self::Key(other)) | (Self::AccessKey(one), Self::AccessKey(other)) => {
                one == other
            }
            (Self::Code(one), Self::Code(other)) => one.matches(other),
            _ => false,
        }
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Key(key) | Self::AccessKey(key) => key.hash(state),
            Self::Code(code) => code.digest().hash(state),
        }
    }
}
