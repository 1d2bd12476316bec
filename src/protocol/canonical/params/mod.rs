//! The signed parameters: query, and form (protocol §1.4, "Parsing").

mod decoded;
mod param;

pub(in crate::protocol) use decoded::decoded_pairs;
pub use param::{Param, Source};

use self::decoded::{Decoded, pairs};
use self::param::RawParam;
use super::{Clash, Plus, Text};
use crate::few::Few;
use crate::protocol::RequestHead;

/// More parameters than any client sends ([`Params::MAX`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("covers more than 1000 parameters")]
pub struct TooManyParams;

/// A request's parameters, ordered as they are signed: bytewise by decoded name, parameters of one
/// name in the order in which they were sent, the query's first.
#[derive(Clone, Default)]
pub struct Params<'r> {
    list: Few<Entry<'r>, 6>,
    decoded: Decoded,
    /// Some byte is no plain ASCII, or begins an escape.
    special: bool,
    /// A name occurs again.
    repeats: bool,
}

#[derive(Clone, Copy)]
struct Entry<'r> {
    raw: RawParam<'r>,
    /// Which of the decoded ones it is; `None`: signed as it is on the wire.
    decoded: Option<u16>,
}

impl<'r> Entry<'r> {
    fn name<'a>(&self, decoded: &'a Decoded) -> &'a [u8]
    where
        'r: 'a,
    {
        match self.decoded {
            None => self.raw.name,
            Some(index) => decoded.pair(index).0,
        }
    }

    fn param<'a>(&self, decoded: &'a Decoded) -> Param<'a>
    where
        'r: 'a,
    {
        let raw = self.raw;
        let (name, value) = match self.decoded {
            None => (raw.name, raw.value()),
            Some(index) => decoded.pair(index),
        };
        Param { name, value, raw }
    }
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
        let escaped = memchr::memchr2(b'%', b'+', raw).is_some();
        self.special |= escaped || !raw.is_ascii();
        if escaped {
            self.decoded.reserve(raw.len());
        }
        for (name, value) in pairs(raw) {
            if self.list.len() == Self::MAX {
                return Err(TooManyParams);
            }
            let raw = RawParam { name, value, source };
            let decoded = escaped.then(|| self.decoded.add(&raw, Plus::Space)).flatten();
            self.list.push(Entry { raw, decoded });
        }
        self.sort();
        Ok(())
    }

    /// The same parameters with another reading of `+`.
    pub(super) fn reread(&self, plus: Plus) -> Self {
        let mut params = Self { special: self.special, ..Self::default() };
        for Entry { raw, .. } in self.list.iter().copied() {
            let decoded = params.decoded.add(&raw, plus);
            params.list.push(Entry { raw, decoded });
        }
        params.sort();
        params
    }

    fn sort(&mut self) {
        let Self { list, decoded, .. } = self;
        let name = |entry: &Entry<'r>| entry.name(decoded);
        // Most clients send them in order.
        let ascend = list.is_sorted_by(|a, b| name(a) < name(b));
        if !ascend {
            list.sort_by(|a, b| name(a).cmp(name(b)));
        }
        let repeats = |pair: &[Entry<'r>]| matches!(pair, [a, b] if name(a) == name(b));
        self.repeats = !ascend && list.windows(2).any(repeats);
    }

    /// All parameters, signed or not.
    pub fn iter(&self) -> impl Iterator<Item = Param<'_>> {
        self.list.iter().map(|entry| entry.param(&self.decoded))
    }

    /// The parameters of each name.
    fn by_name(&self) -> impl Iterator<Item = &[Entry<'r>]> {
        let name = |entry: &Entry<'r>| entry.name(&self.decoded);
        self.list.chunk_by(move |a, b| self.repeats && name(a) == name(b))
    }

    /// The signed parameters: one of each name.
    pub fn signed(&self, clash: Clash) -> impl Iterator<Item = Param<'_>> {
        self.by_name().filter_map(move |same| {
            let mut same = same.iter().map(|entry| entry.param(&self.decoded));
            match clash {
                Clash::QueryWins => same.next(),
                Clash::FormWins => same.clone().find(Param::is_of_form).or_else(|| same.next()),
            }
        })
    }

    /// Whether they can be read in one way only: no byte of theirs is special, and no name occurs
    /// again. There is then no [polluted](Self::polluted), [repeated](Self::repeated) or
    /// [ambiguous](Param::name_is_ambiguous) one.
    #[must_use]
    pub const fn are_plain(&self) -> bool {
        !self.special && !self.repeats
    }

    /// A parameter that a handler sees more than once with different values, of which only one is
    /// signed. Names are compared as a handler decodes them.
    #[must_use]
    pub fn polluted(&self) -> Option<Param<'_>> {
        if !self.special || self.iter().all(|param| param.name_is_plain()) {
            let mut pairs = self.iter().zip(self.iter().skip(1)).filter(|_| self.repeats);
            return pairs.find(|(a, b)| a.contradicts(b)).map(|(a, _)| a);
        }
        let mut list: Vec<_> = self.iter().map(|p| (p.handler_name(), p)).collect();
        list.sort_by(|(a, _), (b, _)| a.cmp(b));
        list.windows(2).find_map(|pair| match pair {
            [(name, a), (other, b)] if name == other && a.value != b.value => Some(*a),
            _ => None,
        })
    }

    /// A parameter that stands more than once in the query, or more than once in the form, whatever
    /// its values.
    #[must_use]
    pub fn repeated(&self) -> Option<Param<'_>> {
        let mut list: Vec<_> = self.iter().map(|p| (p.is_of_form(), p.handler_name(), p)).collect();
        list.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        list.windows(2).find_map(|pair| match pair {
            [(source, name, _), (other, same, p)] if source == other && name == same => Some(*p),
            _ => None,
        })
    }

    /// A parameter whose name reads as others' once it is decoded
    /// ([`Param::name_is_ambiguous`]).
    #[must_use]
    pub fn ambiguous_name(&self) -> Option<Param<'_>> {
        // Without an escape a name has no separator, because separators end it.
        self.iter().filter(|_| self.special).find(Param::name_is_ambiguous)
    }

    /// Writes `?name…&name…`, and nothing if there is no parameter. What follows a name, its `=` and
    /// its value, is `write_value`'s.
    pub(in crate::protocol) fn write(
        &self,
        clash: Clash,
        out: &mut Text,
        write_value: impl Fn(&mut Text, &Param<'_>),
    ) {
        let mut separator = b'?';
        let write = |param: Param<'_>| {
            out.push(separator);
            out.extend_from_slice(param.name);
            write_value(out, &param);
            separator = b'&';
        };
        match self.repeats {
            false => self.iter().for_each(write),
            true => self.signed(clash).for_each(write),
        }
    }

    /// Whether it matters if query or form wins.
    pub(in crate::protocol) fn clash_matters(&self) -> bool {
        let by_query = self.signed(Clash::QueryWins);
        by_query.zip(self.signed(Clash::FormWins)).any(|(a, b)| a.contradicts(&b))
    }

    pub(super) fn any_empty(&self) -> bool {
        self.iter().any(|param| param.value.is_empty())
    }

    pub(super) fn any_plus(&self) -> bool {
        self.list.iter().any(|entry| entry.raw.has_any_of(b'+', b'+'))
    }
}

impl std::fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
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
        let pair = |p: Param<'_>| format!("{}={}", text(p.name()), text(p.value()));
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
        let malformed = |query| params(query, "").iter().any(|param| param.has_malformed_escape());
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
        let name = |query, form| params(query, form).ambiguous_name().is_some();
        let value =
            |query, form| params(query, form).iter().any(|param| param.value_is_ambiguous());
        assert!(name("a%26b=1", ""));
        assert!(name("a%3Db", ""));
        assert!(name("", "na+me"));
        assert!(!name("na+me", ""));
        assert!(value("a=1%26b", ""));
        assert!(!value("a=1%3Db", ""));
    }

    #[test]
    fn the_number_of_parameters_is_bounded() {
        let query = "a&".repeat(Params::MAX + 1);
        assert!(Params::default().read(query.as_bytes(), Source::Query).is_err());
    }
}
