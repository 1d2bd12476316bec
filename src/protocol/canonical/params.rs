//! The signed parameters: query, and form (protocol §1.4, "Parsing").

use std::borrow::Cow;

use super::{Clash, Plus, Text};
use crate::few::Few;
use crate::protocol::RequestHead;

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the query.
    Query,
    /// In a form body.
    Form,
}

/// One parameter.
#[derive(Clone)]
pub struct Param<'r> {
    raw_name: &'r [u8],
    raw_value: Option<&'r [u8]>,
    /// `None`: as they are on the wire.
    decoded: Option<Box<Decoded>>,
    source: Source,
}

/// A name and a value of which one at least has an escape.
#[derive(Clone)]
struct Decoded {
    name: Vec<u8>,
    value: Vec<u8>,
}

impl<'r> Param<'r> {
    /// The parameters of a query or a form, in the order in which they were sent.
    ///
    /// Empty segments are skipped: no client produces them, and no handler sees them. A segment of
    /// `=` or `=v` is a parameter with an empty name, which handlers do see.
    pub(in crate::protocol) fn all(raw: &'r [u8], source: Source) -> impl Iterator<Item = Self> {
        segments(raw).map(move |segment| Self::raw(segment, source).read(Plus::Space))
    }

    pub(in crate::protocol) fn into_value(self) -> Cow<'r, [u8]> {
        match self.decoded {
            Some(decoded) => Cow::Owned(decoded.value),
            None => Cow::Borrowed(self.raw_value.unwrap_or_default()),
        }
    }

    fn raw(segment: &'r [u8], source: Source) -> Self {
        let (raw_name, raw_value) = match segment.iter().position(|byte| *byte == b'=') {
            Some(at) => (segment.get(..at).unwrap_or_default(), segment.get(at + 1..)),
            None => (segment, None),
        };
        Self { raw_name, raw_value, decoded: None, source }
    }

    /// The same parameter with this reading of `+`.
    fn read(self, plus: Plus) -> Self {
        let Self { raw_name, raw_value, source, .. } = self;
        let name = match (source, raw_value) {
            // The gateway keeps a form's bare names as they are (protocol §1.4).
            (Source::Form, None) => Cow::Borrowed(raw_name),
            _ => decode(raw_name, plus),
        };
        let decoded = match (name, decode(raw_value.unwrap_or_default(), plus)) {
            (Cow::Borrowed(_), Cow::Borrowed(_)) => None,
            (name, value) => {
                Some(Box::new(Decoded { name: name.into_owned(), value: value.into_owned() }))
            }
        };
        Self { raw_name, raw_value, decoded, source }
    }

    /// The name as it is signed.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        self.decoded.as_ref().map_or(self.raw_name, |decoded| &decoded.name)
    }

    /// The value as it is signed.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        let raw = self.raw_value.unwrap_or_default();
        self.decoded.as_ref().map_or(raw, |decoded| &decoded.value)
    }

    /// Where the parameter stands.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// Whether it stands without a `=`.
    #[must_use]
    pub const fn is_bare(&self) -> bool {
        self.raw_value.is_none()
    }

    /// The name as a handler decodes it.
    #[must_use]
    pub fn handler_name(&self) -> Cow<'_, str> {
        match self.decoded_name() {
            Cow::Borrowed(name) => String::from_utf8_lossy(name),
            Cow::Owned(name) => Cow::Owned(String::from_utf8_lossy(&name).into_owned()),
        }
    }

    /// The name decoded, also where the gateway keeps it as it is.
    pub(in crate::protocol) fn decoded_name(&self) -> Cow<'_, [u8]> {
        match (self.source, self.raw_value) {
            (Source::Form, None) => decode(self.raw_name, Plus::Space),
            _ => Cow::Borrowed(self.name()),
        }
    }

    /// Whether a `%` begins no escape, in the name or in the value.
    #[must_use]
    pub fn has_malformed_escape(&self) -> bool {
        [self.raw_name, self.raw_value.unwrap_or_default()].into_iter().any(|raw| {
            memchr::memchr_iter(b'%', raw).any(|at| {
                let digits = raw.get(at + 1..at + 3).unwrap_or_default();
                digits.len() != 2 || !digits.iter().all(u8::is_ascii_hexdigit)
            })
        })
    }

    /// Whether the name is signed as a handler will see it. A form's bare name with an escape is
    /// not, nor is one whose bytes are no UTF-8.
    fn name_is_plain(&self) -> bool {
        let kept_raw = self.source == Source::Form && self.raw_value.is_none();
        let escaped = kept_raw && memchr::memchr2(b'+', b'%', self.raw_name).is_some();
        !escaped && std::str::from_utf8(self.name()).is_ok()
    }

    /// Whether another list of parameters with other names would be signed the same: the name
    /// contains a separator, or differs from what a handler decodes.
    #[must_use]
    pub fn name_is_ambiguous(&self) -> bool {
        let kept_raw = self.source == Source::Form && self.raw_value.is_none();
        memchr::memchr2(b'&', b'=', self.name()).is_some()
            || (kept_raw && *decode(self.raw_name, Plus::Space) != *self.name())
    }

    /// Whether the value could be signed as a value and further parameters.
    #[must_use]
    pub fn value_is_ambiguous(&self) -> bool {
        memchr::memchr(b'&', self.value()).is_some()
    }

    fn has_plus(&self) -> bool {
        let value = self.raw_value.unwrap_or_default();
        memchr::memchr(b'+', self.raw_name).or_else(|| memchr::memchr(b'+', value)).is_some()
    }
}

