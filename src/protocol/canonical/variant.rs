//! The readings of the rules on which clients and gateway disagree.

/// One reading of every disputed rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// Which form of the path is signed.
    pub path: PathForm,
    /// Whose value is signed where query and form share a name.
    pub clash: Clash,
    /// Whether the names that have lines of their own are signed again.
    pub names: DeclaredNames,
    /// How a parameter without a value is written.
    pub empty: EmptyValue,
    /// What `+` means in a query or form.
    pub plus: Plus,
    /// What stands in for an absent `Accept`.
    pub accept: AcceptLine,
}

impl Variant {
    /// The traditional gateway's reading.
    pub const PRIMARY: Self = Self {
        path: PathForm::Decoded,
        clash: Clash::QueryWins,
        names: DeclaredNames::AsDeclared,
        empty: EmptyValue::BareName,
        plus: Plus::Space,
        accept: AcceptLine::AsSent,
    };
}

/// Which form of the path is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathForm {
    /// Percent-decoded, as the gateway does; the raw path where there is no decoded form.
    #[default]
    Decoded,
    /// As on the wire, which is what the Java demo, the Node SDK and others sign.
    Raw,
    /// Nothing for `/`, which is what the Java demo signs.
    EmptyForRoot,
}

/// Whose value is signed where query and form share a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clash {
    /// The query's, as the gateway does.
    #[default]
    QueryWins,
    /// The form's, as all official clients do.
    FormWins,
}

/// Whether declared names that have lines of their own (`Accept`, `Content-MD5`, `Content-Type`,
/// `Date`) or carry the signature are signed again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeclaredNames {
    /// Every declared name is signed, as the gateway does.
    #[default]
    AsDeclared,
    /// Those six are dropped, as the documentation says.
    WithoutDocumented,
}

/// How a parameter without a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmptyValue {
    /// `k`
    #[default]
    BareName,
    /// `k=`, as the Android demo signs.
    WithEquals,
}

/// What `+` means in a query or form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plus {
    /// A space.
    #[default]
    Space,
    /// Itself.
    Literal,
}

/// What stands in for an absent `Accept`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AcceptLine {
    /// An empty line.
    #[default]
    AsSent,
    /// `*/*`, for clients whose HTTP stack drops what they signed.
    Any,
}

/// A reading other than the primary one, by which a request may also verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reading {
    /// [`PathForm::Raw`]
    RawPath,
    /// [`PathForm::EmptyForRoot`]
    EmptyRootPath,
    /// [`Clash::FormWins`]
    FormWins,
    /// [`DeclaredNames::WithoutDocumented`]
    WithoutDocumentedNames,
    /// [`EmptyValue::WithEquals`]
    EmptyWithEquals,
    /// [`Plus::Literal`]. It widens what an attacker may change: a signed `+` can be sent as a
    /// space and the other way round.
    DangerousLiteralPlus,
    /// [`AcceptLine::Any`]
    AnyAccept,
}

impl Reading {
    /// Every reading, in the order in which they are tried.
    pub const ALL: [Self; 7] = [
        Self::RawPath,
        Self::EmptyRootPath,
        Self::FormWins,
        Self::WithoutDocumentedNames,
        Self::EmptyWithEquals,
        Self::DangerousLiteralPlus,
        Self::AnyAccept,
    ];

    pub(super) const fn applied_to(self, variant: Variant) -> Variant {
        match self {
            Self::RawPath => Variant { path: PathForm::Raw, ..variant },
            Self::EmptyRootPath => Variant { path: PathForm::EmptyForRoot, ..variant },
            Self::FormWins => Variant { clash: Clash::FormWins, ..variant },
            Self::WithoutDocumentedNames => {
                Variant { names: DeclaredNames::WithoutDocumented, ..variant }
            }
            Self::EmptyWithEquals => Variant { empty: EmptyValue::WithEquals, ..variant },
            Self::DangerousLiteralPlus => Variant { plus: Plus::Literal, ..variant },
            Self::AnyAccept => Variant { accept: AcceptLine::Any, ..variant },
        }
    }
}

/// A set of [`Reading`]s.
///
/// The default is the safe ones, which only a request that clients really disagree on can tell from
/// the primary: the raw path, the empty root path, the form's value, the documented names dropped.
///
/// ```
/// use countersign::protocol::{Reading, Readings};
///
/// let readings = Readings::default().with(Reading::EmptyWithEquals);
/// assert!(readings.contains(Reading::RawPath));
/// assert!(!readings.contains(Reading::DangerousLiteralPlus));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readings(u8);

impl Readings {
    /// The primary reading only.
    pub const NONE: Self = Self(0);

    /// This set and `reading`.
    #[must_use]
    pub const fn with(self, reading: Reading) -> Self {
        Self(self.0 | 1 << reading as u8)
    }

    /// This set without `reading`.
    #[must_use]
    pub const fn without(self, reading: Reading) -> Self {
        Self(self.0 & !(1 << reading as u8))
    }

    /// Whether `reading` is in the set.
    #[must_use]
    pub const fn contains(self, reading: Reading) -> bool {
        self.0 & 1 << reading as u8 != 0
    }
}

impl Default for Readings {
    fn default() -> Self {
        Self::NONE
            .with(Reading::RawPath)
            .with(Reading::EmptyRootPath)
            .with(Reading::FormWins)
            .with(Reading::WithoutDocumentedNames)
    }
}
