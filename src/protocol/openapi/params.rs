//! Which parameters can be signed at all (openapi §6).

use std::borrow::Cow;

use crate::protocol::{Param, Params};

/// A parameter whose name stands more than once, in the query, in the form or across, whatever the
/// values: only one of them is signed, and which one, clients and servers disagree. Names are compared
/// as a handler decodes them.
///
/// ```
/// use countersign::protocol::openapi::repeated_param;
/// use countersign::protocol::{BodyLength, Params, RequestHead};
/// use http::{HeaderMap, Method, Uri};
///
/// let headers = HeaderMap::new();
/// let repeated = |target: &'static str| {
///     let target = Uri::from_static(target);
///     let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
///     Params::query(&head).is_ok_and(|params| repeated_param(&params).is_some())
/// };
/// assert!(!repeated("/?Action=DescribeRegions&action=DeleteInstance"));
/// assert!(repeated("/?Action=DescribeRegions&%41ction=DeleteInstance"));
/// ```
#[must_use]
pub fn repeated_param<'a>(params: &'a Params<'_>) -> Option<Param<'a>> {
    if params.are_plain() {
        return None;
    }
    // They stand in the order of their names, as far as these are not decoded otherwise.
    let (mut are_ordered, mut repeats, mut last) = (true, false, None);
    for param in params.iter() {
        let name = param.name();
        are_ordered &= name.is_ascii() && matches!(param.decoded_name(), Cow::Borrowed(_));
        repeats |= last.replace(name) == Some(name);
    }
    if are_ordered && !repeats {
        return None;
    }
    let mut names: Vec<_> = params.iter().map(|param| (param.handler_name(), param)).collect();
    names.sort_by(|(a, _), (b, _)| a.cmp(b));
    names.windows(2).find_map(|pair| match pair {
        [(name, param), (other, _)] if name == other => Some(*param),
        _ => None,
    })
}

/// A parameter that not everyone decodes alike: a `%` begins no escape, or name or value is no UTF-8,
/// or the name holds a NUL.
#[must_use]
pub fn malformed_param<'a>(params: &'a Params<'_>) -> Option<Param<'a>> {
    params.iter().find(|param| {
        let name = param.decoded_name();
        param.has_malformed_escape()
            || std::str::from_utf8(&name).is_err()
            || std::str::from_utf8(param.value()).is_err()
            || memchr::memchr(0, &name).is_some()
    })
}

/// Whether all of a query or a form is ASCII, and so is what it escapes, without a NUL: there is then no
/// [malformed](malformed_param) parameter in it.
pub(crate) fn is_plain_text(text: &[u8]) -> bool {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let is_plain = |at: usize| match text.get(at..at + 3) {
        Some([b'%', high, low]) => match (digit(high), digit(low)) {
            (Some(0), Some(low)) => low != 0,
            (Some(high), Some(_)) => high < 8,
            _ => false,
        },
        _ => false,
    };
    text.is_ascii() && memchr::memchr2_iter(b'%', 0, text).all(is_plain)
}

/// Whether a parameter may be signed as its bare name. Where there is none either, nothing would be
/// left of it, as if it had not been sent.
pub(super) fn is_only_a_name(param: Param<'_>) -> bool {
    param.value().is_empty() && !param.name().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Source;

    fn params<'r>(query: &'r str, form: &'r str) -> Params<'r> {
        let mut params = Params::default();
        params.read(query.as_bytes(), Source::Query).unwrap();
        params.with_form(form.as_bytes()).unwrap()
    }

    #[test]
    fn a_name_stands_once_in_query_and_form_together() {
        for (query, form) in [
            ("a=1&a=1", ""),
            ("a=1", "a=1"),
            ("a=1", "%61=2"),
            ("", "x+y&x%20y=1"),
            ("%FF=1&%FE=2", ""),
            ("a&b&a=", ""),
        ] {
            assert!(repeated_param(&params(query, form)).is_some(), "{query} {form}");
        }
        for (query, form) in [("a=1&A=1", "a+=2"), ("", ""), ("a=a", "b=a")] {
            assert!(repeated_param(&params(query, form)).is_none(), "{query} {form}");
        }
    }

    #[test]
    fn what_is_plain_is_not_malformed() {
        for text in ["", "a=%41&%7F=%01&+", "a&b", "a=%25zz"] {
            assert!(is_plain_text(text.as_bytes()), "{text}");
        }
        for text in ["%", "a%4", "%4&1", "%4=", "%zz", "%00", "%80", "%C3%A9", "é", "\0", "a\0b=1"]
        {
            assert!(!is_plain_text(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_not_decoded_alike_everywhere_is_malformed() {
        for query in ["a=%", "%zz=1", "a=%FF", "%C3=1", "a%00=1"] {
            assert!(malformed_param(&params(query, "")).is_some(), "{query}");
            assert!(malformed_param(&params("", query)).is_some(), "{query}");
        }
        for query in ["a=%00", "%25=%25", "%e4%b8%ad=+"] {
            assert!(malformed_param(&params(query, "")).is_none(), "{query}");
        }
    }
}
