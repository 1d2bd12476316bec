//! A server's answer, as far as it is about authentication.

use std::fmt;

use http::{HeaderMap, StatusCode};

use super::ServerString;
use crate::clock::UnixMillis;
use crate::error::ErrorCode;
use crate::header;

/// What a server answered.
///
/// ```
/// use countersign::error::ErrorCode;
/// use countersign::explain::Answer;
///
/// let answer = Answer::from_text("X-Ca-Error-Code: S403NU\nX-Ca-Error-Message: Nonce Used");
/// assert_eq!((answer.code(), answer.message()), (Some(ErrorCode::S403NU), "Nonce Used"));
///
/// let classic = Answer::from_text("Invalid AppKey");
/// assert_eq!(classic.code(), Some(ErrorCode::A400IK), "classic instances send no code");
/// assert_eq!(Answer::from_text("Good morning").code(), None);
/// ```
#[derive(Clone)]
pub struct Answer {
    status: Option<StatusCode>,
    code: Option<ErrorCode>,
    message: String,
    string: Option<ServerString>,
    date: Option<UnixMillis>,
}

impl Answer {
    /// An answer with this status and these headers.
    #[must_use]
    pub fn new(status: StatusCode, headers: &HeaderMap) -> Self {
        let text = |name| {
            let value = headers.get(name).map_or(&[][..], |value| value.as_bytes());
            String::from_utf8_lossy(value).trim().to_owned()
        };
        let code = text(header::ERROR_CODE);
        let message = text(header::ERROR_MESSAGE);
        Self {
            status: Some(status),
            code: code.parse().ok().or_else(|| code_of_message(&message)),
            date: date(&text(header::DATE)),
            string: ServerString::from_error_message(&message),
            message,
        }
    }

    /// An answer that was copied: its `X-Ca-Error-Message`, or all of its head.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let line = |name: &http::HeaderName| {
            let mut lines = text.lines().filter_map(|line| line.split_once(':'));
            // curl -v and browsers put something before the name.
            let is_it = |other: &str| {
                other.trim_start_matches(['<', ' ']).eq_ignore_ascii_case(name.as_str())
            };
            lines.find(|(other, _)| is_it(other.trim_end())).map(|(_, value)| value.trim())
        };
        let message = line(&header::ERROR_MESSAGE).unwrap_or(text.trim());
        let code = line(&header::ERROR_CODE).unwrap_or_default();
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let code = code.parse().ok().or_else(|| code_of_message(message));
        Self {
            status: None,
            code: code.or_else(|| words.find_map(|word| word.parse().ok())),
            date: line(&header::DATE).and_then(date),
            string: ServerString::from_error_message(text),
            message: message.to_owned(),
        }
    }

    /// The documented code: that of `X-Ca-Error-Code`, or else the one whose documented message
    /// this is.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        self.code
    }

    /// The text of `X-Ca-Error-Message`.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The string to sign, if the message shows one.
    #[must_use]
    pub const fn server_string(&self) -> Option<&ServerString> {
        self.string.as_ref()
    }

    /// The status, if it is known.
    #[must_use]
    pub const fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// When the server answered, by its `Date`.
    #[must_use]
    pub const fn date(&self) -> Option<UnixMillis> {
        self.date
    }
}

/// Without the message: it may repeat the request.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("message", &format_args!("({} bytes)", self.message.len()))
            .field("date", &self.date)
            .finish()
    }
}

fn date(text: &str) -> Option<UnixMillis> {
    httpdate::parse_http_date(text).ok().map(UnixMillis::from)
}

/// The code whose message begins like this one, by either dialect. Of several, the first whose own
/// words are the longest.
fn code_of_message(message: &str) -> Option<ErrorCode> {
    // Of classic instances, and of Higress: no template has these words alone.
    const OTHERS: [(&str, ErrorCode); 3] = [
        ("Empty Signature", ErrorCode::I400MH),
        ("Invalid Timestamp", ErrorCode::I400HD),
        ("Invalid Signature", ErrorCode::A403IS),
    ];
    if let Some((_, code)) = OTHERS.iter().find(|(words, _)| message.starts_with(words)) {
        return Some(*code);
    }
    let own_words =
        |template: &'static str| template.split("${").next().unwrap_or(template).trim_end();
    let begins_like = |code: &ErrorCode| {
        let classic = code.classic().map(|(_, template)| template);
        let templates = [Some(code.template()), classic].into_iter().flatten().map(own_words);
        let begun = templates.filter(|words| !words.is_empty() && message.starts_with(words));
        begun.map(str::len).max()
    };
    let found = ErrorCode::ALL.iter().filter_map(|code| Some((begins_like(code)?, *code)));
    found.rev().max_by_key(|(len, _)| *len).map(|(_, code)| code)
}
