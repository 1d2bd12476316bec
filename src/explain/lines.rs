//! The two strings taken apart.
//!
//! The client's has real line feeds, but may be put together wrongly ([`shape`](super::shape)). The
//! server's shows a line feed as `#`, which a value may contain as well: where the client's line
//! goes on at this place, it is the client's line; otherwise a line ends at the next `#` behind
//! which a header, a path or nothing follows.

use std::collections::HashMap;

use super::Part;
use super::text::{header_name_len, is_header_line, is_path, shown};
use crate::header;

/// A client's string.
pub(super) struct ClientLines<'c> {
    pub(super) fixed: [&'c [u8]; 5],
    pub(super) headers: Vec<ClientHeader<'c>>,
    /// Path and parameters.
    pub(super) rest: &'c [u8],
}

/// A header line of a client's string.
pub(super) struct ClientHeader<'c> {
    pub(super) name: &'c str,
    pub(super) value: &'c [u8],
}

impl<'c> ClientHeader<'c> {
    pub(super) fn read(line: &'c [u8]) -> Option<Self> {
        let (name, value) = line.split_at_checked(header_name_len(line)?)?;
        Some(Self { name: std::str::from_utf8(name).ok()?, value: value.get(1..)? })
    }

    /// The line for showing: of headers that may carry a credential the value's length.
    pub(super) fn disclosed(&self) -> String {
        match self.name.to_ascii_lowercase().starts_with(header::PREFIX) {
            true => format!("{}:{}", self.name, shown(self.value)),
            false => format!("{}:{}", self.name, mask(self.value)),
        }
    }
}

/// A value as a server shows it that it does not want to show.
pub(super) fn mask(value: &[u8]) -> String {
    format!("({} bytes)", value.len())
}

/// Why a client's string cannot be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misshapen {
    /// Header or path come before the sixth line.
    TooFewLines { at: usize },
    /// A line that is neither a header nor a path stands before the path.
    ExtraLine { at: usize },
}

impl<'c> ClientLines<'c> {
    pub(super) fn read(string: &'c [u8]) -> Result<Self, Misshapen> {
        let mut at = 0;
        let mut fixed = [&b""[..]; 5];
        let mut rest = string;
        for line in &mut fixed {
            let (first, after) = split_line(rest).ok_or(Misshapen::TooFewLines { at })?;
            if at > 0 && (is_path(first) || is_header_line(first)) {
                return Err(Misshapen::TooFewLines { at });
            }
            (*line, rest) = (first, after);
            at += 1;
        }
        let mut headers = Vec::new();
        while let Some((line, after)) = split_line(rest)
            && let Some(header) = ClientHeader::read(line)
        {
            headers.push(header);
            rest = after;
            at += 1;
        }
        match split_line(rest) {
            Some((line, after)) if !begins_rest(line) && !after.is_empty() => {
                Err(Misshapen::ExtraLine { at })
            }
            _ => Ok(Self { fixed, headers, rest }),
        }
    }
}

/// Whether the line begins with a path or, where the path is empty, with a query.
fn begins_rest(line: &[u8]) -> bool {
    matches!(line.first(), Some(b'/' | b'?' | b'*'))
}

impl ClientLines<'_> {
    /// Every part: what it is, its text, and its text for showing.
    pub(super) fn parts(&self) -> impl Iterator<Item = (Part, String, String)> {
        let plain = |part, text: String| (part, text.clone(), text);
        let fixed = Part::FIXED.into_iter().zip(self.fixed.map(shown));
        let headers = self.headers.iter().map(|header| {
            let text = format!("{}:{}", header.name, shown(header.value));
            (Part::header(header.name), text, header.disclosed())
        });
        let fixed = fixed.map(move |(part, text)| plain(part, text));
        fixed.chain(headers).chain([plain(Part::Path, shown(self.rest))])
    }
}

fn split_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = text.split_at_checked(memchr::memchr(b'\n', text)?)?;
    Some((line, rest.get(1..)?))
}

/// A server's string.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ServerLines<'s> {
    pub(super) fixed: [&'s str; 5],
    pub(super) headers: Vec<(&'s str, &'s str)>,
    /// Path and parameters.
    pub(super) rest: &'s str,
    /// How many of the fixed lines are there: five, unless the text ends early.
    pub(super) complete: usize,
}

impl<'s> ServerLines<'s> {
    pub(super) const fn is_complete(&self) -> bool {
        self.complete == self.fixed.len()
    }

    /// Takes `text` apart, with the client's lines as a guide.
    pub(super) fn read(text: &'s str, client: Option<&ClientLines<'_>>) -> Self {
        let mut lines = Self::default();
        let mut rest = text;
        for (at, line) in lines.fixed.iter_mut().enumerate() {
            let guess = client.and_then(|client| client.fixed.get(at)).map(|line| shown(line));
            let (field, after) = field(rest, guess.as_deref());
            *line = field;
            let Some(after) = after else {
                return lines;
            };
            rest = after;
            lines.complete += 1;
        }
        let guesses = Guesses::of(client);
        while let Some((name, value, after)) = guesses.header(rest) {
            lines.headers.push((name, value));
            rest = after;
        }
        lines.rest = rest;
        lines
    }
}

/// A line's text, and what stands behind it unless it is the last.
fn field<'s>(text: &'s str, guess: Option<&str>) -> (&'s str, Option<&'s str>) {
    let end = match guess {
        Some(guess) if is_followed(text, guess) => Some(guess.len()),
        _ => memchr::memchr(b'#', text.as_bytes()),
    };
    split_at_hash(text, end).map_or((text, None), |(field, after)| (field, Some(after)))
}

fn split_at_hash(text: &str, end: Option<usize>) -> Option<(&str, &str)> {
    let (field, after) = text.split_at_checked(end?)?;
    Some((field, after.strip_prefix('#')?))
}

