//! The values of flags.

use countersign::sign::Stage;
use http::{HeaderName, HeaderValue, Uri};

use crate::Problem;

pub(crate) fn header(word: &str) -> Result<(HeaderName, HeaderValue), Problem> {
    let no_header = || Problem(format!("{:?} is no `Name: value`", name_of(word)));
    let (name, value) = word.split_once(':').ok_or_else(no_header)?;
    let name = name.trim().parse().map_err(|_| no_header())?;
    let value = HeaderValue::from_bytes(value.trim().as_bytes()).map_err(|_| no_header())?;
    Ok((name, value))
}

/// Without the value: it may be a credential.
fn name_of(word: &str) -> &str {
    word.split(':').next().unwrap_or_default()
}

pub(crate) fn field(word: &str) -> Result<(String, String), Problem> {
    let (name, value) = word
        .split_once('=')
        .ok_or_else(|| Problem(format!("--form takes NAME=VALUE, not {word:?}")))?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(crate) fn stage(word: &str) -> Result<Stage, Problem> {
    let stages = [Stage::Release, Stage::Pre, Stage::Test];
    let found = stages.into_iter().find(|stage| stage.as_str().eq_ignore_ascii_case(word));
    found.ok_or_else(|| Problem(format!("--stage is release, pre or test, not {word:?}")))
}

pub(crate) fn timestamp(word: &str) -> Result<u64, Problem> {
    word.parse().map_err(|_| Problem(format!("--timestamp is in milliseconds, not {word:?}")))
}

pub(crate) fn against(word: &str) -> Result<Uri, Problem> {
    let url = target(word)?;
    match url.scheme_str() {
        Some("http" | "https") => Ok(url),
        _ => Err(Problem(format!("--against takes http:// or https://, not {word:?}"))),
    }
}

/// A URL, or a path alone. What would be lost or changed on the way is refused.
pub(crate) fn target(word: &str) -> Result<Uri, Problem> {
    if !word.is_ascii() {
        return Err(Problem(format!("{word:?}: escape what is not ASCII, as in `%E4%BD%A0`")));
    }
    if word.contains('#') {
        return Err(Problem(format!("{word:?} has a fragment, which is not sent: `%23` is a `#`")));
    }
    let url: Uri = word.parse().map_err(|error| Problem(format!("{word:?} is no URL: {error}")))?;
    let is_path = url.scheme().is_none() && word.starts_with('/');
    let is_url = matches!(url.scheme_str(), Some("http" | "https"));
    match is_path || is_url {
        true => Ok(url),
        false => Err(Problem(format!("{word:?} is neither a URL nor a path"))),
    }
}
