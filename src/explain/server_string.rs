//! The string to sign that a refusal shows.

use std::fmt;

use super::Part;
use super::lines::ServerLines;
use super::text::reread_as_utf_8;
use crate::error::MAX_REQUEST_TEXT;

/// What a server signed, as its refusal shows it: LF is `#`, and values of headers that a proxy may
/// have added are masked (`X-Internal:(12 bytes)`).
///
/// ```
/// use countersign::explain::ServerString;
///
/// let message = "Invalid Signature, Server StringToSign:`GET#*/*####X-Ca-Key:1#/a?b=c`";
/// let server = ServerString::from_error_message(message).ok_or("no string")?;
/// assert_eq!(server.as_str(), "GET#*/*####X-Ca-Key:1#/a?b=c");
/// assert_eq!(server.header("x-ca-key"), Some("1"));
///
/// assert!(ServerString::from_error_message("Nonce Used").is_none());
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ServerString {
    text: String,
    end: End,
}

/// How the shown text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With a backtick.
    Quoted,
    /// With the message: white space at the string's own end is not shown.
    Open,
    /// Before the backtick that should be there.
    Cut,
}

impl ServerString {
    /// Finds the string in the value of `X-Ca-Error-Message`, in a whole answer that was copied, or
    /// in a body: with backticks (VPC instances, Higress) or without (classic instances). The bare
    /// string is taken, too.
    ///
    /// UTF-8 that some client shows as ISO 8859-1 is read anew.
    #[must_use]
    pub fn from_error_message(message: &str) -> Option<Self> {
        const MARK: &str = "stringtosign:";
        let mark = message.to_ascii_lowercase().find(MARK);
        let text = match mark {
            Some(at) => message.get(at + MARK.len()..)?.trim_start(),
            None => bare(message)?,
        };
        let (text, end) = match text.strip_prefix('`') {
            None => (first_line(text).trim_end(), End::Open),
            Some(quoted) => match quoted.rfind('`') {
                Some(end) => (quoted.get(..end)?, End::Quoted),
                None => (first_line(quoted).trim_end(), End::Cut),
            },
        };
        if text.is_empty() {
            return None;
        }
        let text = reread_as_utf_8(text).unwrap_or_else(|| text.to_owned());
        Some(Self { text: text.replace("\r\n", "#").replace('\n', "#"), end })
    }

    /// The string as shown, in one line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The shown value of a signed header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = ServerLines::read(&self.text, None);
        let mut headers = lines.headers.into_iter();
        headers.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The string line by line, each with what it is. Path and parameters are one line.
    ///
    /// Where a value contains a `#`, the division is a guess: the server does not escape it.
    #[must_use]
    pub fn lines(&self) -> Vec<(Part, &str)> {
        let lines = ServerLines::read(&self.text, None);
        let fixed = Part::FIXED.into_iter().zip(lines.fixed);
        let headers = lines.headers.into_iter().map(|(name, value)| (Part::header(name), value));
        fixed.chain(headers).chain([(Part::Path, lines.rest)]).collect()
    }

    /// Whether the message ends before the string does.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.may_be_cut(0)
    }

    /// As [`is_cut`](Self::is_cut); `hidden` bytes of the string are not shown. This crate cuts the
    /// string, and shows the backtick after it all the same.
    pub(super) fn may_be_cut(&self, hidden: usize) -> bool {
        const LONGEST_CHARACTER: usize = 4;
        self.end == End::Cut || self.text.len() + hidden + LONGEST_CHARACTER > MAX_REQUEST_TEXT
    }

    /// Whether white space at the string's end would not be shown.
    pub(super) fn hides_trailing_blanks(&self) -> bool {
        self.end == End::Open
    }
}

/// Without the text: it is what a request says.
impl fmt::Debug for ServerString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerString({} bytes, {:?})", self.text.len(), self.end)
    }
}

/// A string to sign without any words around it.
fn bare(message: &str) -> Option<&str> {
    let text = message.trim_start();
    let (method, rest) = text.trim_start_matches('`').split_once(['#', '\n'])?;
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic());
    let lines = rest.bytes().filter(|byte| matches!(byte, b'#' | b'\n')).count();
    (is_method && lines >= 4).then_some(text)
}

/// What stands on the same line, unless the string's own lines are shown as lines.
fn first_line(text: &str) -> &str {
    match text.split_once('\n') {
        Some((first, _)) if first.contains('#') => first,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &str) -> Option<String> {
        ServerString::from_error_message(message).map(|string| string.text)
    }

    #[test]
    fn every_rendering_is_read() {
        const STRING: &str = "GET#a####X-Ca-Key:k`k#/p?a=b c";
        for message in [
            "Invalid Signature, Server StringToSign:`{}`",
            "Invalid Signature, Server StringToSign:{}",
            "Server StringToSign:`{}`",
            "< HTTP/1.1 403\r\n< X-Ca-Error-Message: Invalid Signature, Server StringToSign:`{}`\r\n\r\n",
            "x-ca-error-message: Invalid Signature, Server StringToSign:{}\r\ndate: x",
            "{\"message\":\"Invalid Signature, Server StringToSign:`{}`\"}",
            "{}",
            "`{}`",
        ] {
            assert_eq!(read(&message.replace("{}", STRING)).as_deref(), Some(STRING), "{message}");
        }
        let lines = "server stringToSign: GET\na\n\n\n\nX-Ca-Key:k`k\n/p?a=b c";
        assert_eq!(read(lines).as_deref(), Some(STRING));
    }

    #[test]
    fn other_messages_have_no_string() {
        for message in ["", "Nonce Used", "StringToSign:", "Server StringToSign:``", "a#b", "#####"]
        {
            assert_eq!(read(message), None, "{message}");
        }
    }

    #[test]
    fn a_string_is_cut_where_its_backtick_is_missing_or_it_is_as_long_as_one_may_be() {
        let is_cut = |message: &str| ServerString::from_error_message(message).unwrap().is_cut();
        let long = "x".repeat(MAX_REQUEST_TEXT);
        assert!(is_cut("StringToSign:`GET#a####/p"));
        assert!(is_cut(&format!("StringToSign:`{long}`")));
        assert!(!is_cut("StringToSign:`GET#a####/p`"));
        assert!(!is_cut("StringToSign:GET#a####/p"));
    }

    #[test]
    fn lines_have_names() {
        let string = ServerString::from_error_message("GET#a#b#c#d#x:1#Y:#/p?#=1").unwrap();
        let lines: Vec<_> =
            string.lines().into_iter().map(|(part, text)| format!("{part}={text}")).collect();
        assert_eq!(lines[..2], ["the method=GET", "the Accept line=a"]);
        assert_eq!(lines[5..], ["the header line x=1", "the header line Y=", "the path=/p?#=1"]);
    }

    #[test]
    fn debug_shows_no_text() {
        let string = ServerString::from_error_message("GET#####/hush").unwrap();
        assert!(!format!("{string:?}").contains("hush"));
    }
}
