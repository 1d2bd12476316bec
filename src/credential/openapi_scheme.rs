//! Which of OpenAPI's ways to sign an AccessKey may be used with.

use std::fmt;

/// A way to sign a request of OpenAPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpenApiScheme {
    /// RPC 1.0: every parameter is signed, and nothing else: no path, header or body but a form.
    Rpc,
    /// ROA 1.0: method, path, parameters and `x-acs-*` headers; the body if it has a Content-MD5.
    Roa,
    /// V3 (ACS3): the whole request with its body.
    V3,
}

impl OpenApiScheme {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Rpc, Self::Roa, Self::V3];

    /// The scheme's name: `rpc`, `roa` or `v3`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rpc => "rpc",
            Self::Roa => "roa",
            Self::V3 => "v3",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Rpc => 1,
            Self::Roa => 2,
            Self::V3 => 4,
        }
    }
}

impl fmt::Display for OpenApiScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of schemes, with at least one in it.
///
/// ```
/// use countersign::credential::{OpenApiScheme, OpenApiSchemes};
///
/// let schemes = OpenApiSchemes::only(OpenApiScheme::V3).with(OpenApiScheme::Rpc);
/// assert!(schemes.contains(OpenApiScheme::Rpc));
/// assert!(!schemes.contains(OpenApiScheme::Roa));
/// assert_eq!(schemes.with(OpenApiScheme::Roa), OpenApiSchemes::ALL);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OpenApiSchemes(u8);

impl OpenApiSchemes {
    /// Every scheme.
    pub const ALL: Self =
        Self::only(OpenApiScheme::Rpc).with(OpenApiScheme::Roa).with(OpenApiScheme::V3);

    /// This scheme alone.
    #[must_use]
    pub const fn only(scheme: OpenApiScheme) -> Self {
        Self(scheme.bit())
    }

    /// This scheme, too.
    #[must_use]
    pub const fn with(self, scheme: OpenApiScheme) -> Self {
        Self(self.0 | scheme.bit())
    }

    /// Whether the scheme is one of them.
    #[must_use]
    pub const fn contains(self, scheme: OpenApiScheme) -> bool {
        self.0 & scheme.bit() != 0
    }
}

/// [`ALL`](Self::ALL).
impl Default for OpenApiSchemes {
    fn default() -> Self {
        Self::ALL
    }
}

impl fmt::Debug for OpenApiSchemes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schemes = OpenApiScheme::ALL.into_iter().filter(|scheme| self.contains(*scheme));
        f.debug_set().entries(schemes).finish()
    }
}
