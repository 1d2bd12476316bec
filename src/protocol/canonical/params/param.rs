//! One parameter, as it is signed and as it is on the wire.

use std::borrow::Cow;

use super::decoded::decode;

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the query.
    Query,
    /// In a form body.
    Form,
}

/// One parameter.
#[derive(Clone, Copy)]
pub struct Param<'a> {
    /// As it is signed.
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) raw: RawParam<'a>,
}

/// A parameter as it is on the wire.
#[derive(Clone, Copy)]
pub(super) struct RawParam<'r> {
    pub(super) name: &'r [u8],
    pub(super) value: Option<&'r [u8]>,
    pub(super) source: Source,
}

impl<'r> RawParam<'r> {
    pub(super) fn value(&self) -> &'r [u8] {
        self.value.unwrap_or_default()
    }

    /// Whether the name is not decoded: the gateway keeps a form's bare names (protocol §1.4).
    pub(super) fn name_is_kept(&self) -> bool {
        self.source == Source::Form && self.value.is_none()
    }

    pub(super) fn has_any_of(&self, first: u8, second: u8) -> bool {
        [self.name, self.value()].iter().any(|text| memchr::memchr2(first, second, text).is_some())
    }
}

impl<'a> Param<'a> {
    /// The name as it is signed.
    #[must_use]
    pub const fn name(&self) -> &'a [u8] {
        self.name
    }

    /// The value as it is signed.
    #[must_use]
    pub const fn value(&self) -> &'a [u8] {
        self.value
    }

    /// Where the parameter stands.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.raw.source
    }

    /// Whether it stands without a `=`.
    #[must_use]
    pub const fn is_bare(&self) -> bool {
        self.raw.value.is_none()
    }

    pub(super) fn is_of_form(&self) -> bool {
        self.raw.source == Source::Form
    }

    /// The name as a handler decodes it.
    #[must_use]
    pub fn handler_name(&self) -> Cow<'a, str> {
        match self.decoded_name() {
            Cow::Borrowed(name) => String::from_utf8_lossy(name),
            Cow::Owned(name) => Cow::Owned(String::from_utf8_lossy(&name).into_owned()),
        }
    }

    /// The name decoded, also where the gateway keeps it as it is.
    pub(in crate::protocol) fn decoded_name(&self) -> Cow<'a, [u8]> {
        match self.raw.name_is_kept() {
            true => decode(self.raw.name),
            false => Cow::Borrowed(self.name),
        }
    }

    /// Whether a `%` begins no escape, in the name or in the value.
    #[must_use]
    pub fn has_malformed_escape(&self) -> bool {
        [self.raw.name, self.raw.value()].into_iter().any(|raw| {
            memchr::memchr_iter(b'%', raw).any(|at| {
                let digits = raw.get(at + 1..at + 3).unwrap_or_default();
                digits.len() != 2 || !digits.iter().all(u8::is_ascii_hexdigit)
            })
        })
    }

    /// Whether the name is signed as a handler will see it. A form's bare name with an escape is
    /// not, nor is one whose bytes are no UTF-8.
    pub(super) fn name_is_plain(&self) -> bool {
        let escaped =
            self.raw.name_is_kept() && memchr::memchr2(b'+', b'%', self.raw.name).is_some();
        !escaped && std::str::from_utf8(self.name).is_ok()
    }

    /// Whether another list of parameters with other names would be signed the same: the name
    /// contains a separator, or differs from what a handler decodes.
    #[must_use]
    pub fn name_is_ambiguous(&self) -> bool {
        memchr::memchr2(b'&', b'=', self.name).is_some() || *self.decoded_name() != *self.name
    }

    /// Whether the value could be signed as a value and further parameters.
    #[must_use]
    pub fn value_is_ambiguous(&self) -> bool {
        memchr::memchr(b'&', self.value).is_some()
    }

    /// As [`polluted`](Params::polluted) has it, for names that compare as handlers see them.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        self.name == other.name && self.value != other.value
    }
}

/// Without name and value: they may be anything a form holds.
impl std::fmt::Debug for Param<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, value) = (self.name.len(), self.value.len());
        write!(f, "{:?}({name} bytes = {value} bytes)", self.raw.source)
    }
}
