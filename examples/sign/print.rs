//! How a call looks on a terminal.

use std::fmt;
use std::io::{self, Write};

use http::HeaderMap;

use crate::Problem;

pub(crate) fn print(text: &str) -> Result<(), Problem> {
    let mut stdout = io::stdout();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Problem(format!("cannot write to stdout: {error}")))
}

/// A string to sign, a line at a time, each with its name. All but the last end with LF.
pub(crate) struct StringLines<'a>(pub(crate) &'a [u8]);

impl fmt::Display for StringLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FIXED: [&str; 5] = ["method", "Accept", "Content-MD5", "Content-Type", "Date"];
        let text = String::from_utf8_lossy(self.0);
        let mut rest = text.as_ref();
        for name in FIXED {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            line_of(f, name, line)?;
            rest = after;
        }
        // A decoded path or parameter may contain LF; a header line cannot begin with a slash.
        while let Some((line, after)) = rest.split_once('\n').filter(|_| !rest.starts_with('/')) {
            line_of(f, "header", line)?;
            rest = after;
        }
        line_of(f, "path", rest)
    }
}

fn line_of(f: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    match text {
        "" => writeln!(f, "  {name}"),
        text => writeln!(f, "  {name:<13} {}", printable(text)),
    }
}

/// Headers as they are sent.
pub(crate) struct Headers<'a>(pub(crate) &'a HeaderMap);

impl fmt::Display for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.0 {
            let value = String::from_utf8_lossy(value.as_bytes());
            writeln!(f, "  {name}: {}", printable(&value))?;
        }
        Ok(())
    }
}

/// Text that does nothing to a terminal.
pub(crate) fn printable(text: &str) -> String {
    // Control characters, and what changes the order or the look of its neighbours.
    let is_active = |c: char| c.is_control() || !c.is_ascii() && c.escape_debug().len() > 1;
    text.chars()
        .map(|c| if is_active(c) { c.escape_default().to_string() } else { c.into() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_name() {
        let string = "GET\n*/*\n\n\n\nx-ca-key:1\n/a?b=c\nd\x1b你\u{202e}";
        let text = StringLines(string.as_bytes()).to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "  method        GET",
                "  Accept        */*",
                "  Content-MD5",
                "  Content-Type",
                "  Date",
                "  header        x-ca-key:1",
                r"  path          /a?b=c\nd\u{1b}你\u{202e}",
            ]
        );
    }
}
