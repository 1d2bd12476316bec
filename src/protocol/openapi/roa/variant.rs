//! The readings of ROA.

use crate::protocol::{EmptyValue, PathForm};

/// One reading of every disputed rule of ROA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoaVariant {
    /// Which form of the path is signed.
    pub path: PathForm,
    /// How a parameter without a value is written.
    pub empty: EmptyValue,
    /// What is written of the tabs in a header's value.
    pub values: RoaValues,
}

impl RoaVariant {
    /// The reading that is tried first, and that a refusal shows.
    pub const PRIMARY: Self =
        Self { path: PathForm::Raw, empty: EmptyValue::WithEquals, values: RoaValues::AsSent };
}

/// What is written of the tabs in a header's value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoaValues {
    /// Tabs.
    #[default]
    AsSent,
    /// Spaces, as the documents say. It makes a space and a tab the same to the signature.
    Spaced,
}