/// Without name and value: they may be anything a form holds.
impl std::fmt::Debug for Param<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, value) = (self.name().len(), self.value().len());
        write!(f, "{:?}({name} bytes = {value} bytes)", self.source)
    }
}

/// More parameters than any client sends ([`Params::MAX`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("covers more than 1000 parameters")]
pub struct TooManyParams;

/// A request's parameters, ordered as they are signed: bytewise by decoded name, parameters of one
/// name in the order in which they were sent, the query's first.
#[derive(Clone, Debug, Default)]
pub struct Params<'r> {
    list: Few<Param<'r>, 8>,
    /// Some byte is no plain ASCII, or begins an escape.
    special: bool,
}

impl<'r> Params<'r> {
    /// The most parameters a request may have in query and form together.
    pub const MAX: usize = 1000;

    /// The parameters of the query.
    ///
    /// # Errors
    ///
    /// [`TooManyParams`]: refused with `I400HD`.
    pub fn query(head: &RequestHead<'r>) -> Result<Self, TooManyParams> {
        let mut params = Self::default();
        params.read(head.query().as_bytes(), Source::Query)?;
        Ok(params)
    }

    /// Adds the parameters of a form body.
    ///
    /// # Errors
    ///
    /// [`TooManyParams`]: refused with `I400HD`.
    pub fn with_form(mut self, body: &'r [u8]) -> Result<Self, TooManyParams> {
        self.read(body, Source::Form)?;
        Ok(self)
    }

    /// Adds the parameters of a query or a form in place.
    pub(crate) fn read(&mut self, raw: &'r [u8], source: Source) -> Result<(), TooManyParams> {
        let special = raw.iter().any(|byte| !byte.is_ascii() || matches!(byte, b'%' | b'+'));
        self.special |= special;
        for segment in segments(raw) {
            if self.list.len() == Self::MAX {
                return Err(TooManyParams);
            }
            let param = Param::raw(segment, source);
            self.list.push(if special { param.read(Plus::Space) } else { param });
        }
        self.sort();
        Ok(())
    }

    /// The same parameters with another reading of `+`.
    pub(super) fn reread(&self, plus: Plus) -> Self {
        let reread = |param: &Param<'r>| param.clone().read(plus);
        let mut params =
            Self { list: self.list.iter().map(reread).collect(), special: self.special };
        params.sort();
        params
    }

    fn sort(&mut self) {
        self.list.sort_by(|a, b| a.name().cmp(b.name()));
    }

