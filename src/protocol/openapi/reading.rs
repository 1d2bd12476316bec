//! The readings of the rules on which clients disagree (openapi §7).

/// A reading other than the documents', by which a request may also verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcsReading {
    /// RPC: names in the order of their UTF-16 units, as JavaScript sorts them.
    RpcUtf16Order,
    /// ROA: the path decoded, as clients sign that leave the encoding to their HTTP library.
    RoaDecodedPath,
    /// ROA: a parameter without a value as its bare name.
    RoaBareEmpty,
    /// V3: the names of parameters unencoded, as all clients sign them. Only if no name holds a
    /// character that could make it read as another.
    V3UnencodedNames,
    /// V3: the path decoded.
    V3DecodedPath,
    /// V3: nothing for a path of `/`.
    V3EmptyRootPath,
    /// V3: `*` as `%2A` and `%7E` as `~` in the path. Only if it has no `+`.
    V3RewrittenPath,
    /// V3: a parameter without a value as its bare name.
    V3BareEmpty,
    /// ROA: tabs in header values as spaces. It widens what an attacker may change: a signed space
    /// can be sent as a tab.
    DangerousRoaSpacedValues,
    /// V3: the names of parameters unencoded, whatever they are. Two lists of parameters can then
    /// have one string to sign.
    DangerousV3AmbiguousNames,
    /// V3: [`V3RewrittenPath`](Self::V3RewrittenPath) also where the path has a `+`, which becomes
    /// `%20`. A signed `%20` can then be sent as `+`, and that is another path.
    DangerousV3RewrittenPlus,
}

impl AcsReading {
    /// Every reading.
    pub const ALL: [Self; 11] = [
        Self::RpcUtf16Order,
        Self::RoaDecodedPath,
        Self::RoaBareEmpty,
        Self::V3UnencodedNames,
        Self::V3DecodedPath,
        Self::V3EmptyRootPath,
        Self::V3RewrittenPath,
        Self::V3BareEmpty,
        Self::DangerousRoaSpacedValues,
        Self::DangerousV3AmbiguousNames,
        Self::DangerousV3RewrittenPlus,
    ];
}

/// A set of [`AcsReading`]s.
///
/// The default is the safe ones: by none of them does a signature cover another request than the one
/// that was signed, as far as a reserved character of a path (`:`, `*`, …) and its escape are one. Who
/// routes them apart takes out the readings of the path.
///
/// ```
/// use countersign::protocol::openapi::{AcsReading, AcsReadings};
///
/// let readings = AcsReadings::default().without(AcsReading::V3BareEmpty);
/// assert!(readings.contains(AcsReading::V3UnencodedNames));
/// assert!(!readings.contains(AcsReading::DangerousV3AmbiguousNames));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcsReadings(u16);

impl AcsReadings {
    /// The documents' reading only.
    pub const NONE: Self = Self(0);

    /// This set and `reading`.
    #[must_use]
    pub const fn with(self, reading: AcsReading) -> Self {
        Self(self.0 | 1 << reading as u16)
    }

    /// This set without `reading`.
    #[must_use]
    pub const fn without(self, reading: AcsReading) -> Self {
        Self(self.0 & !(1 << reading as u16))
    }

    /// Whether `reading` is in the set.
    #[must_use]
    pub const fn contains(self, reading: AcsReading) -> bool {
        self.0 & 1 << reading as u16 != 0
    }
}

impl Default for AcsReadings {
    fn default() -> Self {
        Self::NONE
            .with(AcsReading::RpcUtf16Order)
            .with(AcsReading::RoaDecodedPath)
            .with(AcsReading::RoaBareEmpty)
            .with(AcsReading::V3UnencodedNames)
            .with(AcsReading::V3DecodedPath)
            .with(AcsReading::V3EmptyRootPath)
            .with(AcsReading::V3RewrittenPath)
            .with(AcsReading::V3BareEmpty)
    }
}
