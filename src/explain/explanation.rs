//! An answer explained.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

use super::advice::Advice;
use super::client::Sent;
use super::{Answer, Cause, Diagnosis};
use crate::error::{ErrorCode, neutralised};
use crate::protocol::{ContentMd5, parse_timestamp};

/// What a server's answer says about a call.
///
/// `Display` is a few lines for a terminal.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Explanation {
    /// The request was accepted.
    Accepted(StatusCode),
    /// The signature is wrong, and the server shows its string.
    Signature(Diagnosis),
    /// Refused for another reason, or without the server's string.
    Refused(Refusal),
    /// An error or a redirect that says nothing about authentication: the service's own, or a
    /// proxy's.
    Foreign(StatusCode),
}

/// A refusal other than a wrong signature, with what it usually means.
#[derive(Clone)]
pub struct Refusal {
    code: Option<ErrorCode>,
    message: String,
    note: Option<Cow<'static, str>>,
}

impl Refusal {
    /// The documented code, if the answer names one or has the message of one.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        self.code
    }

    /// What the request itself tells about this refusal: how far its timestamp is from the answer's
    /// `Date`, what is wrong with its digest.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }
}

impl Explanation {
    pub(super) fn of(answer: &Answer, sent: Option<&Sent<'_>>) -> Self {
        let code = answer.code();
        match answer.status() {
            Some(status) if code.is_none() && answer.message().is_empty() => {
                match status.is_redirection() || status.as_u16() >= 400 {
                    true => Self::Foreign(status),
                    false => Self::Accepted(status),
                }
            }
            _ => Self::Refused(Refusal {
                code,
                message: answer.message().to_owned(),
                note: code.zip(sent).and_then(|(code, sent)| note(code, answer, sent)),
            }),
        }
    }
}

fn note(code: ErrorCode, answer: &Answer, sent: &Sent<'_>) -> Option<Cow<'static, str>> {
    match code {
        ErrorCode::S403TE => note_on_time(answer, sent),
        ErrorCode::I400I5 => note_on_digest(sent),
        _ => None,
    }
}

fn note_on_time(answer: &Answer, sent: &Sent<'_>) -> Option<Cow<'static, str>> {
    const MILLIS_DIGITS: usize = 13;
    /// In both directions, unless a server is told otherwise (protocol §2).
    const USUAL_WINDOW: Duration = Duration::from_secs(15 * 60);
    let text = sent.headers().timestamp?;
    let stamped = parse_timestamp(text)?;
    if text.len() < MILLIS_DIGITS {
        return Some("X-Ca-Timestamp is in seconds: multiply by 1000".into());
    }
    let answered = answer.date()?;
    let (span, side) = match stamped < answered {
        true => (answered.since(stamped), "behind"),
        false => (stamped.since(answered), "ahead of"),
    };
    if span < USUAL_WINDOW {
        // A Date has no fraction of a second.
        let within = Span(span + Duration::from_secs(1));
        return Some(
            format!(
                "X-Ca-Timestamp is within {within} of the answer's Date: the server has restarted or \
                 lost its nonces, and refuses what was signed before; sign anew; if that is refused, \
                 again after 5 s; else ask its operator"
            )
            .into(),
        );
    }
    Some(format!("X-Ca-Timestamp is {} {side} the answer's Date", Span(span)).into())
}

fn note_on_digest(sent: &Sent<'_>) -> Option<Cow<'static, str>> {
    let text = sent.headers().content_md5?;
    match ContentMd5::decode(text) {
        None if text.len() == 32 && text.iter().all(u8::is_ascii_hexdigit) => {
            Some(Cause::ContentMd5Hex.to_string().into())
        }
        None => Some("Content-MD5 is not 24 characters of standard base64".into()),
        Some(digest) if digest != ContentMd5::of(sent.body) => {
            let right = ContentMd5::of(sent.body).encode();
            Some(format!("the digest of this body of {} bytes is {right}", sent.body.len()).into())
        }
        Some(_) => Some("the digest is right for this body: other bytes arrived".into()),
    }
}

/// A span in its two largest units.
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
        let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
        match (days, hours, minutes) {
            (0, 0, 0) => write!(f, "{seconds} s"),
            (0, 0, _) => write!(f, "{minutes} min {seconds} s"),
            (0, ..) => write!(f, "{hours} h {minutes} min"),
            _ => write!(f, "{days} d {hours} h"),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(status) => write!(f, "accepted: {}", status.as_u16()),
            Self::Signature(diagnosis) => {
                write!(f, "refused: A403IS, wrong signature\n{diagnosis}")
            }
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Foreign(status) if status.is_redirection() => write!(
                f,
                "answered: {}, a redirect\n\
                 cause   another URL is meant: with or without a slash at the end, https, another host\n\
                 remedy  sign that URL anew; a signature does not survive a change of path or method",
                status.as_u16()
            ),
            Self::Foreign(status) => write!(
                f,
                "answered: {}, without X-Ca-Error-Code and X-Ca-Error-Message\n\
                 cause   the service itself or a proxy answers: nothing is said about the signature\n\
                 remedy  look at the answer's body, and at what stands between",
                status.as_u16()
            ),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 300;
        let message: String =
            neutralised(&self.message).chars().take(LONGEST).map(visible).collect();
        let Some(code) = self.code else {
            return write!(
                f,
                "refused: {message}\n\
                 cause   no documented message: another kind of server, or a proxy, has answered\n\
                 remedy  look at its documentation, and at what stands between"
            );
        };
        let Advice { cause, remedy } = Advice::on(code);
        write!(f, "refused: {code}, {message}\ncause   {cause}\nremedy  {remedy}")?;
        self.note().map_or(Ok(()), |note| write!(f, "\nnote    {note}"))
    }
}

/// A character that changes how a terminal shows its neighbours, as one that does not.
fn visible(c: char) -> char {
    let is_format = !c.is_ascii() && c.escape_debug().len() > 1;
    if is_format { char::REPLACEMENT_CHARACTER } else { c }
}

/// Without the message: it may repeat the request.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal").field("code", &self.code).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_does_nothing_to_a_terminal() {
        let refusal = Refusal {
            code: None,
            message: "a\u{1b}b\u{9b}c\u{202e}d\u{4f60}\"".to_owned(),
            note: None,
        };
        let shown = refusal.to_string();
        assert!(shown.starts_with("refused: a?b?c\u{fffd}d\u{4f60}\"\n"), "{shown:?}");
    }

    #[test]
    fn spans_have_two_units() {
        for (seconds, text) in
            [(0, "0 s"), (61, "1 min 1 s"), (3_725, "1 h 2 min"), (90_000, "1 d 1 h")]
        {
            assert_eq!(Span(Duration::from_secs(seconds)).to_string(), text);
        }
    }
}
