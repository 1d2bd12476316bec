//! What a string to sign is made of.

use std::fmt;

/// A part of a string to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The first line.
    Method,
    /// The second line.
    Accept,
    /// The third line.
    ContentMd5,
    /// The fourth line.
    ContentType,
    /// The fifth line.
    Date,
    /// A signed header's line; the name as the server spells it, or the client where only it has
    /// the line.
    Header(String),
    /// The path.
    Path,
    /// A parameter; its name.
    Parameter(String),
    /// What stands after the path and the parameters.
    End,
}

impl Part {
    /// The lines that are always there.
    pub(super) const FIXED: [Self; 5] =
        [Self::Method, Self::Accept, Self::ContentMd5, Self::ContentType, Self::Date];

    pub(super) fn header(name: &str) -> Self {
        Self::Header(name.to_owned())
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("the method"),
            Self::Accept => f.write_str("the Accept line"),
            Self::ContentMd5 => f.write_str("the Content-MD5 line"),
            Self::ContentType => f.write_str("the Content-Type line"),
            Self::Date => f.write_str("the Date line"),
            Self::Header(name) => write!(f, "the header line {}", name.escape_debug()),
            Self::Path => f.write_str("the path"),
            Self::Parameter(name) => write!(f, "the parameter {}", name.escape_debug()),
            Self::End => f.write_str("the end"),
        }
    }
}
