//! The readings of the rules on which the documents leave a choice.

use crate::protocol::{Clash, PathForm};

/// One reading of every rule that can be read in two ways. All of them are safe: by none does a
/// signature cover another request than by the primary one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackendVariant {
    /// Which form of the path is signed.
    pub path: PathForm,
    /// Whose value is signed where query and form share a name.
    pub clash: Clash,
    /// How a name without a `=` is written.
    pub bare: BareName,
}

impl BackendVariant {
    /// The reading that is tried first, and that an `A403IS` shows.
    pub const PRIMARY: Self =
        Self { path: PathForm::Decoded, clash: Clash::QueryWins, bare: BareName::WithEquals };
}

/// How a parameter that stands without a `=` is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BareName {
    /// `k=`: servers read such a parameter as one with an empty value.
    #[default]
    WithEquals,
    /// `k`: as one without values, which is how the vendor's demo writes an empty list.
    Bare,
}
