//! A request as a command line that any POSIX shell takes.

use crate::common::shell::quoted;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_is_given() {
        let line = curl("http://h/?a=1&b=2", &[("X-Ca-Key", "k".to_owned())]);
        assert_eq!(line, "curl -sS -i -H 'X-Ca-Key: k' 'http://h/?a=1&b=2'");
    }
}
