//! `I400JP`: what is wrong with a configuration, before the first request.

use std::borrow::Cow;
use std::fmt;

use crate::error::{ErrorCode, Rejection};

/// A JWT configuration that is refused, with the place: documented as `I400JP`. It shows no key.
///
/// ```
/// use countersign::error::ErrorCode;
/// use countersign::jwt::Plugin;
///
/// let error = Plugin::parse("parameter: X-Token\nparameterLocation: header").unwrap_err();
/// assert_eq!(error.code(), ErrorCode::I400JP);
/// assert_eq!(error.path(), "jwk");
/// assert_eq!(error.to_string(), "jwk: neither `jwk` nor `jwks` is given");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtConfigError {
    path: String,
    problem: Cow<'static, str>,
}

/// The most characters of a path and of a problem: a parser may quote as much as it was given.
const MAX: usize = 256;
/// The most that is quoted of a value.
const MAX_QUOTED: usize = 64;

impl JwtConfigError {
    pub(crate) fn new(path: impl Into<String>, problem: impl Into<Cow<'static, str>>) -> Self {
        Self { path: shortened(path.into(), MAX), problem: shortened(problem.into(), MAX) }
    }

    /// The same problem, inside `outer`. A path that begins with an index takes no point.
    pub(super) fn within(mut self, outer: &str) -> Self {
        let point = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{outer}{point}{}", self.path);
        self
    }

    /// `I400JP`.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::I400JP
    }

    /// Where in the configuration the problem is, like `jwks[1].alg`; empty if it is the whole.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

/// What stands there, for a message.
pub(super) fn quoted(value: &str) -> String {
    format!("`{}`", shortened(Cow::Borrowed(value), MAX_QUOTED))
}

/// The text, or its first `most` characters and an ellipsis.
fn shortened<T: AsRef<str> + From<String>>(text: T, most: usize) -> T {
    match text.as_ref().char_indices().nth(most) {
        None => text,
        Some(_) => T::from(text.as_ref().chars().take(most).chain(['…']).collect()),
    }
}

impl fmt::Display for JwtConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.problem),
            path => write!(f, "{path}: {}", self.problem),
        }
    }
}

impl std::error::Error for JwtConfigError {}

/// `Invalid JWT plugin config: …`, for a service that takes configurations over HTTP.
impl From<JwtConfigError> for Rejection {
    fn from(error: JwtConfigError) -> Self {
        Self::new(ErrorCode::I400JP).with(error.to_string())
    }
}
