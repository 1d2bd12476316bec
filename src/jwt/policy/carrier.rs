//! Where the token stands (protocol §5, recommendation 26).
//!
//! Everything that the configured parameter says is collected: a second, different value is
//! refused, because somebody behind this layer might read the other one.

use std::borrow::Cow;

use http::header::COOKIE;
use http::{HeaderMap, HeaderName};

use super::ClaimPlace;
use crate::error::{ErrorCode, Rejection};
use crate::header;
use crate::jwt::JwtConfigError;
use crate::jwt::token::unparsable;
use crate::protocol::{RequestHead, query_values};

/// Where the token stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenCarrier {
    /// In a header. In `Authorization` behind the scheme `Bearer`, in any case, or bare; in any other
    /// as it is.
    Header(HeaderName),
    /// In a query parameter. Names are compared after decoding.
    Query(String),
    /// In a cookie.
    Cookie(String),
}

/// What an `Authorization` header without a token means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::jwt) enum OtherSchemes {
    /// Another scheme is a mistake: `I400JD`.
    Refused,
    /// `APPCODE` is another credential, which decides; other schemes are a mistake.
    AppCodeIsNoToken,
}

impl TokenCarrier {
    /// The header `Authorization`.
    #[must_use]
    pub const fn authorization() -> Self {
        Self::Header(header::AUTHORIZATION)
    }

    /// A header.
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] if this is no header's name.
    pub fn header(name: &str) -> Result<Self, JwtConfigError> {
        let name = HeaderName::from_bytes(name.as_bytes());
        name.map(Self::Header).map_err(|_| JwtConfigError::new("", "this is no header's name"))
    }

    /// A parameter needs a name; a cookie's is a token, as a header's is (RFC 6265 §4.1.1).
    pub(super) fn check(&self) -> Result<(), JwtConfigError> {
        match self {
            Self::Query(name) if name.is_empty() => Err(JwtConfigError::new("", "it is empty")),
            Self::Cookie(name) if HeaderName::from_bytes(name.as_bytes()).is_err() => {
                Err(JwtConfigError::new("", "this is no cookie's name"))
            }
            Self::Header(_) | Self::Query(_) | Self::Cookie(_) => Ok(()),
        }
    }

    /// Where a forwarded claim would replace the token.
    pub(super) fn place(&self) -> Option<ClaimPlace> {
        match self {
            Self::Header(name) => Some(ClaimPlace::Header(name.clone())),
            Self::Query(name) => Some(ClaimPlace::Query(name.clone())),
            Self::Cookie(_) => None,
        }
    }

    /// The token that a request presents. An empty one is none.
    ///
    /// # Errors
    ///
    /// `I400JD`: two different values, another scheme.
    pub(in crate::jwt) fn find<'r>(
        &self,
        head: &RequestHead<'r>,
        schemes: OtherSchemes,
    ) -> Result<Option<Cow<'r, [u8]>>, Rejection> {
        match self {
            Self::Header(name) if *name == header::AUTHORIZATION => {
                let values = head.headers().get_all(name).iter();
                let tokens = values.map(|value| in_authorization(value.as_bytes(), schemes));
                single(tokens.map(|token| token.map(Cow::Borrowed)))
            }
            Self::Header(name) => {
                let values = head.headers().get_all(name).iter();
                single(values.map(|value| Ok(Cow::Borrowed(value.as_bytes().trim_ascii()))))
            }
            Self::Query(name) => single(query_values(head, name.as_bytes()).map(Ok)),
            Self::Cookie(name) => {
                single(in_cookies(head.headers(), name).map(|token| Ok(Cow::Borrowed(token))))
            }
        }
    }
}

/// The one value there is, if it is not empty.
fn single<'r>(
    mut values: impl Iterator<Item = Result<Cow<'r, [u8]>, Rejection>>,
) -> Result<Option<Cow<'r, [u8]>>, Rejection> {
    let mut found: Option<Cow<'r, [u8]>> = None;
    for value in &mut values {
        let value = value?;
        match &found {
            _ if value.is_empty() => {}
            None => found = Some(value),
            Some(first) if *first == value => {}
            Some(first) => {
                return Err(unparsable(first).with_detail("it is presented twice, differently"));
            }
        }
    }
    Ok(found)
}

/// The token behind `Bearer`, or the whole value if there is no scheme; empty if there is none.
fn in_authorization(value: &[u8], schemes: OtherSchemes) -> Result<&[u8], Rejection> {
    let value = value.trim_ascii();
    let end = value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len());
    let (word, rest) = value.split_at_checked(end).unwrap_or((value, b""));
    let rest = rest.trim_ascii();
    if word.eq_ignore_ascii_case(b"Bearer") {
        return Ok(rest);
    }
    if word.eq_ignore_ascii_case(b"APPCODE") && schemes == OtherSchemes::AppCodeIsNoToken {
        return Ok(b"");
    }
    if rest.is_empty() {
        return Ok(value);
    }
    // What looks like a scheme is shown, and not what follows: some other credential.
    let is_scheme = word.len() <= 12 && word.iter().all(|b| b.is_ascii_alphabetic() || *b == b'-');
    if !is_scheme {
        return Err(unparsable(value));
    }
    let scheme = format!("{} …", String::from_utf8_lossy(word));
    Err(Rejection::new(ErrorCode::I400JD).with_request_text(scheme))
}

/// The values of a cookie, in all `Cookie` lines (RFC 6265 §4.2.1; HTTP/2 divides them).
fn in_cookies<'r>(headers: &'r HeaderMap, name: &str) -> impl Iterator<Item = &'r [u8]> {
    let lines = headers.get_all(COOKIE).into_iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    let name = name.to_owned();
    pairs.filter_map(move |pair| {
        let pair = pair.trim_ascii();
        let (found, value) = pair.split_at_checked(pair.iter().position(|b| *b == b'=')?)?;
        let value = value.get(1..)?.trim_ascii();
        let quoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
        (found.trim_ascii() == name.as_bytes()).then_some(quoted.unwrap_or(value))
    })
}