    /// All parameters, signed or not.
    pub fn iter(&self) -> impl Iterator<Item = &Param<'r>> {
        self.list.iter()
    }

    /// The signed parameters: one of each name.
    pub fn signed(&self, clash: Clash) -> impl Iterator<Item = &Param<'r>> {
        self.list.chunk_by(|a, b| a.name() == b.name()).filter_map(move |same| match clash {
            Clash::QueryWins => same.first(),
            Clash::FormWins => {
                same.iter().find(|param| param.source == Source::Form).or_else(|| same.first())
            }
        })
    }

    /// A parameter that a handler sees more than once with different values, of which only one is
    /// signed. Names are compared as a handler decodes them.
    #[must_use]
    pub fn polluted(&self) -> Option<&Param<'r>> {
        if !self.special || self.list.iter().all(Param::name_is_plain) {
            let same =
                |a: &Param<'_>, b: &Param<'_>| a.name() == b.name() && a.value() != b.value();
            return self.list.windows(2).find_map(|pair| match pair {
                [a, b] if same(a, b) => Some(a),
                _ => None,
            });
        }
        let mut list: Vec<_> = self.list.iter().map(|p| (p.handler_name(), p)).collect();
        list.sort_by(|(a, _), (b, _)| a.cmp(b));
        list.windows(2).find_map(|pair| match pair {
            [(name, a), (other, b)] if name == other && a.value() != b.value() => Some(*a),
            _ => None,
        })
    }

    /// A parameter that stands more than once in the query, or more than once in the form, whatever
    /// its values.
    #[must_use]
    pub fn repeated(&self) -> Option<&Param<'r>> {
        let mut list: Vec<_> =
            self.list.iter().map(|p| (p.source == Source::Form, p.handler_name(), p)).collect();
        list.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        list.windows(2).find_map(|pair| match pair {
            [(source, name, _), (other, same, p)] if source == other && name == same => Some(*p),
            _ => None,
        })
    }

    /// A parameter whose name reads as others' once it is decoded
    /// ([`Param::name_is_ambiguous`]).
    #[must_use]
    pub fn ambiguous_name(&self) -> Option<&Param<'r>> {
        // Without an escape a name has no separator, because separators end it.
        self.list.iter().filter(|_| self.special).find(|param| param.name_is_ambiguous())
    }

    /// Writes `?name…&name…`, and nothing if there is no parameter. What follows a name, its `=` and
    /// its value, is `write_value`'s.
    pub(in crate::protocol) fn write(
        &self,
        clash: Clash,
        out: &mut Text,
        write_value: impl Fn(&mut Text, &Param<'r>),
    ) {
        let mut separator = b'?';
        for param in self.signed(clash) {
            out.push(separator);
            out.extend_from_slice(param.name());
            write_value(out, param);
            separator = b'&';
        }
    }

    /// Whether it matters if query or form wins.
    pub(in crate::protocol) fn clash_matters(&self) -> bool {
        let mut same = self.list.chunk_by(|a, b| a.name() == b.name());
        same.any(|same| {
            let form = same.iter().find(|param| param.source == Source::Form);
            matches!((same.first(), form), (Some(first), Some(form)) if first.value() != form.value())
        })
    }

    pub(in crate::protocol) fn any_empty(&self) -> bool {
        self.list.iter().any(|param| param.value().is_empty())
    }

    pub(super) fn any_plus(&self) -> bool {
        self.list.iter().any(Param::has_plus)
    }
}

fn segments(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    raw.split(|byte| *byte == b'&').filter(|segment| !segment.is_empty())
}

