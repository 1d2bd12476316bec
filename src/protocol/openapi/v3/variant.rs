//! The readings of V3.

use crate::protocol::EmptyValue;

/// One reading of every disputed rule of V3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct V3Variant {
    /// Which form of the path is signed.
    pub path: V3Path,
    /// How the names of parameters are written.
    pub names: V3Names,
    /// How a parameter without a value is written.
    pub empty: EmptyValue,
}

impl V3Variant {
    /// The reading of the documents, which is tried first, and that a refusal shows.
    pub const PRIMARY: Self =
        Self { path: V3Path::Raw, names: V3Names::Encoded, empty: EmptyValue::WithEquals };
}

/// Which form of the path is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum V3Path {
    /// As it is on the wire.
    #[default]
    Raw,
    /// Decoded once.
    Decoded,
    /// Nothing for `/`.
    EmptyForRoot,
    /// With `+` as `%20`, `*` as `%2A` and `%7E` as `~`.
    Rewritten,
    /// The same, but of each the first only.
    RewrittenOnce,
}

/// How the names of parameters are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum V3Names {
    /// Percent-encoded, as the documents have it.
    #[default]
    Encoded,
    /// Decoded, as all clients have it.
    Unencoded,
}
