//! A request as a command line that any POSIX shell takes.

/// A `curl` command line on one line. Every header is given, so that curl adds none that would be
/// signed: it sends `Accept: */*` unless told otherwise.
pub(super) fn curl(url: &str, headers: &[(&str, String)]) -> String {
    let mut line = "curl -sS -i".to_owned();
    for (name, value) in headers {
        line.push_str(" -H ");
        line.push_str(&quoted(&format!("{name}: {value}")));
    }
    line.push(' ');
    line.push_str(&quoted(url));
    line
}

/// Nothing is special between single quotes but the single quote.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("a b$c"), "'a b$c'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        let line = curl("http://h/?a=1&b=2", &[("X-Ca-Key", "k".to_owned())]);
        assert_eq!(line, "curl -sS -i -H 'X-Ca-Key: k' 'http://h/?a=1&b=2'");
    }
}
