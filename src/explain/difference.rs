//! One place where the strings differ.

use std::fmt;

use super::{Cause, Part};

/// A part in which the two strings differ.
#[derive(Clone, PartialEq, Eq)]
pub struct Difference {
    part: Part,
    client: Option<String>,
    server: Option<String>,
    cause: Cause,
}

impl Difference {
    pub(super) fn new(part: Part, client: &str, server: &str, cause: Cause) -> Self {
        let (client, server) = (Some(client.to_owned()), Some(server.to_owned()));
        Self { part, client, server, cause }
    }

    /// The server's string lacks the part.
    pub(super) fn only_client(part: Part, client: &str, cause: Cause) -> Self {
        Self { part, client: Some(client.to_owned()), server: None, cause }
    }

    /// The client's string lacks the part.
    pub(super) fn only_server(part: Part, server: &str, cause: Cause) -> Self {
        Self { part, client: None, server: Some(server.to_owned()), cause }
    }

    /// What differs.
    #[must_use]
    pub const fn part(&self) -> &Part {
        &self.part
    }

    /// What the client signed there; nothing if its string lacks the part.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// What the server signed there; nothing if its string lacks the part.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// The usual cause.
    #[must_use]
    pub const fn cause(&self) -> Cause {
        self.cause
    }
}

/// Both texts around the first character that differs, escaped for a terminal.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let same = match (self.client(), self.server()) {
            (Some(client), Some(server)) => same_prefix(client, server),
            _ => 0,
        };
        writeln!(f, "first difference: {}", self.part)?;
        writeln!(f, "  client  {}", Excerpt(self.client(), same))?;
        write!(f, "  server  {}", Excerpt(self.server(), same))
    }
}

/// Without the texts: they are what a request says.
impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Difference")
            .field("part", &self.part)
            .field("cause", &self.cause)
            .finish_non_exhaustive()
    }
}

/// The length of what both texts begin with, in whole characters.
fn same_prefix(a: &str, b: &str) -> usize {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b);
    same.map(|(a, _)| a.len_utf8()).sum()
}

/// A text from a little before the place where it begins to differ.
struct Excerpt<'a>(Option<&'a str>, usize);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const BEFORE: usize = 24;
        const LENGTH: usize = 96;
        let Some(text) = self.0 else {
            return f.write_str("(nothing)");
        };
        let same = text.get(..self.1).unwrap_or_default();
        let start = same.char_indices().rev().nth(BEFORE).map_or(0, |(at, _)| at);
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.char_indices().nth(LENGTH).map_or(rest.len(), |(at, _)| at);
        let shown = rest.get(..end).unwrap_or_default();
        let before = if start > 0 { "…" } else { "" };
        let after = if end < rest.len() { "…" } else { "" };
        write!(f, "{before}{shown:?}{after}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_shown_around_the_place_that_differs() {
        let text = |end: &str| format!("{}{end}", "你".repeat(100));
        let (client, server) = (text("a\t"), text(&"b".repeat(200)));
        let difference =
            Difference::new(Part::Path, &client, &server, Cause::PathChanged).to_string();
        let lines: Vec<_> = difference.lines().collect();
        assert_eq!(lines[0], "first difference: the path");
        assert_eq!(lines[1], format!("  client  …\"{}a\\t\"", "你".repeat(25)));
        assert!(lines[2].starts_with("  server  …\"你") && lines[2].ends_with("b\"…"));
        assert!(lines[2].chars().count() < 120);
    }

    #[test]
    fn nothing_and_an_empty_text_are_told_apart() {
        let difference = Difference::only_server(Part::Accept, "", Cause::Unrecognised);
        assert!(difference.to_string().ends_with("client  (nothing)\n  server  \"\""));
        assert!(!format!("{difference:?}").contains("nothing"));
    }
}