/// `+` to space, then percent-decoding; a malformed escape stays as it is.
fn decode(raw: &[u8], plus: Plus) -> Cow<'_, [u8]> {
    let has_plus = plus == Plus::Space && memchr::memchr(b'+', raw).is_some();
    if !has_plus {
        return percent_encoding::percent_decode(raw).into();
    }
    let spaced: Vec<u8> = raw.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    match Cow::from(percent_encoding::percent_decode(&spaced)) {
        Cow::Owned(decoded) => Cow::Owned(decoded),
        Cow::Borrowed(_) => Cow::Owned(spaced),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params<'r>(query: &'r str, form: &'r str) -> Params<'r> {
        let mut params = Params::default();
        params.read(query.as_bytes(), Source::Query).unwrap();
        params.with_form(form.as_bytes()).unwrap()
    }

    fn signed(params: &Params<'_>, clash: Clash) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let pair = |p: &Param<'_>| format!("{}={}", text(p.name()), text(p.value()));
        params.signed(clash).map(pair).collect::<Vec<_>>().join(";")
    }

    #[test]
    fn names_sort_bytewise_and_the_first_value_counts() {
        let params = params("b=2&a=1&a=0&%C3%A9=3&Z=4", "");
        assert_eq!(signed(&params, Clash::QueryWins), "Z=4;a=1;b=2;é=3");
    }

    #[test]
    fn the_query_wins_by_the_gateway_and_the_form_wins_by_the_clients() {
        let params = params("k=query&x=1", "k=form&k=again&e");
        assert_eq!(signed(&params, Clash::QueryWins), "e=;k=query;x=1");
        assert_eq!(signed(&params, Clash::FormWins), "e=;k=form;x=1");
        assert!(params.clash_matters());
    }

    #[test]
    fn a_bare_name_is_decoded_in_a_query_and_kept_in_a_form() {
        assert_eq!(signed(&params("na+me", "fo+rm"), Clash::QueryWins), "fo+rm=;na me=");
    }

    #[test]
    fn malformed_escapes_stay_and_semicolons_separate_nothing() {
        assert_eq!(
            signed(&params("a=%zz&b=1;c=2&d=100%", ""), Clash::QueryWins),
            "a=%zz;b=1;c=2;d=100%"
        );
    }

    #[test]
    fn a_percent_sign_without_two_digits_is_a_malformed_escape() {
        let malformed = |query| params(query, "").list.iter().any(Param::has_malformed_escape);
        for query in ["%=1", "a=%", "a=%4", "%zz=1", "a=%4g", "a=%25%2"] {
            assert!(malformed(query), "{query}");
        }
        for query in ["a=%25", "%e4%BD=1", "a", ""] {
            assert!(!malformed(query), "{query}");
        }
    }

    #[test]
    fn an_empty_segment_is_nothing_but_an_empty_name_is_a_parameter() {
        assert_eq!(signed(&params("&&a=1&", ""), Clash::QueryWins), "a=1");
        assert_eq!(signed(&params("a=1&=evil", ""), Clash::QueryWins), "=evil;a=1");
    }

    #[test]
    fn pollution_is_found_as_a_handler_would_see_it() {
        for (query, form) in [
            ("a=1&a=2", ""),
            ("a=1", "a=2"),
            ("%61=1&a=2", ""),
            ("a+b=1&a%20b=2", ""),
            ("", "x+y&x%20y=1"),
            ("%FF=1&%FE=2", ""),
            ("a&z=1&a=2", ""),
        ] {
            assert!(params(query, form).polluted().is_some(), "{query} {form}");
        }
        for (query, form) in [("a=1&a=1", ""), ("a=1", "a=1"), ("a=1&A=2", ""), ("a&a=", "")] {
            assert!(params(query, form).polluted().is_none(), "{query} {form}");
        }
    }

    #[test]
    fn separators_in_decoded_names_and_values_are_ambiguous() {
        let first = |query, form| params(query, form).list.first().cloned().unwrap();
        assert!(first("a%26b=1", "").name_is_ambiguous());
        assert!(first("a%3Db", "").name_is_ambiguous());
        assert!(first("", "na+me").name_is_ambiguous());
        assert!(!first("na+me", "").name_is_ambiguous());
        assert!(first("a=1%26b", "").value_is_ambiguous());
        assert!(!first("a=1%3Db", "").value_is_ambiguous());
    }

    #[test]
    fn the_number_of_parameters_is_bounded() {
        let query = "a&".repeat(Params::MAX + 1);
        assert!(Params::default().read(query.as_bytes(), Source::Query).is_err());
    }
}
