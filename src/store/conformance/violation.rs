//! What a rule answers about a store that breaks it.

use std::fmt;

/// A sentence of the contract that a store does not keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    rule: &'static str,
    seen: String,
}

impl Violation {
    pub(super) fn new(rule: &'static str, seen: impl Into<String>) -> Self {
        Self { rule, seen: seen.into() }
    }

    /// The sentence.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        self.rule
    }

    /// How it showed.
    #[must_use]
    pub fn seen(&self) -> &str {
        &self.seen
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.seen)
    }
}

impl std::error::Error for Violation {}