/// Whether `text` begins with `line` and the end of a line.
fn is_followed(text: &str, line: &str) -> bool {
    text.strip_prefix(line).is_some_and(|after| after.starts_with('#'))
}

/// The values that the client signs, by header.
struct Guesses(HashMap<String, Vec<String>>);

impl Guesses {
    fn of(client: Option<&ClientLines<'_>>) -> Self {
        let mut guesses: HashMap<String, Vec<String>> = HashMap::new();
        for header in client.iter().flat_map(|client| &client.headers) {
            let values = guesses.entry(header.name.to_ascii_lowercase()).or_default();
            values.push(shown(header.value));
        }
        Self(guesses)
    }

    /// The header line that `text` begins with, and what stands behind it.
    fn header<'s>(&self, text: &'s str) -> Option<(&'s str, &'s str, &'s str)> {
        let line_end = memchr::memchr(b'#', text.as_bytes())?;
        let name_len = header_name_len(text.as_bytes().get(..line_end)?)?;
        let (name, value) = text.split_at_checked(name_len)?;
        let value = value.strip_prefix(':')?;
        let mut guesses = self.0.get(&name.to_ascii_lowercase()).into_iter().flatten();
        let end = guesses
            .find(|guess| is_followed(value, guess))
            .map_or_else(|| value_end(value), |guess| Some(guess.len()));
        split_at_hash(value, end).map(|(value, after)| (name, value, after))
    }
}

/// Where a value ends that may contain `#` itself: where a line begins behind it. It is looked for
/// only so far: every line may look for its end, and a server's text may have any length.
fn value_end(text: &str) -> Option<usize> {
    const FURTHEST: usize = 64;
    let mut ends = memchr::memchr_iter(b'#', text.as_bytes()).peekable();
    let first = ends.peek().copied();
    for _ in 0..FURTHEST {
        let Some(end) = ends.next() else { break };
        let next = text.as_bytes().get(end + 1..ends.peek().copied().unwrap_or(text.len()))?;
        if next.is_empty() || begins_rest(next) || is_header_line(next) {
            return Some(end);
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(string: &str) -> ClientLines<'_> {
        ClientLines::read(string.as_bytes()).unwrap_or_else(|wrong| panic!("{string}: {wrong:?}"))
    }

    #[test]
    fn a_clients_string_has_five_lines_headers_and_the_rest() {
        let lines = client("POST\na\n/FQmDzST7DWlj99KOF/cg8==\nc\n12:00\nX-Ca-Key:1\nb:\n/p?q\nr");
        assert_eq!(lines.fixed[2], b"/FQmDzST7DWlj99KOF/cg8==");
        let names: Vec<_> = lines.headers.iter().map(|header| header.name).collect();
        assert_eq!((names, lines.rest), (vec!["X-Ca-Key", "b"], &b"/p?q\nr"[..]));
        assert_eq!(client("GET\n\n\n\n\n").rest, b"");
        assert_eq!(client("GET\n\n\n\n\n/p\n").rest, b"/p\n");
    }

    #[test]
    fn missing_and_extra_lines_are_found() {
        let wrong = |string: &str| ClientLines::read(string.as_bytes()).err();
        assert_eq!(wrong("GET"), Some(Misshapen::TooFewLines { at: 0 }));
        assert_eq!(wrong("GET\na\n/p"), Some(Misshapen::TooFewLines { at: 2 }));
        assert_eq!(wrong("GET\na\nX-Ca-Key:1\n/p\n"), Some(Misshapen::TooFewLines { at: 2 }));
        assert_eq!(wrong("GET\na\n\n\n\n\n/p"), Some(Misshapen::ExtraLine { at: 5 }));
        assert_eq!(wrong("GET\na\n\n\n\n:\n/p"), Some(Misshapen::ExtraLine { at: 5 }));
        assert_eq!(wrong("GET\na\n\n\n\na:1\n\n/p"), Some(Misshapen::ExtraLine { at: 6 }));
    }

    #[test]
    fn a_hash_in_a_value_ends_no_line() {
        let text = "GET#a#b#c##X-C:#fff#X-Ca-Key:1#/p?a=#b";
        let lines = ServerLines::read(text, None);
        assert_eq!(lines.fixed, ["GET", "a", "b", "c", ""]);
        assert_eq!(lines.headers, [("X-C", "#fff"), ("X-Ca-Key", "1")]);
        assert_eq!(lines.rest, "/p?a=#b");
    }

    #[test]
    fn the_end_of_a_value_is_not_looked_for_through_the_whole_text() {
        let value = |hashes: usize| {
            let text = format!("GET#a#b#c##X-C:1{}X-Ca-Key:1#/p", "#=".repeat(hashes) + "#");
            let lines = ServerLines::read(&text, None);
            lines.headers.first().map(|(_, value)| value.len())
        };
        assert_eq!(value(63), Some(1 + 2 * 63));
        assert_eq!(value(64), Some(1));
    }

    #[test]
    fn where_the_clients_line_goes_on_it_is_the_clients_line() {
        let string = "GET\na#b\n\n\n\nX-C:#x:y\n/p";
        let text = "GET#a#b####X-C:#x:y#/p";
        let lines = ServerLines::read(text, Some(&client(string)));
        assert_eq!(lines.fixed[1], "a#b");
        assert_eq!(lines.headers, [("X-C", "#x:y")]);
    }

    #[test]
    fn a_text_that_ends_early_is_as_far_as_it_goes() {
        let lines = ServerLines::read("GET#a", None);
        assert_eq!((lines.complete, lines.fixed[1], lines.rest), (1, "a", ""));
        assert_eq!(ServerLines::read("", None).complete, 0);
    }
}
