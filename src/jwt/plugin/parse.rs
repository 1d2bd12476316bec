//! From text to document: YAML or JSON, with the place of every problem and of every field that is
//! not known.
//!
//! What begins like JSON is read as JSON, because YAML reads tabs and escapes otherwise; if it is no
//! JSON after all, it is YAML in braces. Aliases and depth are bounded by the YAML parser's budget.

use serde::de::{Deserialize, Deserializer};
use serde_path_to_error::Track;

use super::document::{Document, FIELDS};
use crate::jwt::JwtConfigError;

/// The document, and the paths of the fields that are not known.
pub(super) fn document(text: &str) -> Result<(Document, Vec<String>), JwtConfigError> {
    let json = text.trim_start().starts_with('{').then(|| json(text)).flatten();
    json.unwrap_or_else(|| yaml(text))
}

/// `None` if it is no JSON.
fn json(text: &str) -> Option<Result<(Document, Vec<String>), JwtConfigError>> {
    let mut json = serde_json::Deserializer::from_str(text);
    match read(&mut json) {
        Ok(read) => json.end().is_ok().then_some(Ok(read)),
        Err((_, error)) if error.is_syntax() || error.is_eof() => None,
        Err((path, error)) => Some(Err(problem(path, &error.to_string()))),
    }
}

fn yaml(text: &str) -> Result<(Document, Vec<String>), JwtConfigError> {
    // Without snippets: they would show keys.
    let options = serde_saphyr::options! { with_snippet: false };
    let mut place = String::new();
    serde_saphyr::with_deserializer_from_str_with_options(text, options, |yaml| {
        read(yaml).map_err(|(path, error)| {
            place = path;
            error
        })
    })
    .map_err(|error| problem(place, &error.to_string()))
}

type Read<E> = Result<(Document, Vec<String>), (String, E)>;

fn read<'de, D: Deserializer<'de>>(source: D) -> Read<D::Error> {
    let (mut track, mut unknown) = (Track::new(), Vec::new());
    let source = serde_path_to_error::Deserializer::new(source, &mut track);
    let mut note = |path: serde_ignored::Path<'_>| {
        let path = plain(&path.to_string());
        // RFC 7517 §4: members of a JWK that are not understood are ignored.
        let name = path.rsplit('.').next().unwrap_or_default();
        if !is_in_a_key(&path) || FIELDS.contains(&name) {
            unknown.push(path);
        }
    };
    let source = serde_ignored::Deserializer::new(source, &mut note);
    let read = Document::deserialize(source);
    read.map(|document| (document, unknown))
        .map_err(|error| (plain(&track.path().to_string()), error))
}

/// A path like `claimParameters[0].location`, without the parsers' own marks.
fn plain(path: &str) -> String {
    let mut plain = String::new();
    for segment in path.split('.').filter(|segment| !matches!(*segment, "" | "?")) {
        match segment.parse::<usize>() {
            Ok(index) => plain.push_str(&format!("[{index}]")),
            Err(_) if plain.is_empty() => plain.push_str(segment),
            Err(_) => plain.push_str(&format!(".{segment}")),
        }
    }
    plain
}

fn is_in_a_key(path: &str) -> bool {
    ["jwk.", "jwks.", "jwks["].iter().any(|beginning| path.starts_with(beginning))
}

/// A problem in one line. The parsers' messages may show values, so inside a key only those are
/// repeated that show names.
fn problem(path: String, message: &str) -> JwtConfigError {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let shows_names_only = ["missing field", "duplicate"].iter().any(|w| message.starts_with(w));
    if is_in_a_key(&path) && !shows_names_only {
        return JwtConfigError::new(
            path,
            "this is no JWK: it has another type, or is not readable",
        );
    }
    JwtConfigError::new(path, without_advice(without_value(message)))
}

/// What was expected, and not what stands there: a key may stand in the wrong place.
fn without_value(message: String) -> String {
    let shows_a_value =
        ["invalid type: ", "invalid value: "].iter().any(|w| message.starts_with(w));
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if shows_a_value => format!("expected {expected}"),
        _ => message,
    }
}

/// The parser's advice to programmers is none for the document's author.
fn without_advice(message: String) -> String {
    for advice in [", set DuplicateKeyPolicy", "; use "] {
        if let Some((problem, advice)) = message.split_once(advice) {
            let place = advice.rfind(" at line ").and_then(|at| advice.get(at..));
            return format!("{problem}{}", place.unwrap_or_default());
        }
    }
    message
}
